// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { EpochNanos, EpochMillis, Micros } from './units';
import { toEpochMillis } from './units';

/** Three significant digits, in the unit that keeps them short: 4.84 ms, 648 ms, 1.94 s, 3 m 12 s. */
export function formatDuration(value: Micros): string {
  if (value < 0) {
    return `-${formatDuration(-value as Micros)}`;
  }
  if (value === 0) {
    return '0';
  }
  if (value < 0.9995) {
    return `${digits(value * 1_000)} ns`;
  }
  if (value < 999.5) {
    return `${digits(value)} µs`;
  }
  if (value < 999_500) {
    return `${digits(value / 1_000)} ms`;
  }
  const seconds = value / 1_000_000;
  if (seconds < 59.95) {
    return `${digits(seconds)} s`;
  }
  const whole = Math.round(seconds);
  if (whole < 3_600) {
    return `${Math.floor(whole / 60)} m ${whole % 60} s`;
  }
  const minutes = Math.round(seconds / 60);
  return minutes < 1_440
    ? `${Math.floor(minutes / 60)} h ${minutes % 60} m`
    : `${Math.floor(minutes / 1_440)} d ${Math.floor((minutes % 1_440) / 60)} h`;
}

function digits(value: number): string {
  return value >= 99.95 ? value.toFixed(0) : trim(value >= 9.995 ? value.toFixed(1) : value.toFixed(2));
}

function trim(text: string): string {
  return text.replace(/\.?0+$/, '');
}

const COUNT = new Intl.NumberFormat('en');

/** 12345 as 12,345. */
export function formatCount(value: number): string {
  return COUNT.format(value);
}

/** 1 span, 2 spans. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function formatBytes(bytes: number): string {
  let value = bytes;
  let at = 0;
  while (value >= 1023.5 && at < BYTE_UNITS.length - 1) {
    value /= 1024;
    at++;
  }
  return `${at === 0 ? value : digits(value)} ${BYTE_UNITS[at]}`;
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, '0');
}

/** 14:03:05.120 in local time. */
export function formatClock(time: EpochMillis, withMillis = false): string {
  const date = new Date(time);
  const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  return withMillis ? `${clock}.${pad(date.getMilliseconds(), 3)}` : clock;
}

/** 2026-11-23 in local time. */
export function formatDay(time: EpochMillis): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** Day and clock in local time, to the millisecond. */
export function formatTime(time: EpochNanos): string {
  const millis = toEpochMillis(time);
  return `${formatDay(millis)} ${formatClock(millis, true)}`;
}

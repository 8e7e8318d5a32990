// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { EpochMillis } from '../ui/units';
import { epochMillis } from '../ui/units';
import { formatClock, formatDay } from '../ui/format';

/*
 * A range of time as the URL has it, in two texts: each is `now`, `now-90m`, epoch milliseconds, or ISO 8601 (local
 * time where it names no zone). Relative ones stay relative, so that a page that is opened tomorrow shows tomorrow.
 */

export type RangeTexts = { readonly from: string; readonly to: string };
export type ResolvedRange = { readonly start: EpochMillis; readonly end: EpochMillis };

export const DEFAULT_RANGE: RangeTexts = { from: 'now-1h', to: 'now' };

export const PRESETS: readonly { readonly label: string; readonly texts: RangeTexts }[] = [
  ['5 minutes', '5m'],
  ['15 minutes', '15m'],
  ['hour', '1h'],
  ['3 hours', '3h'],
  ['12 hours', '12h'],
  ['day', '1d'],
  ['7 days', '7d'],
].map(([label, length]) => ({
  label: `Last ${label ?? ''}`,
  texts: { from: `now-${length ?? ''}`, to: 'now' },
}));

const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const UNIT_NAMES: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
};
const RELATIVE = /^now(?:-(\d{1,6})([smhdw]))?$/;
const MILLIS = /^\d{12,14}$/;
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?(Z|[+-]\d{2}:?\d{2})?$/;

/** Returns the time, or undefined if the text is none. */
export function resolveTime(text: string, now: EpochMillis): EpochMillis | undefined {
  const relative = RELATIVE.exec(text);
  if (relative) {
    const [, count, unit] = relative;
    return count === undefined || unit === undefined
      ? now
      : epochMillis(now - Number(count) * (UNITS[unit] ?? 0));
  }
  if (MILLIS.test(text)) {
    return epochMillis(Number(text));
  }
  const iso = ISO.exec(text);
  if (iso) {
    const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '0', zone = ''] = iso;
    const millis = Date.parse(
      `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}${zone}`,
    );
    return Number.isNaN(millis) ? undefined : epochMillis(millis);
  }
  return undefined;
}

/** Returns the range, or undefined if a text is no time or the end is not after the start. */
export function resolveRange(texts: RangeTexts, now: EpochMillis): ResolvedRange | undefined {
  const start = resolveTime(texts.from, now);
  const end = resolveTime(texts.to, now);
  return start === undefined || end === undefined || end <= start ? undefined : { start, end };
}

export function isRelative(texts: RangeTexts): boolean {
  return RELATIVE.test(texts.from) || RELATIVE.test(texts.to);
}

function startOfDay(time: EpochMillis, days: number): EpochMillis {
  const date = new Date(time);
  return epochMillis(new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime());
}

const LENGTH = /^(?:last\s+)?(\d{1,6})\s*([smhdw])(?:[a-z]*)$/i;
const CLOCKS = /^(\d{1,2}):(\d{2})\s*(?:-|–|to)\s*(\d{1,2}):(\d{2})$/i;

/** Returns what someone typed: `90m`, `last 3 h`, `today`, `11:00-11:30`, or two times with `to` between. */
export function parseTyped(typed: string, now: EpochMillis): RangeTexts | undefined {
  const text = typed.trim();
  const length = LENGTH.exec(text);
  if (length && Number(length[1]) > 0) {
    return { from: `now-${Number(length[1])}${(length[2] ?? '').toLowerCase()}`, to: 'now' };
  }
  const word = text.toLowerCase();
  if (word === 'today') {
    return texts(startOfDay(now, 0), startOfDay(now, 1));
  }
  if (word === 'yesterday') {
    return texts(startOfDay(now, -1), startOfDay(now, 0));
  }
  const clocks = CLOCKS.exec(text);
  if (clocks) {
    const [, fromHour, fromMinute, toHour, toMinute] = clocks.map(Number);
    const day = startOfDay(now, 0);
    const start = epochMillis(day + (fromHour ?? 0) * 3_600_000 + (fromMinute ?? 0) * 60_000);
    const end = epochMillis(day + (toHour ?? 0) * 3_600_000 + (toMinute ?? 0) * 60_000);
    return end > start && (toHour ?? 0) <= 24 ? texts(start, end) : undefined;
  }
  const parts = text.split(/\s+(?:-|–|to)\s+|\s*\/\s*/);
  const [from, to] = parts;
  if (parts.length === 2 && from !== undefined && to !== undefined) {
    const range = { from, to };
    return resolveRange(range, now) === undefined ? undefined : range;
  }
  return undefined;
}

function texts(start: EpochMillis, end: EpochMillis): RangeTexts {
  return { from: new Date(start).toISOString(), to: new Date(end).toISOString() };
}

/** The same range in times that do not move. */
export function pin(range: ResolvedRange): RangeTexts {
  return texts(range.start, range.end);
}

/** Moves a range back (-1) or on (1) by half its length. */
export function shift(range: ResolvedRange, direction: -1 | 1): RangeTexts {
  const half = ((range.end - range.start) / 2) * direction;
  return texts(epochMillis(range.start + half), epochMillis(range.end + half));
}

/** Twice as long around the same middle, though not past now. */
export function zoomOut(range: ResolvedRange, now: EpochMillis): RangeTexts {
  const length = range.end - range.start;
  const end = Math.min(Math.max(now, range.end), range.end + length / 2);
  return texts(epochMillis(Math.max(0, end - 2 * length)), epochMillis(end));
}

/** Says a range in a few words. */
export function describeRange(range: RangeTexts, now: EpochMillis): string {
  const relative = RELATIVE.exec(range.from);
  if (relative?.[1] !== undefined && range.to === 'now') {
    const count = Number(relative[1]);
    const unit = UNIT_NAMES[relative[2] ?? ''] ?? '';
    return count === 1 ? `Last ${unit}` : `Last ${count} ${unit}s`;
  }
  const resolved = resolveRange(range, now);
  if (resolved === undefined) {
    return 'Not a range of time';
  }
  const { start, end } = resolved;
  const clock = (time: EpochMillis): string => formatClock(time).replace(/:00$/, '');
  const sameDay = formatDay(start) === formatDay(end);
  const today = formatDay(start) === formatDay(now) && sameDay;
  const from = today ? clock(start) : `${formatDay(start)} ${clock(start)}`;
  return `${from} – ${sameDay ? clock(end) : `${formatDay(end)} ${clock(end)}`}`;
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { badShare, meanOf } from '../../graph/map-model';
import type { Calls, MapEdge, MapNode } from '../../graph/map-model';
import { changeOf, meanChange } from '../../graph/change';
import type { Change } from '../../graph/change';
import { formatCount, formatDuration } from '../../ui/format';
import { micros } from '../../ui/units';
import type { Micros } from '../../ui/units';
import type { Measure } from './map-search';

function short(value: number): string {
  if (value >= 10_000) {
    return `${formatCount(Math.round(value / 1_000))}k`;
  }
  return value >= 99.95 ? formatCount(Math.round(value)) : value >= 9.95 ? value.toFixed(0) : value.toFixed(1);
}

/** In the unit that keeps it readable: 12/s, 4.2/min, 3.0/h. */
export function formatRate(count: number, seconds: number): string {
  const perSecond = count / seconds;
  if (perSecond === 0) {
    return '0/s';
  }
  if (perSecond >= 1) {
    return `${short(perSecond)}/s`;
  }
  return perSecond * 60 >= 1 ? `${short(perSecond * 60)}/min` : `${short(perSecond * 3_600)}/h`;
}

/** A part of the whole: 0 %, < 0.1 %, 3.2 %, 61 %. */
export function formatShare(share: number): string {
  if (share === 0) {
    return '0 %';
  }
  if (share < 0.001) {
    return '< 0.1 %';
  }
  const percent = share * 100;
  return `${percent >= 9.95 ? percent.toFixed(0) : percent.toFixed(1).replace(/\.0$/, '')} %`;
}

export function formatMaybe(value: Micros | undefined): string {
  return value === undefined ? '–' : formatDuration(value);
}

export function formatMeasure(calls: Calls, measure: Measure, seconds: number): string {
  switch (measure) {
    case 'rate':
      return formatRate(calls.total, seconds);
    case 'mean':
      return formatMaybe(meanOf(calls));
    case 'p50':
      return formatMaybe(calls.p50);
    case 'p95':
      return formatMaybe(calls.p95);
    case 'p99':
      return formatMaybe(calls.p99);
    case 'errors':
      return formatShare(badShare(calls));
    case 'none':
      return '';
  }
}

/** What a measure ranks by. */
export function measureValue(calls: Calls, measure: Measure): number {
  switch (measure) {
    case 'rate':
    case 'none':
      return calls.total;
    case 'mean':
      return meanOf(calls) ?? 0;
    case 'p50':
      return calls.p50 ?? 0;
    case 'p95':
      return calls.p95 ?? 0;
    case 'p99':
      return calls.p99 ?? 0;
    case 'errors':
      return badShare(calls);
  }
}

export const CHANGE_NAMES: Readonly<Record<Change, string>> = {
  new: 'new',
  gone: 'gone',
  faults: 'more fail',
  slower: 'slower',
  faster: 'faster',
  fewer: 'fewer fail',
  same: 'as before',
};

/** With its sign: +140 ms, −3 ms. */
export function formatDurationChange(value: number): string {
  return value === 0 ? '0' : `${value < 0 ? '−' : '+'}${formatDuration(micros(Math.abs(value)))}`;
}

function formatRatio(ratio: number): string {
  return `×${ratio >= 9.95 ? ratio.toFixed(0) : ratio >= 0.095 ? +ratio.toFixed(1) : +ratio.toFixed(2)}`;
}

/** What has changed in a few words: new, +140 ms (×3), 2 % → 20 % bad. */
export function formatChange({ calls, then }: Pick<MapNode | MapEdge, 'calls' | 'then'>): string {
  const change = then && changeOf({ calls, then });
  if (change === undefined || then === undefined) {
    return '';
  }
  switch (change) {
    case 'slower':
    case 'faster':
      return `${formatDurationChange(meanChange(calls, then.calls))} (${formatRatio((meanOf(calls) ?? 0) / (meanOf(then.calls) ?? 1))})`;
    case 'faults':
    case 'fewer':
      return `${formatShare(badShare(then.calls))} → ${formatShare(badShare(calls))} bad`;
    default:
      return CHANGE_NAMES[change];
  }
}

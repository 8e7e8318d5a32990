// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import type { EpochNanos } from '../../ui/units';
import { rankText } from './Rank';
import type { Skeleton } from './skeleton';
import { flameOf, operationsOf } from './statistics';
import { servicesOf } from './TraceMap';
import { FAULT, traceModel } from './trace-model';

const columns = (values: readonly number[]): Int32Array => Int32Array.from(values);
const skeleton = {
  durationNanos: '1000000',
  parents: columns([-1, 0, 1, 0]),
  startMicros: Float64Array.from([0, 100, 150, 300]),
  durationMicros: Float64Array.from([1000, 200, 100, 400]),
  services: columns([0, 1, 2, 1]),
  names: columns([0, 1, 2, 1]),
  kinds: columns([2, 2, 2, 2]),
  flags: columns([0, 0, 0, FAULT]),
  statuses: columns([-1, -1, -1, -1]),
  serviceTexts: ['front', 'cart', 'stock'],
  nameTexts: ['GET /', 'Get', 'Find'],
  statusTexts: [],
  criticalPath: [
    { span: 0, startMicros: 0, durationMicros: 600 },
    { span: 3, startMicros: 300, durationMicros: 400 },
  ],
  deadlines: new Map(),
  attempts: new Map(),
  ticks: new Map(),
} as unknown as Skeleton;
const model = traceModel(skeleton);

describe('statistics', () => {
  it('add up spans of one operation', () => {
    expect(operationsOf(model)[1]).toEqual({
      key: '4',
      service: 'cart',
      name: 'Get',
      count: 2,
      bad: 1,
      total: 600,
      self: 500,
      p50: 200,
      p95: 400,
      max: 400,
      path: 0.4,
    });
  });

  it('of the flame never give children more than their parent has', () => {
    const all = flameOf(model);
    expect(all.weight).toBe(1000);
    expect(all.children[0]).toMatchObject({ name: 'GET /', self: 400, weight: 1000, count: 1 });
    expect(all.children[0]?.children[0]).toMatchObject({ name: 'Get', self: 500, weight: 600, count: 2 });
  });

  it('of the map count calls from service to service', () => {
    expect(servicesOf(model)).toEqual({
      nodes: [
        { service: 'front', spans: 1, self: 400, worst: 'ok' },
        { service: 'cart', spans: 2, self: 500, worst: 'fault' },
        { service: 'stock', spans: 1, self: 100, worst: 'ok' },
      ],
      calls: [
        { from: 0, to: 1, count: 2 },
        { from: 1, to: 2, count: 1 },
      ],
    });
  });
});

describe('the rank of a span', () => {
  const rank = (spanCount: number, shorterCount: number, limitReached = false) => ({
    spanCount,
    shorterCount,
    equalCount: 0,
    traceCount: 1,
    limitReached,
    startEpochNanos: '0' as EpochNanos,
    endEpochNanos: '1' as EpochNanos,
  });

  it.each([
    [rank(0, 0), 'No other Get was found.'],
    [rank(4, 3), 'Slower than 3 of 4 others; too few to say more.'],
    [rank(100, 97), 'Slower than 97 % of 100 others.'],
    [rank(1000, 999, true), 'Slower than 99.9 % of the newest 1,000 others.'],
    [rank(50, 0), 'Slower than 0 % of 50 others.'],
    [rank(50, 50), 'Slower than 100 % of 50 others.'],
  ])('says as much as is known', (given, text) => {
    expect(rankText(given, 'Get')).toBe(text);
  });
});

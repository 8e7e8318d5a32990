// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { COMPARISON } from '../../api/schemas';
import type { Comparison } from '../../api/schemas';
import {
  compareModel,
  compareRows,
  mostDifferent,
  ratioText,
  sideOf,
  sidesSearch,
  typedSide,
} from './compare-model';

function part(total: number, self: number): unknown {
  const nanos = (millis: number): string => String(millis * 1_000_000);
  return {
    traceCount: 1,
    count: 1,
    totalNanos: nanos(total),
    selfNanos: nanos(self),
    criticalNanos: '0',
    failedCount: 0,
  };
}

/** front 100/40 > [cart 10/12, pay 80/20 > bank 70/10, mail -/5]. */
const COMPARED: Comparison = COMPARISON.decode(
  {
    a: { traceCount: 1, spanCount: 4, durationNanos: '100000000', criticalNanos: '100000000' },
    b: { traceCount: 1, spanCount: 5, durationNanos: '40000000', criticalNanos: '40000000' },
    nodes: [
      { service: 'front', name: 'checkout', kind: 'server', a: part(100, 10), b: part(40, 3) },
      { parentIndex: 0, service: 'cart', name: 'get', kind: 'server', a: part(10, 10), b: part(12, 12) },
      { parentIndex: 0, service: 'pay', name: 'charge', kind: 'server', a: part(80, 10), b: part(20, 10) },
      { parentIndex: 2, service: 'bank', name: 'transfer', kind: 'client', a: part(70, 70), b: part(10, 10) },
      { parentIndex: 0, service: 'mail', name: 'send', kind: 'server', b: part(5, 5) },
    ],
    pathCount: 5,
    leftOutSpanCount: 0,
  },
  '',
);

describe('a comparison', () => {
  const model = compareModel(COMPARED);
  const all = { closed: new Set<number>(), byDifference: false, least: 0 };

  it('has the difference of each path, and of what is its own', () => {
    expect([...model.difference]).toEqual([60_000, -2_000, 60_000, 60_000, -5_000]);
    expect([...model.ownDifference]).toEqual([7_000, -2_000, 0, 60_000, -5_000]);
    expect([...model.depths]).toEqual([0, 1, 1, 2, 1]);
    expect(model.longest).toBe(100_000);
  });

  it('shows paths in the order of the tree or by difference', () => {
    expect([...compareRows(model, all)]).toEqual([0, 1, 2, 3, 4]);
    expect([...compareRows(model, { ...all, byDifference: true })]).toEqual([0, 2, 3, 4, 1]);
  });

  it('hides what is closed, and what differs little but not what is above a difference', () => {
    expect([...compareRows(model, { ...all, closed: new Set([2]) })]).toEqual([0, 1, 2, 4]);
    expect([...compareRows(model, { ...all, least: 0.5 })]).toEqual([0, 2, 3]);
  });

  it('tells where the time went', () => {
    expect(mostDifferent(model, 3)).toEqual([3, 0]);
  });
});

describe('sides', () => {
  it('go into an address and come out of it', () => {
    const search = sidesSearch({ id: '1-x' }, { filter: 'fault', like: '1-x' });
    expect(search).toEqual({ a: '1-x', bFilter: 'fault', bLike: '1-x' });
    expect(sideOf(search, 'a')).toEqual({ id: '1-x' });
    expect(sideOf(search, 'b')).toEqual({ filter: 'fault', like: '1-x' });
    expect(sideOf({}, 'a')).toBeUndefined();
  });

  it('are typed as an id or as a filter', () => {
    expect(typedSide(' 1-6553F0E2-bd862e3fe1be46a994272793 ')).toEqual({
      id: '1-6553f0e2-bd862e3fe1be46a994272793',
    });
    expect(typedSide('service("x")')).toEqual({ filter: 'service("x")' });
    expect(typedSide(' ')).toBeUndefined();
  });
});

it.each([
  [300, 100, '× 3'],
  [100, 320, '× 3.2'],
  [2_000, 100, '× 20'],
  [100, 101, ''],
  [0, 5, ''],
])('the ratio of %d to %d is "%s"', (a, b, text) => {
  expect(ratioText(a, b)).toBe(text);
});

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import type { MapNode } from '../../graph/map-model';
import { micros } from '../../ui/units';
import { both, durationCondition, edgeClause, nodeClause } from './filters';
import { formatRate, formatShare } from './map-format';
import { listText, mapSearch } from './map-search';

describe('formatRate', () => {
  it.each([
    [0, 60, '0/s'],
    [7_200, 3_600, '2.0/s'],
    [45_000, 3_600, '13/s'],
    [400, 3_600, '6.7/min'],
    [20, 3_600, '20/h'],
    [36_000_000_0, 3_600, '100k/s'],
  ])('%d in %d seconds is %s', (count, seconds, text) => {
    expect(formatRate(count, seconds)).toBe(text);
  });
});

describe('formatShare', () => {
  it.each([
    [0, '0 %'],
    [0.0002, '< 0.1 %'],
    [0.031, '3.1 %'],
    [0.2, '20 %'],
    [1, '100 %'],
  ])('%d is %s', (share, text) => {
    expect(formatShare(share)).toBe(text);
  });
});

describe('filters', () => {
  const node = (name: string, type: string, ambiguous: boolean): MapNode => ({
    key: name,
    id: { name, type },
    kind: 'service',
    calls: { total: 0, ok: 0, error: 0, throttle: 0, fault: 0, durationMicros: 0 },
    ambiguous,
    count: 1,
    incoming: [],
    outgoing: [],
  });

  it('name a service, with its type where that is needed, and quote it', () => {
    expect(nodeClause(node('cart', 'AWS::ECS::Container', false))).toBe('service("cart")');
    expect(nodeClause(node('a "b" \\', '', false))).toBe('service("a \\"b\\" \\\\")');
    expect(nodeClause(node('front', 'client', true), 'fault')).toBe(
      'service(id(name: "front", type: "client")) { fault }',
    );
  });

  it('name an edge with response times', () => {
    const edge = {
      key: '',
      from: node('a', '', false),
      to: node('b', '', false),
      calls: node('', '', false).calls,
      link: false,
      ages: undefined,
      aliases: [],
    };
    expect(edgeClause(edge, durationCondition(micros(1_500), micros(2_000_000)))).toBe(
      'edge("a", "b") { responsetime >= 0.0015 AND responsetime <= 2 }',
    );
  });

  it.each([
    ['', 'service("a")'],
    ['service("a")', 'service("a")'],
    ['fault', 'fault AND service("a")'],
    ['fault OR error', '(fault OR error) AND service("a")'],
  ])('join %j', (before, expected) => {
    expect(both(before, 'service("a")')).toBe(expected);
  });
});

describe('mapSearch', () => {
  it('has defaults', () => {
    expect(mapSearch({})).toEqual({
      sel: undefined,
      focus: undefined,
      hops: 1,
      label: 'rate',
      min: 0,
      view: 'map',
      size: 'same',
      by: 'none',
      open: [],
      hide: [],
      cmp: undefined,
      at: undefined,
      problems: [],
    });
  });

  it('takes what it knows', () => {
    expect(mapSearch({ sel: 'a -> b', focus: 'a', hops: '3', label: 'p99', min: '0.5', view: 'edges' })).toMatchObject({
      sel: 'a -> b',
      focus: 'a',
      hops: 3,
      label: 'p99',
      min: 0.5,
      view: 'edges',
      problems: [],
    });
  });

  it('takes lists of names with anything in them', () => {
    const names = ['a|b', 'c (d)', '100 %'];
    expect(mapSearch({ hide: listText(names), open: 'x|y' })).toMatchObject({ hide: names, open: ['x', 'y'], problems: [] });
    expect(mapSearch({ hide: '100%' }).hide).toEqual(['100%']);
    expect(listText([])).toBeUndefined();
  });

  it('replays rather than compares, and says so', () => {
    expect(mapSearch({ at: '1763899200000' })).toMatchObject({ at: 1_763_899_200_000, problems: [] });
    expect(mapSearch({ at: '1763899200000', cmp: 'day' })).toMatchObject({ cmp: undefined, problems: [expect.stringMatching(/replayed/)] });
    expect(mapSearch({ at: 'noon' })).toMatchObject({ at: undefined, problems: [expect.stringContaining('at=noon')] });
  });

  it('says what it does not know', () => {
    const { problems, ...search } = mapSearch({ hops: '9', label: 'speed', min: 'x', view: 'list' });
    expect(search).toMatchObject({ hops: 1, label: 'rate', min: 0, view: 'map' });
    expect(problems).toHaveLength(4);
    expect(problems.join(' ')).toContain('label=speed');
  });
});

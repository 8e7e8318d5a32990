// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { RADIUS, curveBetween, distanceTo, pointOn } from './curve';
import { Grid } from './grid';
import type { MapNode } from './map-model';
import { walk } from './walk';
import type { PlacedNode } from './walk';

describe('curveBetween', () => {
  it.each([
    ['to the right', { x: 300, y: 50 }],
    ['back', { x: -300, y: 50 }],
    ['down the same column', { x: 0, y: 200 }],
    ['to itself', { x: 0, y: 0 }],
  ])('leads %s from disc to disc', (_, to) => {
    const from = { x: 0, y: 0 };
    const curve = curveBetween(from, to);
    const start = pointOn(curve, 0);
    const end = pointOn(curve, 1);
    expect(Math.hypot(start.x - from.x, start.y - from.y)).toBeCloseTo(RADIUS, -0.5);
    expect(Math.hypot(end.x - to.x, end.y - to.y)).toBeGreaterThan(RADIUS);
    expect(Math.hypot(end.x - to.x, end.y - to.y)).toBeLessThan(RADIUS + 10);
  });
});

describe('distanceTo', () => {
  const curve = curveBetween({ x: 0, y: 0 }, { x: 300, y: 100 });

  it('is next to nothing on the curve', () => {
    expect(distanceTo(curve, pointOn(curve, 0.37), 5)).toBeLessThan(1);
  });

  it('is infinite far away', () => {
    expect(distanceTo(curve, { x: 150, y: 400 }, 5)).toBe(Infinity);
  });
});

describe('Grid', () => {
  const grid = new Grid([{ x: 10, y: 10 }, { x: 60, y: 10 }, { x: -500, y: 900 }], 50);

  it.each([
    [12, 11, 20, { x: 10, y: 10 }],
    [40, 10, 50, { x: 60, y: 10 }],
    [-490, 890, 20, { x: -500, y: 900 }],
  ])('finds what is nearest to %d, %d', (x, y, within, expected) => {
    expect(grid.nearest(x, y, within)).toEqual(expected);
  });

  it('finds nothing where nothing is near', () => {
    expect(grid.nearest(300, 300, 50)).toBeUndefined();
  });
});

describe('walk', () => {
  const calls = { total: 0, ok: 0, error: 0, throttle: 0, fault: 0, durationMicros: 0 };
  const open = (key: string): MapNode & { incoming: MapNode['incoming'][number][]; outgoing: MapNode['outgoing'][number][] } => ({
    key,
    id: { name: key, type: '' },
    kind: 'service',
    calls,
    ambiguous: false,
    count: 1,
    incoming: [],
    outgoing: [],
  });
  const nodes = { front: open('front'), cart: open('cart'), pay: open('pay'), bank: open('bank') };
  for (const [from, to] of [
    [nodes.front, nodes.cart],
    [nodes.front, nodes.pay],
    [nodes.pay, nodes.bank],
  ] as const) {
    const edge = { key: `${from.key} -> ${to.key}`, from, to, calls, link: false, ages: undefined, aliases: [] };
    from.outgoing.push(edge);
    to.incoming.push(edge);
  }
  const placed = new Map<string, PlacedNode>([
    ['front', { node: nodes.front, x: 0, y: 60 }],
    ['cart', { node: nodes.cart, x: 200, y: 0 }],
    ['pay', { node: nodes.pay, x: 200, y: 100 }],
    ['bank', { node: nodes.bank, x: 400, y: 100 }],
  ]);
  const at = (key: string): PlacedNode => placed.get(key) ?? { node: nodes.front, x: 0, y: 0 };

  it.each([
    ['front', 'right', 'pay'],
    ['bank', 'left', 'pay'],
    ['pay', 'up', 'cart'],
    ['cart', 'down', 'pay'],
    ['bank', 'right', undefined],
    ['cart', 'up', undefined],
  ] as const)('from %s %s is %s', (from, direction, to) => {
    expect(walk(placed, at(from), direction)?.node.key).toBe(to);
  });
});

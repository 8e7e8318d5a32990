// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { MapNode } from './map-model';

export type Direction = 'left' | 'right' | 'up' | 'down';
export type PlacedNode = { readonly node: MapNode; readonly x: number; readonly y: number };

/** Nodes whose middles are nearer than this in x stand in one column. */
const SAME_COLUMN = 60;

/**
 * Where an arrow key leads from a node: right to a callee, left to a caller, up and down to what stands there.
 * Undefined if there is nothing.
 */
export function walk(
  placed: ReadonlyMap<string, PlacedNode>,
  from: PlacedNode,
  direction: Direction,
): PlacedNode | undefined {
  if (direction === 'left' || direction === 'right') {
    const near =
      direction === 'right' ? from.node.outgoing.map((each) => each.to) : from.node.incoming.map((each) => each.from);
    const places = near.flatMap((each) => placed.get(each.key) ?? []).filter((each) => each !== from);
    const ahead = places.filter((each) => (direction === 'right' ? each.x > from.x : each.x < from.x));
    return least(ahead.length > 0 ? ahead : places, (each) => Math.abs(each.y - from.y) + Math.abs(each.x - from.x) / 4);
  }
  const sign = direction === 'down' ? 1 : -1;
  const ahead = [...placed.values()].filter((each) => (each.y - from.y) * sign > 1);
  const column = ahead.filter((each) => Math.abs(each.x - from.x) < SAME_COLUMN);
  return least(
    column.length > 0 ? column : ahead,
    (each) => Math.abs(each.y - from.y) + Math.abs(each.x - from.x) * 3,
  );
}

function least(places: readonly PlacedNode[], by: (place: PlacedNode) => number): PlacedNode | undefined {
  let found: PlacedNode | undefined;
  let best = Infinity;
  for (const place of places) {
    const value = by(place);
    if (value < best) {
      best = value;
      found = place;
    }
  }
  return found;
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { ROW, layout } from './layout';
import type { Earlier, Layout, LayoutEdge, LayoutNode } from './layout';
import { randomGraph } from './random-graph';

function nodesOf(...keys: readonly string[]): LayoutNode[] {
  return keys.map((key) => ({ key, width: 80 }));
}

function earlierOf(nodes: readonly LayoutNode[], { places }: Layout): Earlier {
  return new Map(nodes.flatMap(({ key }, i) => (places[i] === undefined ? [] : [[key, places[i]]])));
}

/** Returns pairs of nodes whose rooms overlap. */
function overlaps(nodes: readonly LayoutNode[], { places }: Layout): string[] {
  const boxes = nodes
    .map(({ key, width }, i) => ({ key, width, x: places[i]?.x ?? NaN, y: places[i]?.y ?? NaN }))
    .sort((a, b) => a.x - b.x);
  const found: string[] = [];
  boxes.forEach((a, i) => {
    for (const b of boxes.slice(i + 1)) {
      if (b.x - a.x > 200) {
        break;
      }
      const apart = Math.abs(b.x - a.x) >= (a.width + b.width) / 2 - 1e-6 || Math.abs(b.y - a.y) >= ROW - 1e-6;
      if (!apart) {
        found.push(`${a.key} ${b.key}`);
      }
    }
  });
  return found;
}

function xOf({ places }: Layout, at: number): number {
  return places[at]?.x ?? NaN;
}

describe('layout', () => {
  it('puts callers left of whom they call', () => {
    const result = layout(nodesOf('a', 'b', 'c', 'd'), [
      [0, 1],
      [1, 2],
      [0, 2],
      [2, 3],
    ]);
    expect(xOf(result, 0)).toBeLessThan(xOf(result, 1));
    expect(xOf(result, 1)).toBeLessThan(xOf(result, 2));
    expect(xOf(result, 2)).toBeLessThan(xOf(result, 3));
  });

  it('puts whom nobody calls next to whom it calls', () => {
    const result = layout(nodesOf('a', 'b', 'c', 'cron'), [
      [0, 1],
      [1, 2],
      [3, 2],
    ]);
    expect(result.places[3]?.layer).toBe(1);
  });

  it('gives the same for the same', () => {
    const { nodes, edges } = randomGraph(300, 1);
    expect(layout(nodes, edges)).toEqual(layout(nodes, edges));
  });

  it('does not depend on the order of nodes and edges', () => {
    const { nodes, edges } = randomGraph(120, 2);
    const forward = layout(nodes, edges);
    const last = nodes.length - 1;
    const backward = layout(
      [...nodes].reverse(),
      edges.map(([from, to]): LayoutEdge => [last - from, last - to]).reverse(),
    );
    expect([...backward.places].reverse()).toEqual(forward.places);
  });

  it.each([1, 2, 3, 10, 50, 200, 500, 2_000])('lets none of %d nodes overlap', (count) => {
    const { nodes, edges } = randomGraph(count, count);
    const result = layout(nodes, edges);
    expect(result.places).toHaveLength(count);
    expect(overlaps(nodes, result)).toEqual([]);
    for (const [i, { x, y }] of result.places.entries()) {
      const half = (nodes[i]?.width ?? 0) / 2;
      expect(x - half).toBeGreaterThanOrEqual(-1e-6);
      expect(x + half).toBeLessThanOrEqual(result.width + 1e-6);
      expect(y - ROW / 2).toBeGreaterThanOrEqual(-1e-6);
      expect(y + ROW / 2).toBeLessThanOrEqual(result.height + 1e-6);
    }
  });

  it('keeps the proportions of a screen however wide the fan', () => {
    const nodes = nodesOf('front', ...Array.from({ length: 400 }, (_, i) => `leaf-${i}`));
    const result = layout(nodes, nodes.slice(1).map((_, i): LayoutEdge => [0, i + 1]));
    expect(overlaps(nodes, result)).toEqual([]);
    expect(result.width / result.height).toBeGreaterThan(0.8);
    expect(result.width / result.height).toBeLessThan(3);
  });

  it('takes cycles, calls to oneself and edges that are there twice', () => {
    const nodes = nodesOf('a', 'b', 'c');
    const result = layout(nodes, [
      [0, 1],
      [1, 2],
      [2, 0],
      [1, 1],
      [0, 1],
    ]);
    expect(result.places.map(({ layer }) => layer)).toEqual([0, 1, 2]);
    expect(overlaps(nodes, result)).toEqual([]);
  });

  it('takes the edge that leads back to a client for the one that closes the cycle', () => {
    const nodes = [{ key: 'a', width: 80 }, { key: 'b', width: 80, first: true }];
    const result = layout(nodes, [
      [0, 1],
      [1, 0],
    ]);
    expect(result.places.map(({ layer }) => layer)).toEqual([1, 0]);
  });

  it('is stable: laid out again from where it was, nothing moves', () => {
    const { nodes, edges } = randomGraph(200, 5);
    const once = layout(nodes, edges);
    const twice = layout(nodes, edges, earlierOf(nodes, once));
    expect(twice).toEqual(once);
  });

  it('keeps the order of all others when a node is added', () => {
    const { nodes, edges } = randomGraph(200, 6);
    const before = layout(nodes, edges);
    const after = layout([...nodes, { key: 'new', width: 90 }], [...edges, [3, 200]], earlierOf(nodes, before));
    const order = (result: Layout): string[] =>
      nodes
        .map(({ key }, i) => ({ key, layer: result.places[i]?.layer ?? -1, y: result.places[i]?.y ?? NaN }))
        .sort((a, b) => a.layer - b.layer || a.y - b.y)
        .map(({ key, layer }) => `${layer} ${key}`);
    expect(order(after)).toEqual(order(before));
    expect(overlaps([...nodes, { key: 'new', width: 90 }], after)).toEqual([]);
  });

  it('sets parts that have nothing to do with each other apart', () => {
    const nodes = nodesOf('a', 'b', 'c', 'd', 'lone', 'other');
    const result = layout(nodes, [
      [0, 1],
      [2, 3],
    ]);
    expect(overlaps(nodes, result)).toEqual([]);
    const side = (at: number): string => `${result.places[at]?.x} ${result.places[at]?.y}`;
    expect(new Set(nodes.map((_, i) => side(i))).size).toBe(6);
  });

  it('takes nothing', () => {
    expect(layout([], [])).toEqual({ places: [], width: 0, height: 0 });
  });

  it('refuses an edge to nowhere', () => {
    expect(() => layout(nodesOf('a'), [[0, 1]])).toThrow('edge: 0 to 1 (expected: below 1)');
  });
});

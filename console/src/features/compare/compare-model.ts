// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { Compared } from '../../api/routes';
import type { Comparison, ComparisonNode } from '../../api/schemas';
import { micros, nanosToMicros } from '../../ui/units';
import type { Micros } from '../../ui/units';
import { traceIdOf } from '../search/trace-id';

/** A comparison with what follows from it; paths are numbers from 0 in the order of the tree. */
export type CompareModel = {
  readonly nodes: readonly ComparisonNode[];
  readonly depths: Int32Array;
  readonly childCounts: Int32Array;
  readonly a: Float64Array;
  readonly b: Float64Array;
  /** What A took more than B, all of a path and the path's own. */
  readonly difference: Float64Array;
  readonly ownDifference: Float64Array;
  /** The longest of all, for bars on one scale. */
  readonly longest: Micros;
  readonly greatestDifference: Micros;
  readonly maxDepth: number;
};

export function compareModel({ nodes }: Comparison): CompareModel {
  const depths = new Int32Array(nodes.length);
  const childCounts = new Int32Array(nodes.length);
  const a = new Float64Array(nodes.length);
  const b = new Float64Array(nodes.length);
  const difference = new Float64Array(nodes.length);
  const ownDifference = new Float64Array(nodes.length);
  let longest = 0;
  let greatest = 0;
  let maxDepth = 0;
  nodes.forEach((node, i) => {
    if (node.parentIndex !== undefined) {
      depths[i] = (depths[node.parentIndex] ?? 0) + 1;
      childCounts[node.parentIndex] = (childCounts[node.parentIndex] ?? 0) + 1;
    }
    const [ofA, ofB] = [node.a, node.b].map((part) =>
      part === undefined ? 0 : nanosToMicros(part.totalNanos),
    );
    const [ownA, ownB] = [node.a, node.b].map((part) =>
      part === undefined ? 0 : nanosToMicros(part.selfNanos),
    );
    a[i] = ofA ?? 0;
    b[i] = ofB ?? 0;
    difference[i] = (ofA ?? 0) - (ofB ?? 0);
    ownDifference[i] = (ownA ?? 0) - (ownB ?? 0);
    longest = Math.max(longest, ofA ?? 0, ofB ?? 0);
    greatest = Math.max(greatest, Math.abs(difference[i] ?? 0));
    maxDepth = Math.max(maxDepth, depths[i] ?? 0);
  });
  return {
    nodes,
    depths,
    childCounts,
    a,
    b,
    difference,
    ownDifference,
    longest: micros(longest),
    greatestDifference: micros(greatest),
    maxDepth,
  };
}

export type RowOptions = {
  readonly closed: ReadonlySet<number>;
  /** Siblings that differ most first, not in the order in which they began. */
  readonly byDifference: boolean;
  /** Paths that differ by less of the greatest difference are left out, if nothing below them does not; 0 to 1. */
  readonly least: number;
};

/** Returns the paths that are shown, from top to bottom. */
export function compareRows(model: CompareModel, { closed, byDifference, least }: RowOptions): Int32Array {
  const { nodes, difference } = model;
  const kept = new Uint8Array(nodes.length);
  const children = new Map<number, number[]>();
  for (let i = nodes.length - 1; i >= 0; i--) {
    const parent = nodes[i]?.parentIndex ?? -1;
    if (least === 0 || Math.abs(difference[i] ?? 0) >= least * model.greatestDifference) {
      kept[i] = 1;
    }
    if (kept[i] === 1) {
      if (parent >= 0) {
        kept[parent] = 1;
      }
      const siblings = children.get(parent);
      if (siblings === undefined) {
        children.set(parent, [i]);
      } else {
        siblings.push(i);
      }
    }
  }
  // Each list is from the last to the first, which is the order in which a stack wants them.
  const ordered = (parent: number): readonly number[] => {
    const found = children.get(parent) ?? [];
    return byDifference
      ? found.toSorted((x, y) => Math.abs(difference[x] ?? 0) - Math.abs(difference[y] ?? 0))
      : found;
  };
  const rows: number[] = [];
  const open = [...ordered(-1)];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    rows.push(at);
    if (!closed.has(at)) {
      open.push(...ordered(at));
    }
  }
  return Int32Array.from(rows);
}

/** Returns the paths whose own time differs most, at most so many, none that hardly counts. */
export function mostDifferent(model: CompareModel, count: number): readonly number[] {
  const order = Array.from(model.nodes.keys()).filter((i) => (model.ownDifference[i] ?? 0) !== 0);
  order.sort((x, y) => Math.abs(model.ownDifference[y] ?? 0) - Math.abs(model.ownDifference[x] ?? 0));
  const first = Math.abs(model.ownDifference[order[0] ?? -1] ?? 0);
  return order.slice(0, count).filter((i) => Math.abs(model.ownDifference[i] ?? 0) >= first / 10);
}

/** What of an address chooses the two sides. */
export type SideSearch = {
  readonly a?: string;
  readonly aFilter?: string;
  readonly aLike?: string;
  readonly b?: string;
  readonly bFilter?: string;
  readonly bLike?: string;
};

/** Returns a side, or undefined if the address has none. */
export function sideOf(search: SideSearch, side: 'a' | 'b'): Compared | undefined {
  const id = search[side];
  const filter = search[`${side}Filter`];
  const like = search[`${side}Like`];
  if (id === undefined && filter === undefined && like === undefined) {
    return undefined;
  }
  return {
    ...(id === undefined ? {} : { id }),
    ...(filter === undefined ? {} : { filter }),
    ...(like === undefined ? {} : { like }),
  };
}

/** Returns what an address says for two sides. */
export function sidesSearch(a: Compared | undefined, b: Compared | undefined): SideSearch {
  return {
    ...(a?.id === undefined ? {} : { a: a.id }),
    ...(a?.filter === undefined ? {} : { aFilter: a.filter }),
    ...(a?.like === undefined ? {} : { aLike: a.like }),
    ...(b?.id === undefined ? {} : { b: b.id }),
    ...(b?.filter === undefined ? {} : { bFilter: b.filter }),
    ...(b?.like === undefined ? {} : { bLike: b.like }),
  };
}

/** Returns the side that a person has typed: a trace by its id, or else a set by a filter. */
export function typedSide(typed: string): Compared | undefined {
  const text = typed.trim();
  const id = traceIdOf(text);
  return id !== undefined ? { id } : text === '' ? undefined : { filter: text };
}

/** How one side relates to the other: 3.2 as "× 3.2". */
export function ratioText(a: number, b: number): string {
  if (a <= 0 || b <= 0) {
    return '';
  }
  const ratio = Math.max(a, b) / Math.min(a, b);
  return ratio < 1.05 ? '' : `× ${ratio >= 9.95 ? ratio.toFixed(0) : ratio.toFixed(1).replace(/\.0$/, '')}`;
}

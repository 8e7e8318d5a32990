// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { micros } from '../../ui/units';
import type { Micros } from '../../ui/units';
import type { TraceModel } from './trace-model';
import { IN_PROGRESS, gapsOf, outcomeOfFlags } from './trace-model';

/* What a trace's time went into: by operation, and as a tree in which spans of the same way down are one. */

export type OperationRow = {
  readonly key: string;
  readonly service: string;
  readonly name: string;
  readonly count: number;
  readonly bad: number;
  readonly total: Micros;
  /** Time in which no child ran. */
  readonly self: Micros;
  readonly p50: Micros;
  readonly p95: Micros;
  readonly max: Micros;
  /** Of the critical path, from 0 to 1. */
  readonly path: number;
};

/** Time of each span in which none of its children ran. */
export function selfMicros(model: TraceModel): Float64Array {
  const { durationMicros } = model.skeleton;
  const self = new Float64Array(model.count);
  for (let i = 0; i < model.count; i++) {
    self[i] =
      (model.childCounts[i] ?? 0) === 0
        ? (durationMicros[i] ?? 0)
        : gapsOf(model, i).reduce((sum, gap) => sum + gap.duration, 0);
  }
  return self;
}

function rank(sorted: readonly number[], share: number): Micros {
  return micros(sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0);
}

/** One row for each service and name. */
export function operationsOf(model: TraceModel): readonly OperationRow[] {
  const { services, names, serviceTexts, nameTexts, durationMicros, flags } = model.skeleton;
  const self = selfMicros(model);
  const groups = new Map<number, number[]>();
  const keyOf = (span: number): number => (services[span] ?? 0) * nameTexts.length + (names[span] ?? 0);
  for (let i = 0; i < model.count; i++) {
    const known = groups.get(keyOf(i));
    if (known) {
      known.push(i);
    } else {
      groups.set(keyOf(i), [i]);
    }
  }
  const onPath = new Map<number, number>();
  let whole = 0;
  for (const { span, durationMicros: length } of model.skeleton.criticalPath) {
    onPath.set(keyOf(span), (onPath.get(keyOf(span)) ?? 0) + length);
    whole += length;
  }
  return [...groups].map(([key, spans]) => {
    const complete = spans.filter((span) => ((flags[span] ?? 0) & IN_PROGRESS) === 0);
    const durations = complete.map((span) => durationMicros[span] ?? 0).sort((a, b) => a - b);
    return {
      key: String(key),
      service: serviceTexts[Math.floor(key / nameTexts.length)] ?? '',
      name: nameTexts[key % nameTexts.length] ?? '',
      count: spans.length,
      bad: spans.filter((span) => outcomeOfFlags(flags[span] ?? 0) !== 'ok').length,
      total: micros(durations.reduce((sum, each) => sum + each, 0)),
      self: micros(spans.reduce((sum, span) => sum + (self[span] ?? 0), 0)),
      p50: rank(durations, 0.5),
      p95: rank(durations, 0.95),
      max: micros(durations.at(-1) ?? 0),
      path: whole === 0 ? 0 : (onPath.get(key) ?? 0) / whole,
    };
  });
}

export type FlameNode = {
  readonly service: string;
  readonly name: string;
  readonly depth: number;
  readonly parent: FlameNode | undefined;
  readonly children: FlameNode[];
  count: number;
  self: number;
  /** Its own time and that of all below, so that children never take more room than their parent has. */
  weight: number;
};

/** Merges spans that were reached by the same services and names; the first node stands for all. */
export function flameOf(model: TraceModel): FlameNode {
  const { parents, services, names, serviceTexts, nameTexts } = model.skeleton;
  const self = selfMicros(model);
  const all: FlameNode = {
    service: '',
    name: 'whole trace',
    depth: 0,
    parent: undefined,
    children: [],
    count: model.count,
    self: 0,
    weight: 0,
  };
  const nodes: FlameNode[] = [all];
  const below = new Map<FlameNode, Map<number, FlameNode>>();
  const nodeOf: FlameNode[] = [];
  for (let i = 0; i < model.count; i++) {
    const parent = nodeOf[parents[i] ?? -1] ?? all;
    const siblings = below.get(parent) ?? new Map<number, FlameNode>();
    below.set(parent, siblings);
    const key = (services[i] ?? 0) * nameTexts.length + (names[i] ?? 0);
    let node = siblings.get(key);
    if (node === undefined) {
      node = {
        service: serviceTexts[services[i] ?? 0] ?? '',
        name: nameTexts[names[i] ?? 0] ?? '',
        depth: parent.depth + 1,
        parent,
        children: [],
        count: 0,
        self: 0,
        weight: 0,
      };
      siblings.set(key, node);
      parent.children.push(node);
      nodes.push(node);
    }
    node.count++;
    node.self += self[i] ?? 0;
    nodeOf[i] = node;
  }
  // A node comes after its parent, so that from the back each has all that is below it.
  for (const node of nodes.reverse()) {
    node.weight += node.self;
    if (node.parent !== undefined) {
      node.parent.weight += node.weight;
    }
    node.children.sort((a, b) => b.weight - a.weight);
  }
  return all;
}

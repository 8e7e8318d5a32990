// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { micros, nanosToMicros } from '../../ui/units';
import type { Micros } from '../../ui/units';
import type { OutcomeName } from '../../ui/Outcome';
import type { Skeleton, Stretch } from './skeleton';

/* Bits of a span's flags, as openapi.yaml has them. */
export const ERROR = 1;
export const FAULT = 2;
export const THROTTLE = 4;
export const IN_PROGRESS = 8;
export const ORPHAN = 16;
export const SKEWED = 128;
export const EXCEPTION = 256;
export const LINKED = 512;
export const HEDGE = 1024;
export const TRANSPARENT_RETRY = 2048;

/** So many siblings of one name are shown as one row. */
export const FOLD_FROM = 8;

const SPAN_ID_DIGITS = 16;

/** Siblings of one service and name. */
export type Fold = {
  readonly members: readonly number[];
  readonly median: Micros;
  readonly longest: Micros;
  readonly worst: OutcomeName;
};

/** A skeleton with what follows from it; spans are numbers from 0 in the order of the tree. */
export type TraceModel = {
  readonly skeleton: Skeleton;
  readonly count: number;
  readonly duration: Micros;
  readonly depths: Int32Array;
  readonly childCounts: Int32Array;
  /** One past the last span of each span's subtree. */
  readonly ends: Int32Array;
  readonly maxDepth: number;
  readonly folds: readonly Fold[];
  /** For each span the fold that it is in, or -1. */
  readonly foldOf: Int32Array;
  /** For each span on the critical path its stretches. */
  readonly critical: ReadonlyMap<number, readonly Stretch[]>;
};

export function traceModel(skeleton: Skeleton): TraceModel {
  const { parents } = skeleton;
  const count = parents.length;
  const depths = new Int32Array(count);
  const childCounts = new Int32Array(count);
  const ends = new Int32Array(count);
  let maxDepth = 0;
  for (let i = 0; i < count; i++) {
    const parent = parents[i] ?? -1;
    if (parent >= 0) {
      const depth = (depths[parent] ?? 0) + 1;
      depths[i] = depth;
      childCounts[parent] = (childCounts[parent] ?? 0) + 1;
      maxDepth = Math.max(maxDepth, depth);
    }
    ends[i] = i + 1;
  }
  for (let i = count - 1; i >= 0; i--) {
    const parent = parents[i] ?? -1;
    if (parent >= 0) {
      ends[parent] = Math.max(ends[parent] ?? 0, ends[i] ?? 0);
    }
  }
  const { folds, foldOf } = findFolds(skeleton, childCounts);
  const critical = new Map<number, Stretch[]>();
  for (const stretch of skeleton.criticalPath) {
    const known = critical.get(stretch.span);
    if (known) {
      known.push(stretch);
    } else {
      critical.set(stretch.span, [stretch]);
    }
  }
  return {
    skeleton,
    count,
    duration: nanosToMicros(skeleton.durationNanos),
    depths,
    childCounts,
    ends,
    maxDepth,
    folds,
    foldOf,
    critical,
  };
}

function findFolds(
  skeleton: Skeleton,
  childCounts: Int32Array,
): { readonly folds: readonly Fold[]; readonly foldOf: Int32Array } {
  const { parents, services, names, durationMicros, nameTexts } = skeleton;
  const groups = new Map<number, Map<number, number[]>>();
  for (let i = 0; i < parents.length; i++) {
    const parent = parents[i] ?? -1;
    if (parent >= 0 && (childCounts[parent] ?? 0) >= FOLD_FROM) {
      let siblings = groups.get(parent);
      if (siblings === undefined) {
        siblings = new Map();
        groups.set(parent, siblings);
      }
      const key = (services[i] ?? 0) * nameTexts.length + (names[i] ?? 0);
      const members = siblings.get(key);
      if (members) {
        members.push(i);
      } else {
        siblings.set(key, [i]);
      }
    }
  }
  const folds: Fold[] = [];
  const foldOf = new Int32Array(parents.length).fill(-1);
  for (const siblings of groups.values()) {
    for (const members of siblings.values()) {
      if (members.length >= FOLD_FROM) {
        const durations = members.map((each) => durationMicros[each] ?? 0).sort((a, b) => a - b);
        const all = members.reduce((bits, each) => bits | (skeleton.flags[each] ?? 0), 0);
        members.forEach((each) => (foldOf[each] = folds.length));
        folds.push({
          members,
          median: micros(durations[Math.floor(durations.length / 2)] ?? 0),
          longest: micros(durations.at(-1) ?? 0),
          worst: outcomeOfFlags(all),
        });
      }
    }
  }
  return { folds, foldOf };
}

export function outcomeOfFlags(flags: number): OutcomeName {
  return flags & FAULT ? 'fault' : flags & THROTTLE ? 'throttle' : flags & ERROR ? 'error' : 'ok';
}

export function spanIdAt(skeleton: Skeleton, span: number): string {
  return skeleton.spanIds.slice(span * SPAN_ID_DIGITS, (span + 1) * SPAN_ID_DIGITS);
}

/** Returns the number of the span with that id, or -1. */
export function spanOfId(skeleton: Skeleton, id: string): number {
  if (id.length !== SPAN_ID_DIGITS) {
    return -1;
  }
  let at = skeleton.spanIds.indexOf(id);
  while (at >= 0 && at % SPAN_ID_DIGITS !== 0) {
    at = skeleton.spanIds.indexOf(id, at + 1);
  }
  return at < 0 ? -1 : at / SPAN_ID_DIGITS;
}

/** Marks spans whose service, name, status or id has the text in it, in any case; empty finds none. */
export function findSpans(skeleton: Skeleton, text: string): Uint8Array {
  const found = new Uint8Array(skeleton.parents.length);
  const wanted = text.trim().toLowerCase();
  if (wanted === '') {
    return found;
  }
  const has = (texts: readonly string[]): readonly boolean[] =>
    texts.map((each) => each.toLowerCase().includes(wanted));
  const services = has(skeleton.serviceTexts);
  const names = has(skeleton.nameTexts);
  const statuses = has(skeleton.statusTexts);
  const outcomes: Readonly<Record<string, number>> = { error: ERROR, fault: FAULT, throttle: THROTTLE };
  const bits = outcomes[wanted] ?? 0;
  const byId = spanOfId(skeleton, wanted);
  for (let i = 0; i < found.length; i++) {
    if (
      services[skeleton.services[i] ?? -1] === true ||
      names[skeleton.names[i] ?? -1] === true ||
      statuses[skeleton.statuses[i] ?? -1] === true ||
      ((skeleton.flags[i] ?? 0) & bits) !== 0 ||
      i === byId
    ) {
      found[i] = 1;
    }
  }
  return found;
}

/** Adds to the spans that are marked all that are above them. */
export function withAncestors(parents: Int32Array, marked: Uint8Array): Uint8Array {
  const kept = marked.slice();
  for (let i = kept.length - 1; i >= 0; i--) {
    const parent = parents[i] ?? -1;
    if (kept[i] === 1 && parent >= 0) {
      kept[parent] = 1;
    }
  }
  return kept;
}

export type View = {
  /** Spans whose children are not shown. */
  readonly closed: ReadonlySet<number>;
  /** Folds whose members are shown. */
  readonly openFolds: ReadonlySet<number>;
  /** What to keep, ancestors included; all if undefined. */
  readonly kept: Uint8Array | undefined;
  readonly folded: boolean;
};

/** The rows to show: a span's number, or for a fold -1 minus its number. Takes time for what is shown only. */
export function rowsOf(model: TraceModel, view: View): Int32Array {
  const rows = new Int32Array(model.count + model.folds.length);
  const begun = new Set<number>();
  let length = 0;
  let i = 0;
  while (i < model.count) {
    const end = model.ends[i] ?? i + 1;
    if (view.kept !== undefined && view.kept[i] !== 1) {
      i = end;
      continue;
    }
    const fold = view.folded ? (model.foldOf[i] ?? -1) : -1;
    if (fold >= 0) {
      if (!begun.has(fold)) {
        begun.add(fold);
        rows[length++] = -1 - fold;
      }
      if (!view.openFolds.has(fold)) {
        i = end;
        continue;
      }
    }
    rows[length++] = i;
    i = view.closed.has(i) ? end : i + 1;
  }
  return rows.subarray(0, length);
}

/** Marks spans that last at least a share (0 to 1) of the trace; those in progress always. */
export function longerThan(model: TraceModel, share: number): Uint8Array {
  const { durationMicros, flags } = model.skeleton;
  const least = model.duration * share;
  const marked = new Uint8Array(model.count);
  for (let i = 0; i < model.count; i++) {
    if ((durationMicros[i] ?? 0) >= least || ((flags[i] ?? 0) & IN_PROGRESS) !== 0) {
      marked[i] = 1;
    }
  }
  return marked;
}

/** By how much a call outlasted its deadline; 0 if it did not or had none. */
export function overrun(model: TraceModel, index: number): Micros {
  const deadline = model.skeleton.deadlines.get(index);
  return deadline === undefined
    ? micros(0)
    : micros(Math.max(0, (model.skeleton.durationMicros[index] ?? 0) - deadline));
}

export type PathShare = { readonly span: number; readonly time: Micros; readonly share: number };

/** Spans that the trace waited for longest, by the time that each alone holds of the critical path; none that hardly counts. */
export function mostOfPath(model: TraceModel, count: number, least: number): readonly PathShare[] {
  const times = Array.from(
    model.critical,
    ([span, stretches]) => [span, stretches.reduce((sum, each) => sum + each.durationMicros, 0)] as const,
  );
  const whole = times.reduce((sum, [, time]) => sum + time, 0);
  return times
    .map(([span, time]) => ({ span, time: micros(time), share: whole === 0 ? 0 : time / whole }))
    .filter(({ share }) => share >= least)
    .sort((a, b) => b.share - a.share)
    .slice(0, count);
}

/** Calls that outlasted their deadline, by how much, longest first. */
export function lateCalls(model: TraceModel): readonly number[] {
  return [...model.skeleton.deadlines.keys()]
    .filter((span) => overrun(model, span) > 0)
    .sort((a, b) => overrun(model, b) - overrun(model, a));
}

/** Children of a span, in order of their start. */
export function childrenOf(model: TraceModel, index: number): readonly number[] {
  const children: number[] = [];
  const end = model.ends[index] ?? index + 1;
  for (let at = index + 1; at < end; at = model.ends[at] ?? end) {
    children.push(at);
  }
  return children;
}

export type Gap = { readonly start: Micros; readonly duration: Micros };

/** Where in a span that has children none of them runs, in order of time. */
export function gapsOf(model: TraceModel, index: number): readonly Gap[] {
  const { startMicros, durationMicros, flags } = model.skeleton;
  if ((model.childCounts[index] ?? 0) === 0 || ((flags[index] ?? 0) & IN_PROGRESS) !== 0) {
    return [];
  }
  const start = startMicros[index] ?? 0;
  const end = start + (durationMicros[index] ?? 0);
  const busy = childrenOf(model, index)
    .map((each) => [startMicros[each] ?? 0, (startMicros[each] ?? 0) + (durationMicros[each] ?? 0)] as const)
    .sort((a, b) => a[0] - b[0]);
  const gaps: Gap[] = [];
  let reached = start;
  for (const [from, to] of [...busy, [end, end] as const]) {
    const until = Math.min(from, end);
    if (until > reached) {
      gaps.push({ start: micros(reached), duration: micros(until - reached) });
    }
    reached = Math.max(reached, to);
  }
  return gaps;
}

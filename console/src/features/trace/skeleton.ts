// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { SkeletonColumns } from '../../api/schemas';
import { micros, nanosToMicros } from '../../ui/units';
import type { EpochNanos, Micros, Nanos } from '../../ui/units';

/** A stretch of the critical path. */
export type Stretch = { readonly span: number; readonly startMicros: Micros; readonly durationMicros: Micros };

/** An attempt of a call: how many were before it. */
export type Attempt = { readonly before: number; readonly siblings: readonly number[] };

/** A message of a stream; times count from the start of its span. */
export type Tick = { readonly at: Micros; readonly received: boolean };

/** A trace in columns: members of the same index are of one span. */
export type Skeleton = {
  readonly traceId: string;
  readonly xrayTraceId: string;
  readonly startEpochNanos: EpochNanos;
  readonly durationNanos: Nanos;
  readonly error: boolean;
  readonly fault: boolean;
  readonly throttle: boolean;
  readonly inProgress: boolean;
  readonly root: number;
  readonly spanIds: string;
  readonly parents: Int32Array;
  /** Since the start of the trace. */
  readonly startMicros: Float64Array;
  readonly durationMicros: Float64Array;
  readonly services: Int32Array;
  readonly names: Int32Array;
  readonly kinds: Int32Array;
  readonly flags: Int32Array;
  readonly statuses: Int32Array;
  readonly serviceTexts: readonly string[];
  readonly nameTexts: readonly string[];
  readonly statusTexts: readonly string[];
  readonly criticalPath: readonly Stretch[];
  /** How long a call had from its start. */
  readonly deadlines: ReadonlyMap<number, Micros>;
  readonly attempts: ReadonlyMap<number, Attempt>;
  readonly ticks: ReadonlyMap<number, readonly Tick[]>;
};

/** Counts starts from the start of the trace again, and gives each span its service, name and kind. */
export function skeletonOf(columns: SkeletonColumns): Skeleton {
  const { above, offsetNanos, lengthNanos, shapes } = columns;
  const count = above.length;
  const parents = new Int32Array(count);
  const starts = new Float64Array(count);
  const startMicros = new Float64Array(count);
  const durationMicros = new Float64Array(count);
  const services = new Int32Array(count);
  const names = new Int32Array(count);
  const kinds = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const up = above[i] ?? 0;
    const parent = up === 0 ? -1 : i - up;
    const start = (offsetNanos[i] ?? 0) + (parent < 0 ? 0 : (starts[parent] ?? 0));
    const shape = shapes[i] ?? 0;
    parents[i] = parent;
    starts[i] = start;
    startMicros[i] = start / 1_000;
    durationMicros[i] = (lengthNanos[i] ?? 0) / 1_000;
    services[i] = columns.shapeServices[shape] ?? 0;
    names[i] = columns.shapeNames[shape] ?? 0;
    kinds[i] = columns.shapeKinds[shape] ?? 0;
  }
  return {
    traceId: columns.traceId,
    xrayTraceId: columns.xrayTraceId,
    startEpochNanos: columns.startEpochNanos,
    durationNanos: columns.durationNanos,
    error: columns.error,
    fault: columns.fault,
    throttle: columns.throttle,
    inProgress: columns.inProgress,
    root: columns.root,
    spanIds: columns.spanIds,
    parents,
    startMicros,
    durationMicros,
    services,
    names,
    kinds,
    flags: columns.flags,
    statuses: columns.statuses,
    serviceTexts: columns.serviceTexts,
    nameTexts: columns.nameTexts,
    statusTexts: columns.statusTexts,
    criticalPath: pathOf(columns),
    deadlines: deadlinesOf(columns),
    attempts: attemptsOf(columns, parents),
    ticks: ticksOf(columns),
  };
}

function pathOf({ pathStartNanos, pathSpans, pathNanos }: SkeletonColumns): readonly Stretch[] {
  const path: Stretch[] = [];
  let at = Number(nanosToMicros(pathStartNanos)) * 1_000;
  pathSpans.forEach((span, i) => {
    const length = pathNanos[i] ?? 0;
    path.push({ span, startMicros: micros(at / 1_000), durationMicros: micros(length / 1_000) });
    at += length;
  });
  return path;
}

function deadlinesOf({ deadlineSpans, deadlineMillis }: SkeletonColumns): ReadonlyMap<number, Micros> {
  const deadlines = new Map<number, Micros>();
  deadlineSpans.forEach((span, i) => deadlines.set(span, micros((deadlineMillis[i] ?? 0) * 1_000)));
  return deadlines;
}

function attemptsOf(
  { attemptSpans, attemptNumbers }: SkeletonColumns,
  parents: Int32Array,
): ReadonlyMap<number, Attempt> {
  const byCall = new Map<number, number[]>();
  const attempts = new Map<number, Attempt>();
  attemptSpans.forEach((span, i) => {
    const call = parents[span] ?? -1;
    const siblings = byCall.get(call) ?? [];
    byCall.set(call, siblings);
    siblings.push(span);
    attempts.set(span, { before: attemptNumbers[i] ?? 0, siblings });
  });
  return attempts;
}

function ticksOf({ tickSpans, tickCounts, tickNanos }: SkeletonColumns): ReadonlyMap<number, readonly Tick[]> {
  const ticks = new Map<number, readonly Tick[]>();
  let at = 0;
  tickSpans.forEach((span, i) => {
    const end = at + (tickCounts[i] ?? 0);
    ticks.set(
      span,
      Array.from(tickNanos.subarray(at, end), (each) => ({ at: micros(Math.abs(each) / 1_000), received: each < 0 })),
    );
    at = end;
  });
  return ticks;
}

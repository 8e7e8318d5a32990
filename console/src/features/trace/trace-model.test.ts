// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { SKELETON } from '../../api/schemas';
import type { Skeleton } from './skeleton';
import { skeletonOf } from './skeleton';
import {
  FAULT,
  IN_PROGRESS,
  findSpans,
  gapsOf,
  lateCalls,
  longerThan,
  mostOfPath,
  overrun,
  rowsOf,
  spanIdAt,
  spanOfId,
  traceModel,
  withAncestors,
} from './trace-model';

/** Each span: parent, start, duration, name, and flags if any. */
function skeleton(...spans: readonly (readonly [number, number, number, string, number?])[]): Skeleton {
  const names = [...new Set(spans.map((span) => span[3]))];
  return skeletonOf(
    SKELETON.decode(
      {
        traceId: '0'.repeat(31) + '1',
        xrayTraceId: '1-00000000-000000000000000000000001',
        startEpochNanos: '1700000000000000000',
        durationNanos: '1000000',
        error: false,
        fault: false,
        throttle: false,
        inProgress: false,
        root: 0,
        spanIds: spans.map((_, i) => (i + 1).toString(16).padStart(16, '0')).join(''),
        above: spans.map((span, i) => (span[0] < 0 ? 0 : i - span[0])),
        offsetNanos: spans.map((span) => (span[1] - (spans[span[0]]?.[1] ?? 0)) * 1_000),
        lengthNanos: spans.map((span) => span[2] * 1_000),
        shapes: spans.map((span) => names.indexOf(span[3])),
        flags: spans.map((span) => span[4] ?? 0),
        statuses: spans.map(() => -1),
        shapeServices: names.map(() => 0),
        shapeNames: names.map((_, i) => i),
        shapeKinds: names.map(() => 1),
        serviceTexts: ['shop'],
        nameTexts: names,
        statusTexts: [],
        pathStartNanos: '0',
        pathSpans: [0],
        pathNanos: [10_000],
        deadlineSpans: [0],
        deadlineMillis: [0.25],
        attemptSpans: [],
        attemptNumbers: [],
        tickSpans: [0],
        tickCounts: [2],
        tickNanos: [1_500, -2_000],
      },
      '',
    ),
  );
}

const ALL = { closed: new Set<number>(), openFolds: new Set<number>(), kept: undefined, folded: true };

describe('a small trace', () => {
  const model = traceModel(
    skeleton(
      [-1, 0, 1000, 'GET /'],
      [0, 0, 400, 'reserve'],
      [1, 10, 5, 'SELECT', FAULT],
      [0, 500, 400, 'charge'],
      [-1, 20, 0, 'mail', IN_PROGRESS],
    ),
  );

  it('knows depths, children and where subtrees end', () => {
    expect([...model.depths]).toEqual([0, 1, 2, 1, 0]);
    expect([...model.childCounts]).toEqual([2, 1, 0, 0, 0]);
    expect([...model.ends]).toEqual([4, 3, 3, 4, 5]);
    expect(model.critical.get(0)).toHaveLength(1);
  });

  it('shows every span, and leaves out what is below a closed one', () => {
    expect([...rowsOf(model, ALL)]).toEqual([0, 1, 2, 3, 4]);
    expect([...rowsOf(model, { ...ALL, closed: new Set([1]) })]).toEqual([0, 1, 3, 4]);
    expect([...rowsOf(model, { ...ALL, closed: new Set([0]) })]).toEqual([0, 4]);
  });

  it.each([
    ['select', [0, 1, 2]],
    ['fault', [0, 1, 2]],
    ['shop', [0, 1, 2, 3, 4]],
    ['0000000000000004', [0, 3]],
    ['nothing', []],
  ])('finds %s and keeps what is above', (text, rows) => {
    const kept = withAncestors(model.skeleton.parents, findSpans(model.skeleton, text));
    expect([...rowsOf(model, { ...ALL, kept })]).toEqual(rows);
  });

  it('hides what is short, though not what is in progress', () => {
    const kept = withAncestors(model.skeleton.parents, longerThan(model, 0.1));
    expect([...rowsOf(model, { ...ALL, kept })]).toEqual([0, 1, 3, 4]);
  });

  it('knows the gaps, the deadline and the messages of a span', () => {
    expect(gapsOf(model, 0)).toEqual([
      { start: 400, duration: 100 },
      { start: 900, duration: 100 },
    ]);
    expect(gapsOf(model, 2)).toEqual([]);
    expect(overrun(model, 0)).toBe(750);
    expect(overrun(model, 1)).toBe(0);
    expect(model.skeleton.ticks.get(0)).toEqual([
      { at: 1.5, received: false },
      { at: 2, received: true },
    ]);
  });

  it('names who holds the critical path, and who ran past a deadline', () => {
    expect(mostOfPath(model, 3, 0.05)).toEqual([{ span: 0, time: 10, share: 1 }]);
    expect(mostOfPath(model, 0, 0.05)).toEqual([]);
    expect(lateCalls(model)).toEqual([0]);
  });

  it('finds spans by their ids', () => {
    expect(spanIdAt(model.skeleton, 3)).toBe('0000000000000004');
    expect(spanOfId(model.skeleton, '0000000000000004')).toBe(3);
    // These digits stand there too, but across two ids.
    expect(spanOfId(model.skeleton, '0000000000000010')).toBe(-1);
    expect(spanOfId(model.skeleton, '4')).toBe(-1);
  });
});

describe('repeated siblings', () => {
  const repeats = Array.from({ length: 9 }, (_, i) => [0, i, i + 1, 'GetItem'] as const);
  const model = traceModel(skeleton([-1, 0, 1000, 'GET /'], ...repeats, [0, 500, 5, 'PutItem']));

  it('are one row until opened', () => {
    expect(model.folds).toHaveLength(1);
    expect(model.folds[0]).toMatchObject({ median: 5, longest: 9, worst: 'ok' });
    expect([...rowsOf(model, ALL)]).toEqual([0, -1, 10]);
    expect([...rowsOf(model, { ...ALL, openFolds: new Set([0]) })]).toEqual([
      0, -1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    expect([...rowsOf(model, { ...ALL, folded: false })]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});

describe('a large trace', () => {
  it('takes the depth that it has', () => {
    const depth = 50_000;
    const model = traceModel(
      skeleton(...Array.from({ length: depth }, (_, i) => [i - 1, i, 1, 'n'] as const)),
    );
    expect(model.maxDepth).toBe(depth - 1);
    expect(rowsOf(model, ALL)).toHaveLength(depth);
  });
});

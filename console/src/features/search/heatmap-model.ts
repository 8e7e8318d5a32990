// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { Heatmap, TraceStatistics } from '../../api/schemas';
import type { DurationScale } from '../../ui/duration-scale';
import { durationScale } from '../../ui/duration-scale';
import { epochMillis, micros, nanosToMicros, toEpochMillis } from '../../ui/units';
import type { EpochMillis, Micros } from '../../ui/units';

/** Where a heatmap stands: time from left to right, durations from the bottom up. */
export type HeatmapPlace = {
  readonly left: number;
  readonly width: number;
  readonly top: number;
  readonly height: number;
  readonly start: EpochMillis;
  readonly millis: number;
  readonly durations: DurationScale;
};

export function heatmapPlace(
  statistics: TraceStatistics,
  heatmap: Heatmap,
  width: number,
  height: number,
): HeatmapPlace | undefined {
  const first = statistics.buckets[0];
  const last = statistics.buckets.at(-1);
  if (first === undefined || last === undefined || width < 100) {
    return undefined;
  }
  const place = { left: 56, width: width - 66, top: 6, height: height - 26 };
  const from = Math.max(1, nanosToMicros(first.fromNanos));
  return {
    ...place,
    start: toEpochMillis(heatmap.startEpochNanos),
    millis: (Number(heatmap.columnNanos) / 1e6) * heatmap.columnCount,
    durations: durationScale(from, Math.max(1, nanosToMicros(last.toNanos)), 0, place.height),
  };
}

export function yOf(place: HeatmapPlace, duration: number): number {
  return place.top + place.height - place.durations.x(Math.max(1, duration));
}

export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** Times and durations; neither has its end in it. */
export type Covered = {
  readonly start: EpochMillis;
  readonly end: EpochMillis;
  readonly from: Micros;
  readonly to: Micros;
};

/** The times and durations that a box covers. */
export function covered(place: HeatmapPlace, box: Box): Covered {
  const time = (x: number): EpochMillis =>
    epochMillis(Math.round(place.start + ((x - place.left) / place.width) * place.millis));
  const duration = (y: number): Micros => micros(place.durations.valueAt(place.top + place.height - y));
  return {
    start: time(box.x),
    end: epochMillis(Math.max(time(box.x) + 1, time(box.x + box.width))),
    from: duration(box.y + box.height),
    to: duration(box.y),
  };
}

/** The time that a place shows, widened to whole milliseconds, as the API takes no fractions of them. */
export function rangeOf(place: HeatmapPlace): { readonly start: EpochMillis; readonly end: EpochMillis } {
  const start = Math.floor(place.start);
  // Added to a time first, less than 240 ns would be lost in rounding.
  return { start: epochMillis(start), end: epochMillis(start + Math.ceil(place.start - start + place.millis)) };
}

/** A column of time, and a bucket of durations. */
export type Cell = { readonly column: number; readonly bucket: number };

/** A rectangle of cells: the corner that moves, and the one from which it reaches. */
export type Cells = { readonly at: Cell; readonly from: Cell };

type Edges = { readonly first: Cell; readonly last: Cell };

function edgesOf({ at, from }: Cells): Edges {
  return {
    first: { column: Math.min(at.column, from.column), bucket: Math.min(at.bucket, from.bucket) },
    last: { column: Math.max(at.column, from.column), bucket: Math.max(at.bucket, from.bucket) },
  };
}

/** The cell of the slowest traces, the latest of them: where who looks for trouble begins. */
export function slowestOf(heatmap: Heatmap): Cell {
  let slowest: Cell = { column: 0, bucket: 0 };
  heatmap.columns.forEach((column, i) => {
    const bucket = heatmap.buckets[i] ?? 0;
    if (bucket > slowest.bucket || (bucket === slowest.bucket && column > slowest.column)) {
      slowest = { column, bucket };
    }
  });
  return slowest;
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
  Home: [-Infinity, 0],
  End: [Infinity, 0],
  PageUp: [0, Infinity],
  PageDown: [0, -Infinity],
};

/** Where a key leads, and as far as the edge; undefined for a key that leads nowhere. */
export function walked(
  { at, from }: Cells,
  { key, shiftKey }: { readonly key: string; readonly shiftKey: boolean },
  columnCount: number,
  bucketCount: number,
): Cells | undefined {
  const step = STEPS[key];
  if (step === undefined) {
    return undefined;
  }
  const within = (value: number, count: number): number => Math.min(count - 1, Math.max(0, value));
  const next = { column: within(at.column + step[0], columnCount), bucket: within(at.bucket + step[1], bucketCount) };
  return { at: next, from: shiftKey ? from : next };
}

/** What cells cover, exactly; times are widened to whole milliseconds. */
export function coveredBy(
  place: HeatmapPlace,
  statistics: TraceStatistics,
  heatmap: Heatmap,
  cells: Cells,
): Covered {
  const { first, last } = edgesOf(cells);
  const column = place.millis / heatmap.columnCount;
  const lowest = statistics.buckets[first.bucket];
  const highest = statistics.buckets[last.bucket];
  return {
    start: epochMillis(Math.floor(place.start + first.column * column)),
    end: epochMillis(Math.ceil(place.start + (last.column + 1) * column)),
    from: lowest === undefined ? micros(0) : nanosToMicros(lowest.fromNanos),
    to: highest === undefined ? micros(0) : nanosToMicros(highest.toNanos),
  };
}

/** Where cells are drawn. */
export function boxOf(place: HeatmapPlace, heatmap: Heatmap, cells: Cells, { from, to }: Covered): Box {
  const { first, last } = edgesOf(cells);
  const wide = place.width / heatmap.columnCount;
  const y = yOf(place, to);
  return {
    x: place.left + first.column * wide,
    y,
    width: (last.column + 1 - first.column) * wide,
    height: yOf(place, from) - y,
  };
}

/** How many traces are in cells, and how many of them went badly. */
export function countedIn(heatmap: Heatmap, cells: Cells): { readonly all: number; readonly bad: number } {
  const { first, last } = edgesOf(cells);
  let all = 0;
  let bad = 0;
  heatmap.columns.forEach((column, i) => {
    const bucket = heatmap.buckets[i] ?? 0;
    if (column >= first.column && column <= last.column && bucket >= first.bucket && bucket <= last.bucket) {
      all += heatmap.counts[i] ?? 0;
      bad += heatmap.badCounts[i] ?? 0;
    }
  });
  return { all, bad };
}

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

/** The times and durations that a box covers. */
export function covered(
  place: HeatmapPlace,
  box: Box,
): { readonly start: EpochMillis; readonly end: EpochMillis; readonly from: Micros; readonly to: Micros } {
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

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { expect, it } from 'vitest';
import { TRACE_STATISTICS } from '../../api/schemas';
import { covered, heatmapPlace, rangeOf, yOf } from './heatmap-model';

const STATISTICS = TRACE_STATISTICS.decode(
  {
    traceCount: 1,
    buckets: [
      { fromNanos: '1000000', toNanos: '100000000', okCount: 1, errorCount: 0, throttleCount: 0, faultCount: 0 },
    ],
    heatmap: {
      startEpochNanos: '1700000000000000000',
      columnNanos: '60000000000',
      columnCount: 60,
      columns: [3],
      buckets: [0],
      counts: [1],
      badCounts: [0],
    },
    lookedAtCount: 1,
    limitReached: false,
    startEpochNanos: '1700000000000000000',
    endEpochNanos: '1700003600000000000',
  },
  '',
);

it('a box over all of a heatmap covers its times and durations', () => {
  const { heatmap } = STATISTICS;
  const place = heatmap && heatmapPlace(STATISTICS, heatmap, 666, 126);
  if (place === undefined) {
    throw new Error('no place');
  }
  expect(yOf(place, 1_000)).toBeCloseTo(place.top + place.height);
  expect(yOf(place, 100_000)).toBeCloseTo(place.top);
  const all = covered(place, { x: place.left, y: place.top, width: place.width, height: place.height });
  expect(all.start).toBe(1_700_000_000_000);
  expect(all.end).toBe(1_700_003_600_000);
  expect(all.from).toBeCloseTo(1_000);
  expect(all.to).toBeCloseTo(100_000);
});

it('there is none without room or traces', () => {
  const { heatmap } = STATISTICS;
  expect(heatmap && heatmapPlace(STATISTICS, heatmap, 50, 126)).toBeUndefined();
  expect(heatmap && heatmapPlace({ ...STATISTICS, buckets: [] }, heatmap, 666, 126)).toBeUndefined();
});

it('the time that it shows is whole milliseconds, as its columns end at any nanosecond', () => {
  const { heatmap } = STATISTICS;
  const place =
    heatmap && heatmapPlace(STATISTICS, { ...heatmap, columnNanos: '60000000001' as typeof heatmap.columnNanos }, 666, 126);
  if (place === undefined) {
    throw new Error('no place');
  }
  expect(Number.isInteger(place.millis)).toBe(false);
  expect(rangeOf(place)).toEqual({ start: 1_700_000_000_000, end: 1_700_003_600_001 });
});

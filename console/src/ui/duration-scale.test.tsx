// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { expect, test } from 'vitest';
import { durationScale } from './duration-scale';

test('a scale has whole powers of ten at both ends', () => {
  const scale = durationScale(30, 70_000, 10, 410);
  expect(scale.decades).toEqual([10, 100, 1_000, 10_000, 100_000]);
  expect(scale.x(10)).toBeCloseTo(10);
  expect(scale.x(100_000)).toBeCloseTo(410);
  expect(scale.valueAt(scale.x(1_234))).toBeCloseTo(1_234);
});

test('durations that are alike are given two powers of ten', () => {
  expect(durationScale(200, 300, 0, 100).decades).toEqual([10, 100, 1_000]);
  expect(durationScale(1, 2, 0, 100).decades).toEqual([1, 10, 100]);
});

test('a power of ten is its own end', () => {
  expect(durationScale(1_000, 100_000, 0, 100).decades).toEqual([1_000, 10_000, 100_000]);
});

test('no room leaves a scale that can be asked', () => {
  const scale = durationScale(10, 1_000, 28, 0);
  expect(scale.end).toBeGreaterThan(scale.start);
  expect(Number.isFinite(scale.x(100))).toBe(true);
});

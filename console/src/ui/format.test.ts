// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { expect, it } from 'vitest';
import { formatBytes, formatDuration, plural } from './format';
import type { EpochNanos, Nanos } from './units';
import { epochMillis, micros, nanosToMicros, plusMicros, toEpochMillis, toEpochNanos } from './units';

it.each([
  [0, '0'],
  [0.25, '250 ns'],
  [0.9999, '1 µs'],
  [1, '1 µs'],
  [999.6, '1 ms'],
  [4_840, '4.84 ms'],
  [648_000, '648 ms'],
  [999_600, '1 s'],
  [1_940_000, '1.94 s'],
  [59_960_000, '1 m 0 s'],
  [192_000_000, '3 m 12 s'],
  [7_380_000_000, '2 h 3 m'],
  [190_000_000_000, '2 d 4 h'],
  [-5_000, '-5 ms'],
])('%d µs is %s', (value, expected) => {
  expect(formatDuration(micros(value))).toBe(expected);
});

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1 KiB'],
  [8_461_000, '8.07 MiB'],
])('%d bytes are %s', (bytes, expected) => {
  expect(formatBytes(bytes)).toBe(expected);
});

it('counts nouns', () => {
  expect([plural(1, 'span'), plural(12_345, 'span')]).toEqual(['1 span', '12,345 spans']);
});

it('keeps 64-bit times exact', () => {
  const time = '1700000000123456789' as EpochNanos;
  expect(toEpochMillis(time)).toBe(1_700_000_000_123);
  expect(plusMicros(time, micros(0.001))).toBe('1700000000123456790');
  expect(toEpochNanos(epochMillis(1_700_000_000_123))).toBe('1700000000123000000');
  expect(nanosToMicros('1' as Nanos)).toBe(0.001);
});

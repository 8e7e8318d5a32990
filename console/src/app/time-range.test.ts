// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { epochMillis } from '../ui/units';
import { describeRange, parseTyped, resolveRange, resolveTime, shift, zoomOut } from './time-range';

const NOW = epochMillis(new Date(2026, 10, 23, 12, 0, 0).getTime());
const HOUR = 3_600_000;

describe('resolveTime', () => {
  it.each([
    ['now', NOW],
    ['now-90m', NOW - 90 * 60_000],
    ['now-7d', NOW - 7 * 24 * HOUR],
    ['1763899200000', 1_763_899_200_000],
    ['2026-11-23T10:00:00Z', Date.UTC(2026, 10, 23, 10)],
    ['2026-11-23T10:00:00.123456789+02:00', Date.UTC(2026, 10, 23, 8, 0, 0, 123)],
    ['2026-11-23 10:00', new Date(2026, 10, 23, 10).getTime()],
  ])('takes %s', (text, expected) => {
    expect(resolveTime(text, NOW)).toBe(expected);
  });

  it.each(['', 'now-', 'now-1y', 'soon', '2026-13-40T10:00Z', '17', 'now+1h'])('refuses "%s"', (text) => {
    expect(resolveTime(text, NOW)).toBeUndefined();
  });
});

describe('parseTyped', () => {
  it.each([
    ['90m', 'now-90m'],
    ['last 3 hours', 'now-3h'],
    ['2d', 'now-2d'],
  ])('takes %s as a length', (typed, from) => {
    expect(parseTyped(typed, NOW)).toEqual({ from, to: 'now' });
  });

  it.each([
    ['today', new Date(2026, 10, 23), new Date(2026, 10, 24)],
    ['yesterday', new Date(2026, 10, 22), new Date(2026, 10, 23)],
    ['11:00-11:30', new Date(2026, 10, 23, 11), new Date(2026, 10, 23, 11, 30)],
    ['2026-11-23 10:00 to 2026-11-23 11:00', new Date(2026, 10, 23, 10), new Date(2026, 10, 23, 11)],
  ])('takes %s as two times', (typed, start, end) => {
    const texts = parseTyped(typed, NOW);
    expect(texts && resolveRange(texts, NOW)).toEqual({ start: start.getTime(), end: end.getTime() });
  });

  it.each(['', '0m', 'yesteryear', '11:30-11:00', 'now to now-1h'])('refuses "%s"', (typed) => {
    expect(parseTyped(typed, NOW)).toBeUndefined();
  });
});

describe('a resolved range', () => {
  const range = { start: epochMillis(NOW - HOUR), end: NOW };

  it('shifts by half its length', () => {
    expect(resolveRange(shift(range, -1), NOW)).toEqual({ start: NOW - 1.5 * HOUR, end: NOW - HOUR / 2 });
  });

  it('zooms out to twice its length, not past now', () => {
    expect(resolveRange(zoomOut(range, NOW), NOW)).toEqual({ start: NOW - 2 * HOUR, end: NOW });
  });

  it('is said in words', () => {
    expect(describeRange({ from: 'now-15m', to: 'now' }, NOW)).toBe('Last 15 minutes');
    expect(describeRange({ from: 'now-1h', to: 'now' }, NOW)).toBe('Last hour');
    expect(describeRange({ from: '2026-11-23 10:00', to: '2026-11-23 10:30' }, NOW)).toBe('10:00 – 10:30');
    expect(describeRange({ from: 'x', to: 'now' }, NOW)).toBe('Not a range of time');
  });
});

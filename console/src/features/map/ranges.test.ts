// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { epochMillis } from '../../ui/units';
import { comparedRange, typedComparison } from './compare-range';
import { rangeOf, stepAt, stepsOf } from './replay-steps';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const END = Date.UTC(2026, 10, 23, 12);
const NOW = epochMillis(END);
const RANGE = { start: epochMillis(END - HOUR), end: NOW };

describe('comparedRange', () => {
  it.each([
    ['before', HOUR],
    ['day', 24 * HOUR],
    ['week', 7 * 24 * HOUR],
  ])('%s is as long, and earlier', (text, earlier) => {
    expect(comparedRange(text, RANGE, NOW)).toEqual({ start: RANGE.start - earlier, end: RANGE.end - earlier });
  });

  it('takes two times, and what was typed', () => {
    const range = { start: END - 3 * HOUR, end: END - 2 * HOUR };
    expect(comparedRange('2026-11-23T09:00Z/2026-11-23T10:00Z', RANGE, NOW)).toEqual(range);
    const typed = typedComparison('2026-11-23T09:00Z to 2026-11-23T10:00Z', NOW);
    expect(typed && comparedRange(typed, RANGE, NOW)).toEqual(range);
  });

  it.each(['', 'never', 'now', '2026-11-23T10:00Z/2026-11-23T09:00Z', 'a/b', 'now-2h/now-1h/now'])('refuses "%s"', (text) => {
    expect(comparedRange(text, RANGE, NOW)).toBeUndefined();
  });

  it('refuses what is typed and no range', () => {
    expect(typedComparison('whenever', NOW)).toBeUndefined();
  });
});

describe('stepsOf', () => {
  it('has whole minutes, at most 61 of them', () => {
    expect(stepsOf(RANGE)).toEqual({ first: END - HOUR, millis: MINUTE, count: 60 });
    const odd = stepsOf({ start: epochMillis(END - HOUR - 1), end: NOW });
    expect(odd).toEqual({ first: END - HOUR - 2 * MINUTE, millis: 2 * MINUTE, count: 31 });
    expect(stepsOf({ start: epochMillis(END - 24 * HOUR), end: NOW })).toMatchObject({ millis: 24 * MINUTE, count: 60 });
    expect(stepsOf({ start: epochMillis(END - 1_000), end: NOW })).toMatchObject({ millis: MINUTE, count: 1 });
  });

  it('finds the step of a moment, and the nearest to one outside', () => {
    const steps = stepsOf(RANGE);
    expect(stepAt(steps, epochMillis(steps.first + 90_000))).toBe(1);
    expect(stepAt(steps, epochMillis(0))).toBe(0);
    expect(stepAt(steps, epochMillis(END + HOUR))).toBe(59);
    expect(rangeOf(steps, 1)).toEqual({ start: steps.first + MINUTE, end: steps.first + 2 * MINUTE });
  });
});

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { formatChange } from '../features/map/map-format';
import { changeOf } from './change';
import type { Calls } from './map-model';

function calls(total: number, fault: number, meanMillis: number): Calls {
  return { total, ok: total - fault, error: 0, throttle: 0, fault, durationMicros: total * meanMillis * 1_000 };
}

describe('changeOf', () => {
  it.each([
    ['slower', calls(100, 0, 210), calls(100, 0, 70), '+140 ms (×3)'],
    ['faster', calls(100, 0, 10), calls(100, 0, 40), '−30 ms (×0.3)'],
    ['faults', calls(100, 20, 210), calls(100, 2, 70), '2 % → 20 % bad'],
    ['fewer', calls(100, 2, 70), calls(100, 20, 70), '20 % → 2 % bad'],
    ['same', calls(100, 1, 75), calls(100, 0.5, 70), 'as before'],
    // Of so few nothing can be said.
    ['same', calls(3, 3, 500), calls(100, 0, 70), 'as before'],
    // Clocks do not tell that apart.
    ['same', calls(100, 0, 0.12), calls(100, 0, 0.06), 'as before'],
  ] as const)('is %s', (expected, now, then, text) => {
    const part = { calls: now, then: { state: 'both', calls: then } } as const;
    expect(changeOf(part)).toBe(expected);
    expect(formatChange(part)).toBe(text);
  });

  it('is new or gone, however few calls there are', () => {
    expect(changeOf({ calls: calls(1, 0, 1), then: { state: 'new', calls: calls(0, 0, 0) } })).toBe('new');
    expect(changeOf({ calls: calls(0, 0, 0), then: { state: 'gone', calls: calls(1, 0, 1) } })).toBe('gone');
  });

  it('is nothing where nothing is compared', () => {
    expect(changeOf({ calls: calls(10, 0, 1) })).toBeUndefined();
    expect(formatChange({ calls: calls(10, 0, 1) })).toBe('');
  });
});

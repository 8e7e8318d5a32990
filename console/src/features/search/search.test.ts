// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { micros } from '../../ui/units';
import { withDurations, withoutDurations } from './duration-clause';
import { traceIdOf } from './trace-id';

describe('traceIdOf', () => {
  it.each([
    ['1-5759e988-bd862e3fe1be46a994272793', '1-5759e988-bd862e3fe1be46a994272793'],
    [' 5759E988BD862E3FE1BE46A994272793\n', '5759e988bd862e3fe1be46a994272793'],
    ['Root=1-5759e988-bd862e3fe1be46a994272793', '1-5759e988-bd862e3fe1be46a994272793'],
  ])('knows %j', (text, id) => {
    expect(traceIdOf(text)).toBe(id);
  });

  it.each(['', 'service("a")', '5759e988bd862e3f', '0'.repeat(32)])('leaves %j', (text) => {
    expect(traceIdOf(text)).toBeUndefined();
  });
});

describe('withDurations', () => {
  const from = micros(1_500);
  const to = micros(2_000_000);

  it.each([
    ['', 'duration >= 0.0015 AND duration < 2'],
    ['fault', 'fault AND duration >= 0.0015 AND duration < 2'],
    ['fault OR error', '(fault OR error) AND duration >= 0.0015 AND duration < 2'],
  ])('adds to %j', (filter, expected) => {
    const added = withDurations(filter, from, to);
    expect(added).toBe(expected);
    expect(withDurations(added, from, to)).toBe(expected);
    expect(withoutDurations(added)).toBe(filter);
  });

  it('has no end where none is wanted, and few digits that lose nothing', () => {
    const open = withDurations('fault', micros(1_364_812), undefined);
    expect(open).toBe('fault AND duration >= 1.36');
    expect(withDurations(open, micros(1), micros(123_456))).toBe(
      'fault AND duration >= 0.000001 AND duration < 0.124',
    );
  });
});

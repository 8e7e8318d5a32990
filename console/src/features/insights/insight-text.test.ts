// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { expect, it } from 'vitest';
import type { Insight } from '../../api/schemas';
import { categoriesOf, impactText, rangeAround } from './insight-text';

const IMPACT = { totalCount: 340, faultCount: 12, okCount: 328 };
const INSIGHT = {
  id: 'x',
  group: 'Default',
  state: 'closed',
  categories: ['fault', 'latency'],
  summary: '',
  startEpochNanos: '1700000000000000000' as Insight['startEpochNanos'],
  endEpochNanos: '1700000600000000000' as Insight['startEpochNanos'],
  updatedEpochNanos: '1700000600000000000' as Insight['startEpochNanos'],
  rootCause: { name: 'bank', type: '' },
  clientImpact: IMPACT,
  rootCauseImpact: IMPACT,
  anomalous: [],
  exampleTraces: [],
  events: [],
} satisfies Insight;

it('says what kind it is and how many were hit', () => {
  expect(categoriesOf(INSIGHT)).toBe('faults, slow');
  expect(impactText(IMPACT)).toBe('12 of 340 (3.5 %)');
  expect(impactText({ totalCount: 0, faultCount: 0, okCount: 0 })).toBe('0 of 0');
});

it('the range round it has what was before, and follows one that goes on', () => {
  expect(rangeAround(INSIGHT)).toEqual({ from: '2023-11-14T22:08:20.000Z', to: '2023-11-14T22:28:20.000Z' });
  expect(rangeAround({ ...INSIGHT, state: 'active' }).to).toBe('now');
});

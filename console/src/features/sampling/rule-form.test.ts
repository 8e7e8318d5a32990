// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { expect, it } from 'vitest';
import type { SamplingRule, Simulation } from '../../api/schemas';
import { NEW_RULE, changeOf, differencesOf, formOf, ruleOf, withRule } from './rule-form';

const RULE: SamplingRule = {
  name: 'pay',
  priority: 5,
  reservoirSize: 2,
  fixedRate: 0.07,
  serviceName: 'pay',
  serviceType: '*',
  host: '*',
  httpMethod: 'POST',
  urlPath: '/pay/*',
  resourceArn: '*',
  attributes: new Map([['tenant', 'a=b']]),
  source: 'api',
};
const DEFAULT: SamplingRule = { ...RULE, name: 'Default', priority: 10_000, attributes: new Map() };

it('a rule goes through the fields and comes back as it was', () => {
  const { source: _source, attributes, ...others } = RULE;
  expect(formOf(RULE).rate).toBe('7');
  expect(ruleOf(formOf(RULE))).toMatchObject({ ...others, attributes: Object.fromEntries(attributes) });
});

it('a number that is none is not taken for zero', () => {
  expect(ruleOf({ ...NEW_RULE, priority: '' }).priority).toBeNaN();
});

it('of the default rule only rate and reservoir are sent', () => {
  expect(Object.keys(changeOf('Default', ruleOf(formOf(DEFAULT))))).toEqual(['fixedRate', 'reservoirSize']);
  expect(changeOf('pay', ruleOf(formOf(RULE)))).not.toHaveProperty('name');
});

it('what-if sets have the rule added, changed or left out', () => {
  const rules = [RULE, DEFAULT];
  expect(withRule(rules, undefined, { name: 'new' }).map((each) => each.name)).toEqual(['pay', 'Default', 'new']);
  expect(withRule(rules, 'pay', { fixedRate: 1 })[0]).toMatchObject({ name: 'pay', fixedRate: 1, priority: 5 });
  expect(withRule(rules, 'pay', undefined).map((each) => each.name)).toEqual(['Default']);
});

it('differences list new rules and those that would be gone', () => {
  const simulation = (...names: readonly string[]): Simulation => ({
    rules: names.map((name, i) => ({ ...RULE, name, matchedCount: 10 * (i + 1), expectedCount: i + 1 })),
    traceCount: 100,
    expectedCount: 10,
    sampledByRuleCount: 0,
    limitReached: false,
    startEpochNanos: '0' as Simulation['startEpochNanos'],
    endEpochNanos: '1' as Simulation['endEpochNanos'],
  });
  expect(differencesOf(simulation('old', 'Default'), simulation('new', 'Default'))).toEqual([
    { name: 'new', before: undefined, after: { matched: 10, kept: 1 } },
    { name: 'Default', before: { matched: 20, kept: 2 }, after: { matched: 20, kept: 2 } },
    { name: 'old', before: { matched: 10, kept: 1 }, after: undefined },
  ]);
});

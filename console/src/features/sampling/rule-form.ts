// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { RuleChange } from '../../api/routes';
import type { SamplingRule, Simulation } from '../../api/schemas';

export const DEFAULT_RULE = 'Default';

/** What stands in the fields, as it was typed. */
export type RuleForm = {
  readonly name: string;
  readonly priority: string;
  readonly reservoirSize: string;
  /** In percent. */
  readonly rate: string;
  readonly serviceName: string;
  readonly serviceType: string;
  readonly host: string;
  readonly httpMethod: string;
  readonly urlPath: string;
  readonly resourceArn: string;
  /** A line each: key=pattern. */
  readonly attributes: string;
};

export const NEW_RULE: RuleForm = {
  name: '',
  priority: '100',
  reservoirSize: '1',
  rate: '5',
  serviceName: '*',
  serviceType: '*',
  host: '*',
  httpMethod: '*',
  urlPath: '*',
  resourceArn: '*',
  attributes: '',
};

export function formOf(rule: SamplingRule): RuleForm {
  return {
    ...rule,
    priority: String(rule.priority),
    reservoirSize: String(rule.reservoirSize),
    rate: String(Number((rule.fixedRate * 100).toPrecision(12))),
    attributes: [...rule.attributes].map(([key, value]) => `${key}=${value}`).join('\n'),
  };
}

/**
 * Returns the rule that the fields are; numbers that are none go to the server as they are, which says what is wrong.
 */
export function ruleOf(form: RuleForm): RuleChange {
  const { rate, attributes, priority, reservoirSize, ...texts } = form;
  const lines = attributes.split('\n').filter((line) => line.trim() !== '');
  return {
    ...texts,
    priority: numberOf(priority),
    reservoirSize: numberOf(reservoirSize),
    fixedRate: Number((numberOf(rate) / 100).toPrecision(12)),
    attributes: Object.fromEntries(
      lines.map((line) => {
        const split = line.indexOf('=');
        return split < 0 ? [line.trim(), ''] : [line.slice(0, split).trim(), line.slice(split + 1).trim()];
      }),
    ),
  };
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

/** Returns what of a rule may be changed: of the default rule, how much it keeps. */
export function changeOf(name: string, rule: RuleChange): RuleChange {
  if (name === DEFAULT_RULE) {
    const { fixedRate, reservoirSize } = rule;
    return { ...(fixedRate === undefined ? {} : { fixedRate }), ...(reservoirSize === undefined ? {} : { reservoirSize }) };
  }
  const { name: _name, ...others } = rule;
  return others;
}

/** Returns the rules in force with one added, changed, or left out. */
export function withRule(
  rules: readonly SamplingRule[],
  name: string | undefined,
  rule: RuleChange | undefined,
): readonly RuleChange[] {
  const plain = rules.map(
    ({ attributes, source: _source, ...others }): RuleChange => ({
      ...others,
      attributes: Object.fromEntries(attributes),
    }),
  );
  if (rule === undefined) {
    return plain.filter((each) => each.name !== name);
  }
  if (name === undefined) {
    return [...plain, rule];
  }
  return plain.map((each) => (each.name === name ? { ...each, ...rule, name } : each));
}

export type Difference = {
  readonly name: string;
  readonly before: { readonly matched: number; readonly kept: number } | undefined;
  readonly after: { readonly matched: number; readonly kept: number } | undefined;
};

/** Returns what each rule matches and keeps now, and would then, in the order in which they would be tried. */
export function differencesOf(before: Simulation, after: Simulation): readonly Difference[] {
  const names = [
    ...after.rules.map((each) => each.name),
    ...before.rules.map((each) => each.name).filter((name) => !after.rules.some((each) => each.name === name)),
  ];
  const of = (simulation: Simulation, name: string): Difference['before'] => {
    const rule = simulation.rules.find((each) => each.name === name);
    return rule && { matched: rule.matchedCount, kept: rule.expectedCount };
  };
  return names.map((name) => ({ name, before: of(before, name), after: of(after, name) }));
}

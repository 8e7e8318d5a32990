// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode, SubmitEvent } from 'react';
import { ApiError } from '../../api/client';
import { createSamplingRule, updateSamplingRule } from '../../api/routes';
import type { SamplingRule } from '../../api/schemas';
import { Dialog } from '../../ui/Dialog';
import { WhatIf } from './WhatIf';
import { DEFAULT_RULE, NEW_RULE, changeOf, formOf, ruleOf, withRule } from './rule-form';
import type { RuleForm } from './rule-form';

const NUMBERS = [
  ['priority', 'Priority (1 is tried first)', 'priority'],
  ['reservoirSize', 'Reservoir (requests a second)', 'reservoirSize'],
  ['rate', 'Rate of the others (percent)', 'fixedRate'],
] as const;

const PATTERNS = [
  ['serviceName', 'Service name'],
  ['serviceType', 'Service type'],
  ['host', 'Host'],
  ['httpMethod', 'HTTP method'],
  ['urlPath', 'URL path'],
  ['resourceArn', 'Resource ARN'],
] as const;

/** Makes or changes a rule, and shows what it would have kept in the last hour. */
export function RuleEditor({
  rules,
  rule,
  onClose,
  onSaved,
}: {
  readonly rules: readonly SamplingRule[];
  /** Undefined to make one. */
  readonly rule: SamplingRule | undefined;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}): ReactNode {
  const [form, setForm] = useState(rule === undefined ? NEW_RULE : formOf(rule));
  const fixed = rule?.name === DEFAULT_RULE;
  const made = ruleOf(form);
  const saving = useMutation({
    mutationFn: () =>
      rule === undefined ? createSamplingRule(made) : updateSamplingRule(rule.name, changeOf(rule.name, made)),
    onSuccess: onSaved,
  });
  const at = saving.error instanceof ApiError ? saving.error.parameter : undefined;
  const field = (name: keyof RuleForm, parameter: string = name) => ({
    value: form[name],
    autoComplete: 'off',
    'aria-invalid': at === parameter,
    onChange: (event: { readonly currentTarget: { readonly value: string } }) => {
      const { value } = event.currentTarget;
      setForm((before) => ({ ...before, [name]: value }));
    },
  });
  const whole = withRule(
    rules,
    rule?.name,
    rule === undefined ? { ...made, name: made.name === '' ? 'this rule' : (made.name ?? '') } : made,
  );
  return (
    <Dialog
      onClose={onClose}
      size="xl"
      title={rule === undefined ? 'New sampling rule' : `Sampling rule ${rule.name}`}
    >
      <form
        className="editor"
        onSubmit={(event: SubmitEvent<HTMLFormElement>) => {
          event.preventDefault();
          saving.mutate();
        }}
      >
        {rule === undefined && (
          <label className="editor-field">
            Name
            <input data-autofocus required maxLength={32} {...field('name')} />
          </label>
        )}
        {fixed && <p className="dim">This rule takes what no other matches; how much it keeps can be changed.</p>}
        <div className="editor-row">
          {NUMBERS.map(([name, label, parameter], i) => (
            <label key={name} className="editor-field">
              {label}
              <input
                inputMode="decimal"
                required
                disabled={fixed && name === 'priority'}
                data-autofocus={rule !== undefined && i === (fixed ? 1 : 0) ? true : undefined}
                {...field(name, parameter)}
              />
            </label>
          ))}
        </div>
        {!fixed && (
          <>
            <div className="editor-row">
              {PATTERNS.map(([name, label]) => (
                <label key={name} className="editor-field">
                  {label}
                  <input className="mono" {...field(name)} />
                </label>
              ))}
            </div>
            <label className="editor-field">
              Attributes, a line each: key=pattern
              <textarea rows={2} spellCheck={false} {...field('attributes')} />
            </label>
            <p className="dim">
              In patterns <code className="mono">*</code> stands for any text and <code className="mono">?</code> for
              one character.
            </p>
          </>
        )}
        <WhatIf rules={whole} />
        <div className="editor-foot">
          <span className="editor-problem" role="alert">
            {saving.error?.message}
          </span>
          <Button size="xs" variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button size="xs" type="submit" loading={saving.isPending}>
            {rule === undefined ? 'Make the rule' : 'Save'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { RuleChange } from '../../api/routes';
import { simulateSampling } from '../../api/routes';
import { formatCount, plural } from '../../ui/format';
import { Loading } from '../../ui/states';
import { useSettled } from '../../ui/use-settled';
import { differencesOf } from './rule-form';

/** What the last hour would have been with other rules than those in force. */
export function WhatIf({ rules }: { readonly rules: readonly RuleChange[] }): ReactNode {
  const wanted = JSON.stringify(rules);
  const settled = useSettled(wanted);
  const before = useQuery({
    queryKey: ['sampling-simulation', 'in force'],
    queryFn: ({ signal }) => simulateSampling(undefined, signal),
  });
  const after = useQuery({
    queryKey: ['sampling-simulation', settled],
    queryFn: ({ signal }) => simulateSampling(rules, signal),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const error = before.error ?? after.error;
  if (error !== null) {
    return (
      <section className="editor-preview" aria-label="What if">
        <p className="editor-problem" role="alert">
          {error.message.replace(/^rules: (rules\[[0-9]+\]\.)?/, '')}
        </p>
      </section>
    );
  }
  if (before.data === undefined || after.data === undefined) {
    return (
      <section className="editor-preview" aria-label="What if">
        <Loading rows={3} label="The last hour is worked out" />
      </section>
    );
  }
  const stale = settled !== wanted || after.isPlaceholderData;
  const kept = (count: number): string => formatCount(Math.round(count));
  return (
    <section className={`editor-preview${stale ? ' stale' : ''}`} aria-label="What if" aria-busy={stale}>
      <h3 aria-live="polite">
        Of {plural(after.data.traceCount, 'trace')} in the last hour: {kept(before.data.expectedCount)} kept now,{' '}
        {kept(after.data.expectedCount)} then
      </h3>
      <table className="admin-table">
        <thead>
          <tr>
            <th scope="col">Rule</th>
            <th scope="col" className="number">
              Matched now
            </th>
            <th scope="col" className="number">
              then
            </th>
            <th scope="col" className="number">
              Kept now
            </th>
            <th scope="col" className="number">
              then
            </th>
          </tr>
        </thead>
        <tbody>
          {differencesOf(before.data, after.data).map(({ name, before: old, after: other }) => (
            <tr key={name}>
              <th scope="row">{name === '' ? 'this rule' : name}</th>
              <td className="number">{old === undefined ? '–' : formatCount(old.matched)}</td>
              <td className="number">{other === undefined ? '–' : formatCount(other.matched)}</td>
              <td className="number">{old === undefined ? '–' : kept(old.kept)}</td>
              <td className="number">{other === undefined ? '–' : kept(other.kept)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

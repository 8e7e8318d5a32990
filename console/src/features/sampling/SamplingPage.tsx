// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import '../../ui/admin.css';
import { Button } from '@mantine/core';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import {
  deleteSamplingRule,
  fetchSamplingRules,
  fetchSamplingStatistics,
  simulateSampling,
} from '../../api/routes';
import type { SamplingRule, SamplingStatistics, Simulation } from '../../api/schemas';
import { useKeys } from '../../app/keys';
import { sharedSearch } from '../../app/search-params';
import { ConfirmDelete } from '../../ui/ConfirmDelete';
import { formatCount, plural } from '../../ui/format';
import { Failure, Loading } from '../../ui/states';
import { RuleEditor } from './RuleEditor';
import { WhatIf } from './WhatIf';
import { DEFAULT_RULE, withRule } from './rule-form';

const REFRESH_MILLIS = 10_000;

/** The rules by which clients decide which requests to trace. */
export function SamplingPage(): ReactNode {
  const search = useSearch({ from: '/sampling' });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [doomed, setDoomed] = useState<SamplingRule>();
  useEffect(() => {
    document.title = 'Sampling rules · Roentgen';
  }, []);
  const rules = useQuery({ queryKey: ['sampling-rules'], queryFn: ({ signal }) => fetchSamplingRules(signal) });
  const now = useQuery({
    queryKey: ['sampling-simulation', 'in force'],
    queryFn: ({ signal }) => simulateSampling(undefined, signal),
  });
  const reported = useQuery({
    queryKey: ['sampling-statistics'],
    queryFn: ({ signal }) => fetchSamplingStatistics(signal),
    refetchInterval: REFRESH_MILLIS,
  });

  const open = (changed: { readonly new?: string; readonly edit?: string }): void =>
    void navigate({ to: '/sampling', search: (before) => ({ ...sharedSearch(before), ...changed }) });
  const keys = useMemo(() => [{ keys: 'n', label: 'New rule', run: () => open({ new: '1' }) }], [navigate]);
  useKeys(keys);
  const refresh = (): void => {
    for (const key of ['sampling-rules', 'sampling-simulation', 'sampling-statistics']) {
      void queries.invalidateQueries({ queryKey: [key] });
    }
  };
  const edited = rules.data?.find((each) => each.name === search.edit);

  return (
    <div className="admin-page">
      <div className="admin-head">
        <h1>Sampling rules</h1>
        <p>
          Clients that ask for rules take the first that matches a request: so many a second from its reservoir, and a
          share of the others.
        </p>
        <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => open({ new: '1' })}>
          New rule
        </Button>
      </div>
      {search.edit !== undefined && rules.data !== undefined && edited === undefined && (
        <p className="panel editor-preview" role="alert">
          There is no rule {search.edit}. It may have been deleted.
        </p>
      )}
      {rules.isError && rules.data === undefined ? (
        <Failure title="Rules cannot be shown" error={rules.error} onRetry={() => void rules.refetch()} />
      ) : rules.data === undefined ? (
        <Loading rows={5} label="Rules are fetched" />
      ) : (
        <RuleTable
          rules={rules.data}
          now={now.data}
          reported={reported.data}
          onEdit={(name) => open({ edit: name })}
          onDelete={setDoomed}
        />
      )}
      {now.isError && (
        <p className="editor-problem" role="alert">
          What the rules match could not be worked out: {now.error.message}
        </p>
      )}
      {reported.isError && (
        <p className="editor-problem" role="alert">
          What clients reported could not be fetched: {reported.error.message}
        </p>
      )}
      {now.data !== undefined && (
        <p className="dim">
          Matched and kept are worked out from the {plural(now.data.traceCount, 'trace')} that are stored of the last
          hour{now.data.limitReached ? ', the newest of them' : ''}
          {now.data.sampledByRuleCount > 0
            ? `; ${formatCount(now.data.sampledByRuleCount)} of these had been let in by a rule already`
            : ''}
          . Reported is what clients said that they did in that time.
        </p>
      )}
      {rules.data !== undefined && (search.new !== undefined || edited !== undefined) && (
        <RuleEditor
          key={edited?.name ?? ''}
          rules={rules.data}
          rule={edited}
          onClose={() => open({})}
          onSaved={() => {
            refresh();
            open({});
          }}
        />
      )}
      {doomed !== undefined && rules.data !== undefined && (
        <ConfirmDelete
          title={`Delete the rule ${doomed.name}?`}
          remove={() => deleteSamplingRule(doomed.name)}
          onClose={() => setDoomed(undefined)}
          onDone={() => {
            setDoomed(undefined);
            refresh();
          }}
        >
          <p>Clients learn of it within five minutes. Without it, the last hour would have been:</p>
          <WhatIf rules={withRule(rules.data, doomed.name, undefined)} />
        </ConfirmDelete>
      )}
    </div>
  );
}

const SOURCES = { api: 'made here or by API', file: 'rule file', builtIn: 'built in' } as const;

function RuleTable({
  rules,
  now,
  reported,
  onEdit,
  onDelete,
}: {
  readonly rules: readonly SamplingRule[];
  readonly now: Simulation | undefined;
  readonly reported: SamplingStatistics['rules'] | undefined;
  readonly onEdit: (name: string) => void;
  readonly onDelete: (rule: SamplingRule) => void;
}): ReactNode {
  return (
    <div className="panel admin-scroll">
      <table className="admin-table" aria-label="Sampling rules in the order in which they are tried">
        <thead>
          <tr>
            <th scope="col" className="number">
              Priority
            </th>
            <th scope="col">Rule</th>
            <th scope="col">Matches</th>
            <th scope="col" className="number">
              Reservoir
            </th>
            <th scope="col" className="number">
              Rate
            </th>
            <th scope="col" className="number">
              Matched 1 h
            </th>
            <th scope="col" className="number">
              Kept 1 h
            </th>
            <th scope="col" className="number">
              Reported 1 h
            </th>
            <th scope="col">
              <span className="visually-hidden">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rules.map((rule) => {
            const outcome = now?.rules.find((each) => each.name === rule.name);
            const told = reported?.find((each) => each.name === rule.name);
            const fixed = rule.name === DEFAULT_RULE || rule.source === 'file';
            return (
              <tr key={rule.name}>
                <td className="number">{rule.priority}</td>
                <th scope="row">
                  {rule.name} <span className="badge">{SOURCES[rule.source]}</span>
                </th>
                <td className="grow">
                  <Matchers rule={rule} />
                </td>
                <td className="number">{formatCount(rule.reservoirSize)}/s</td>
                <td className="number">{percent(rule.fixedRate)}</td>
                <td className="number">{outcome === undefined ? '…' : formatCount(outcome.matchedCount)}</td>
                <td className="number">
                  {outcome === undefined ? '…' : formatCount(Math.round(outcome.expectedCount))}
                </td>
                <td
                  className="number"
                  title={
                    told && `${plural(told.requestCount, 'request')}, ${formatCount(told.borrowCount)} of those kept were borrowed`
                  }
                >
                  {told === undefined
                    ? '–'
                    : `${formatCount(told.sampledCount)} of ${formatCount(told.requestCount)}`}
                </td>
                <td>
                  <div className="admin-actions">
                    <Button
                      size="compact-xs"
                      variant="subtle"
                      aria-label={`Edit ${rule.name}`}
                      leftSection={<IconPencil size={14} />}
                      onClick={() => onEdit(rule.name)}
                    >
                      Edit
                    </Button>
                    <Button
                      size="compact-xs"
                      variant="subtle"
                      aria-label={`Delete ${rule.name}`}
                      leftSection={<IconTrash size={14} />}
                      disabled={fixed}
                      title={
                        rule.name === DEFAULT_RULE
                          ? 'This rule is always there'
                          : fixed
                            ? 'This rule is in the server’s rule file'
                            : undefined
                      }
                      onClick={() => onDelete(rule)}
                    >
                      Delete
                    </Button>
                  </div>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(4))} %`;
}

const MATCHERS = [
  ['serviceName', 'service'],
  ['serviceType', 'type'],
  ['host', 'host'],
  ['httpMethod', 'method'],
  ['urlPath', 'path'],
  ['resourceArn', 'ARN'],
] as const;

/** What a request must be; patterns that any request matches are left out. */
function Matchers({ rule }: { readonly rule: SamplingRule }): ReactNode {
  const parts = [
    ...MATCHERS.filter(([member]) => rule[member] !== '*').map(([member, name]) => [name, rule[member]] as const),
    ...rule.attributes,
  ];
  return parts.length === 0 ? (
    <span className="dim">every request</span>
  ) : (
    parts.map(([name, pattern], i) => (
      <span key={name}>
        {i > 0 && <span className="dim">, </span>}
        <span className="dim">{name}</span> <code className="mono">{pattern}</code>
      </span>
    ))
  );
}

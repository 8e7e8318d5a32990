// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { Button, Switch } from '@mantine/core';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { ReactNode, SubmitEvent } from 'react';
import { ApiError } from '../../api/client';
import { createGroup, fetchTraceStatistics, updateGroup } from '../../api/routes';
import type { Group } from '../../api/schemas';
import { DEFAULT_GROUP } from '../../app/group-scope';
import { resolveRange } from '../../app/time-range';
import { Dialog } from '../../ui/Dialog';
import { OutcomeGlyph } from '../../ui/Outcome';
import { formatCount, plural } from '../../ui/format';
import { Failure, Loading } from '../../ui/states';
import { epochMillis } from '../../ui/units';
import { useSettled } from '../../ui/use-settled';
import { DurationChart } from '../search/DurationChart';
import { FilterProblem } from '../search/FilterProblem';
import { withDurations } from '../search/duration-clause';
import { countsOf } from './counts';

/** Makes or changes a group, and shows what it would have matched in the last hour. */
export function GroupEditor({
  group,
  filter,
  onClose,
  onSaved,
}: {
  /** Undefined to make one. */
  readonly group: Group | undefined;
  readonly filter: string;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}): ReactNode {
  const [name, setName] = useState(group?.name ?? '');
  const [typed, setTyped] = useState(filter);
  const [insights, setInsights] = useState(group?.insights.enabled ?? false);
  const [notifications, setNotifications] = useState(group?.insights.notifications ?? false);
  const fixed = group?.name === DEFAULT_GROUP;
  const saving = useMutation({
    mutationFn: () => {
      const change = {
        ...(fixed ? {} : { filter: typed.trim() }),
        insights: { enabled: insights, notifications: insights && notifications },
      };
      return group === undefined ? createGroup({ name, ...change }) : updateGroup(group.name, change);
    },
    onSuccess: onSaved,
  });
  const problem = saving.error;
  const at = problem instanceof ApiError ? problem.parameter : undefined;
  const id = useId();
  return (
    <Dialog
      onClose={onClose}
      size="lg"
      title={group === undefined ? 'New group' : `Group ${group.name}`}
    >
      <form
        className="editor"
        onSubmit={(event: SubmitEvent<HTMLFormElement>) => {
          event.preventDefault();
          saving.mutate();
        }}
      >
        {group === undefined && (
          <label className="editor-field">
            Name
            <input
              data-autofocus
              required
              maxLength={32}
              pattern="[A-Za-z0-9\-]+"
              title="Letters, digits and -"
              autoComplete="off"
              aria-invalid={at === 'name'}
              aria-describedby={`${id}-problem`}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          </label>
        )}
        {fixed ? (
          <p className="dim">This group has all traces; only its insights can be changed.</p>
        ) : (
          <label className="editor-field">
            Filter expression
            <textarea
              spellCheck={false}
              rows={3}
              data-autofocus={group === undefined ? undefined : true}
              placeholder='service("cart") { fault } AND responsetime > 1   (nothing: all traces)'
              aria-invalid={at === 'filter'}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
          </label>
        )}
        <div className="editor-switches">
          <Switch
            label="Insights: watch for faults and slowness"
            checked={insights}
            onChange={(event) => setInsights(event.currentTarget.checked)}
          />
          <Switch
            label="Tell of them"
            disabled={!insights}
            checked={insights && notifications}
            onChange={(event) => setNotifications(event.currentTarget.checked)}
          />
        </div>
        {!fixed && <Preview filter={typed.trim()} onFilter={setTyped} />}
        <div className="editor-foot">
          <span id={`${id}-problem`} className="editor-problem" role="alert">
            {problem?.message}
          </span>
          <Button size="xs" variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button size="xs" type="submit" loading={saving.isPending}>
            {group === undefined ? 'Make the group' : 'Save'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What a filter matches in the last hour. */
function Preview({
  filter,
  onFilter,
}: {
  readonly filter: string;
  readonly onFilter: (filter: string) => void;
}): ReactNode {
  const settled = useSettled(filter);
  const [range] = useState(() => resolveRange({ from: 'now-1h', to: 'now' }, epochMillis(Date.now())));
  const query = (expression: string) => ({
    queryKey: ['trace-statistics', range?.start, range?.end, expression],
    queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
      range === undefined
        ? Promise.reject(new Error('no range'))
        : fetchTraceStatistics(range, expression, undefined, signal),
  });
  const all = useQuery(query(''));
  const matched = useQuery({ ...query(settled), placeholderData: keepPreviousData });
  const { error, data } = matched;
  const counts = data && countsOf(data);
  const stale = settled !== filter || matched.isPlaceholderData;
  return (
    <section className="editor-preview" aria-label="The last hour">
      {error !== null ? (
        error instanceof ApiError && error.parameter === 'filter' ? (
          <FilterProblem filter={settled} error={error} onFilter={onFilter} />
        ) : (
          <Failure title="The preview failed" error={error} onRetry={() => void matched.refetch()} />
        )
      ) : counts === undefined || data === undefined ? (
        <Loading rows={3} label="The last hour is looked at" />
      ) : (
        <div className={stale ? 'stale' : undefined} aria-busy={stale}>
          <h3 aria-live="polite">
            {counts.more ? 'Of the newest traces, ' : ''}
            {formatCount(counts.total)}
            {settled !== '' && all.data !== undefined && !all.data.limitReached && !counts.more
              ? ` of ${plural(all.data.traceCount, 'trace')}`
              : ` trace${counts.total === 1 ? '' : 's'}`}{' '}
            of the last hour
          </h3>
          {counts.total === 0 ? (
            <p className="dim">
              Nothing in the last hour is like this. The group can be made all the same, and will have what comes.
            </p>
          ) : (
            <>
              <div className="summary-outcomes">
                {(['error', 'throttle', 'fault'] as const)
                  .filter((name) => counts[name] > 0)
                  .map((name) => (
                    <span key={name} className={`outcome outcome-${name}`}>
                      <OutcomeGlyph outcome={name} />
                      {formatCount(counts[name])} {name}
                    </span>
                  ))}
              </div>
              <DurationChart
                statistics={data}
                onRange={(from, to) => onFilter(withDurations(filter, from, to))}
              />
            </>
          )}
        </div>
      )}
    </section>
  );
}

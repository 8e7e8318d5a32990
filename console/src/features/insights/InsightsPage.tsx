// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import '../../ui/admin.css';
import { Button, SegmentedControl } from '@mantine/core';
import { keepPreviousData, skipToken, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { fetchGroups, fetchInsights } from '../../api/routes';
import type { Insight } from '../../api/schemas';
import { DEFAULT_GROUP } from '../../app/group-scope';
import { useRange } from '../../app/range-context';
import { sharedSearch } from '../../app/search-params';
import { DEFAULT_RANGE } from '../../app/time-range';
import { formatTime } from '../../ui/format';
import { Empty, Failure, Loading } from '../../ui/states';
import { StateBadge } from './StateBadge';
import { categoriesOf, impactText } from './insight-text';

const REFRESH_MILLIS = 30_000;

/** What was unusual. */
export function InsightsPage(): ReactNode {
  const { range, group, texts, setRange, refresh } = useRange();
  const search = useSearch({ from: '/insights' });
  const navigate = useNavigate();
  const state = search.state === 'active' || search.state === 'closed' ? search.state : 'all';
  useEffect(() => {
    document.title = 'Insights · Roentgen';
  }, []);
  const relative = texts.to === 'now';
  useEffect(() => {
    if (!relative) {
      return undefined;
    }
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') {
        refresh();
      }
    }, REFRESH_MILLIS);
    return () => clearInterval(timer);
  }, [relative, refresh]);
  const insights = useQuery({
    queryKey: ['insights', range?.start, range?.end, group],
    queryFn: range === undefined ? skipToken : ({ signal }) => fetchInsights(range, group, signal),
    placeholderData: keepPreviousData,
  });
  const shown = insights.data?.filter((each) => state === 'all' || each.state === state);

  return (
    <div className="admin-page">
      <div className="admin-head">
        <h1>Insights</h1>
        <p>Stretches of time in which services failed or were slow more than they used to, and what caused it.</p>
        <SegmentedControl
          size="xs"
          aria-label="Which insights"
          value={state}
          data={[
            { value: 'all', label: 'All' },
            { value: 'active', label: 'Active' },
            { value: 'closed', label: 'Closed' },
          ]}
          onChange={(chosen) =>
            void navigate({
              to: '/insights',
              search: (before) => ({ ...sharedSearch(before), ...(chosen === 'all' ? {} : { state: chosen }) }),
              replace: true,
            })
          }
        />
      </div>
      {range === undefined ? (
        <Empty
          title="The address has no range of time that can be"
          actions={
            <Button size="xs" onClick={() => setRange(DEFAULT_RANGE)}>
              Show the last hour
            </Button>
          }
        />
      ) : insights.isError && insights.data === undefined ? (
        <Failure title="Insights cannot be shown" error={insights.error} onRetry={() => void insights.refetch()} />
      ) : shown === undefined ? (
        <Loading rows={5} label="Insights are fetched" />
      ) : shown.length === 0 ? (
        <Nothing some={(insights.data?.length ?? 0) > 0} />
      ) : (
        <InsightTable insights={shown} />
      )}
    </div>
  );
}

function Nothing({ some }: { readonly some: boolean }): ReactNode {
  const { group, texts, setRange } = useRange();
  const groups = useQuery({ queryKey: ['groups'], queryFn: ({ signal }) => fetchGroups(signal) });
  const name = group ?? DEFAULT_GROUP;
  const watched = groups.data?.some((each) => each.insights.enabled && (group === undefined || each.name === group));
  if (some) {
    return <Empty title="No insight of this state in this time" />;
  }
  if (watched === false) {
    return (
      <Empty
        title={group === undefined ? 'Nothing is watched yet' : `The group ${group} is not watched`}
        actions={
          <Button size="xs" renderRoot={(props) => <Link {...props} to="/groups" search={{ edit: name }} />}>
            Switch insights on
          </Button>
        }
      >
        <p>Insights are looked for in groups that have them on. The group {DEFAULT_GROUP} has all traces.</p>
      </Empty>
    );
  }
  return (
    <Empty
      title="Nothing unusual in this range of time"
      actions={
        texts.from !== 'now-7d' && (
          <Button size="xs" onClick={() => setRange({ from: 'now-7d', to: 'now' })}>
            Look at the last 7 days
          </Button>
        )
      }
    >
      <p>A service needs about an hour of traffic before it is known what is usual for it.</p>
    </Empty>
  );
}

function InsightTable({ insights }: { readonly insights: readonly Insight[] }): ReactNode {
  const shared = sharedSearch(useSearch({ from: '/insights' }));
  return (
    <div className="panel admin-scroll">
      <table className="admin-table" aria-label="Insights, newest first">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Since</th>
            <th scope="col">Root cause</th>
            <th scope="col">What</th>
            <th scope="col">Group</th>
            <th scope="col" className="number">
              Clients hit by faults
            </th>
          </tr>
        </thead>
        <tbody>
          {insights.map((insight) => (
            <tr key={insight.id}>
              <td>
                <StateBadge state={insight.state} />
              </td>
              <td className="nowrap">{formatTime(insight.startEpochNanos).slice(0, 16)}</td>
              <th scope="row">
                <Link to="/insights/$id" params={{ id: insight.id }} search={shared}>
                  {insight.rootCause.name}
                </Link>{' '}
                <span className="dim">{categoriesOf(insight)}</span>
              </th>
              <td className="grow">{insight.summary}</td>
              <td>{insight.group}</td>
              <td className="number">{impactText(insight.clientImpact)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

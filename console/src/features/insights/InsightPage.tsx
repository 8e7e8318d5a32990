// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import '../../ui/admin.css';
// The charts are the map's, and so are their looks.
import '../map/map.css';
import './insight-page.css';
import { Button } from '@mantine/core';
import { skipToken, useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import type { ReactNode } from 'react';
import { ApiError } from '../../api/client';
import { fetchGraphDetails, fetchInsight } from '../../api/routes';
import type { Insight } from '../../api/schemas';
import { DEFAULT_GROUP, scopeOf } from '../../app/group-scope';
import { sharedSearch } from '../../app/search-params';
import { resolveRange } from '../../app/time-range';
import { formatClock, formatDuration, formatTime, plural } from '../../ui/format';
import { Empty, Failure, Loading } from '../../ui/states';
import { epochMillis, nanosToMicros, toEpochMillis } from '../../ui/units';
import { TimeCharts } from '../map/PanelCharts';
import { StateBadge } from './StateBadge';
import { categoriesOf, impactText, rangeAround } from './insight-text';

/** One insight: what happened when, who was hit, and which traces show it. */
export function InsightPage(): ReactNode {
  const { id } = useParams({ from: '/insights/$id' });
  const shared = sharedSearch(useSearch({ from: '/insights/$id' }));
  const insight = useQuery({
    queryKey: ['insight', id],
    queryFn: ({ signal }) => fetchInsight(id, signal),
    refetchInterval: (query) => (query.state.data?.state === 'active' ? 30_000 : false),
  });
  useEffect(() => {
    document.title = `${insight.data?.rootCause.name ?? 'Insight'} · Insights · Roentgen`;
  }, [insight.data]);
  if (insight.data !== undefined) {
    return <Details insight={insight.data} />;
  }
  if (insight.error instanceof ApiError && [400, 404].includes(insight.error.status)) {
    return (
      <Empty
        level={1}
        title="There is no such insight"
        actions={
          <Button size="xs" renderRoot={(props) => <Link {...props} to="/insights" search={shared} />}>
            All insights
          </Button>
        }
      >
        <p>{insight.error.message}</p>
      </Empty>
    );
  }
  return insight.isError ? (
    <Failure
      level={1}
      title="The insight cannot be shown"
      error={insight.error}
      onRetry={() => void insight.refetch()}
    />
  ) : (
    <Loading label="The insight is fetched" />
  );
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function Details({ insight }: { readonly insight: Insight }): ReactNode {
  const around = useMemo(() => rangeAround(insight), [insight]);
  const shared = sharedSearch(useSearch({ from: '/insights/$id' }));
  const links = { ...around, ...(insight.group === DEFAULT_GROUP ? {} : { group: insight.group }) };
  const service = `service(${quoted(insight.rootCause.name)})`;
  const end = insight.endEpochNanos;
  return (
    <div className="admin-page">
      <div className="admin-head">
        <h1>{insight.rootCause.name}</h1>
        <StateBadge state={insight.state} />
        <p>{insight.summary}</p>
        <div className="admin-actions">
          <Link to="/map" search={links}>
            Map of that time
          </Link>
          <Link
            to="/traces"
            search={{
              ...links,
              q: insight.categories.includes('fault') ? `${service} { fault }` : service,
            }}
          >
            Traces of that time
          </Link>
          <Link to="/insights" search={shared}>
            All insights
          </Link>
        </div>
      </div>
      <dl className="panel insight-facts">
        <div>
          <dt>Since</dt>
          <dd>{formatTime(insight.startEpochNanos).slice(0, 16)}</dd>
        </div>
        <div>
          <dt>Until</dt>
          <dd>{end === undefined ? 'it goes on' : formatTime(end).slice(0, 16)}</dd>
        </div>
        <div>
          <dt>What</dt>
          <dd>{categoriesOf(insight)}</dd>
        </div>
        <div>
          <dt>Root cause</dt>
          <dd>
            {insight.rootCause.name} <span className="dim">{insight.rootCause.type}</span>
          </dd>
        </div>
        <div>
          <dt>Its requests with a fault</dt>
          <dd>{impactText(insight.rootCauseImpact)}</dd>
        </div>
        <div>
          <dt>Client requests with a fault</dt>
          <dd>{impactText(insight.clientImpact)}</dd>
        </div>
        {insight.slowNanos !== undefined && (
          <div>
            <dt>Slow is above</dt>
            <dd>{formatDuration(nanosToMicros(insight.slowNanos))}</dd>
          </div>
        )}
        <div>
          <dt>Group</dt>
          <dd>{insight.group}</dd>
        </div>
      </dl>
      <div className="insight-columns">
        <div>
          <Impact insight={insight} around={around} />
          <section className="panel insight-part" aria-label="Services that are hit">
            <h2>Hit: {plural(insight.anomalous.length, 'service')}</h2>
            <ul>
              {insight.anomalous.map((node) => (
                <li key={`${node.name} ${node.type}`}>
                  <Link to="/traces" search={{ ...links, q: `service(${quoted(node.name)})` }}>
                    {node.name}
                  </Link>{' '}
                  <span className="dim">{node.type}</span>
                  {node.name === insight.rootCause.name && node.type === insight.rootCause.type && (
                    <> <span className="badge">root cause</span></>
                  )}
                </li>
              ))}
            </ul>
          </section>
          <section className="panel insight-part" aria-label="Traces that show it">
            <h2>Traces that show it</h2>
            {insight.exampleTraces.length === 0 ? (
              <p className="dim">None were kept of this insight; the traces of that time may show it.</p>
            ) : (
              <ul>
                {insight.exampleTraces.map((trace) => (
                  <li key={trace.xrayTraceId}>
                    <Link className="mono" to="/trace/$id" params={{ id: trace.xrayTraceId }} search={sharedSearch}>
                      {trace.xrayTraceId}
                    </Link>{' '}
                    <span className="dim">
                      {formatTime(trace.startEpochNanos)} {trace.category === 'fault' ? 'fault' : 'slow'}
                    </span>
                  </li>
                ))}
              </ul>
            )}
          </section>
        </div>
        <section className="panel insight-part" aria-label="What happened">
          <h2>What happened</h2>
          <ol className="insight-events">
            {[...insight.events].reverse().map((event) => (
              <li key={`${event.epochNanos} ${event.summary}`}>
                <time dateTime={new Date(toEpochMillis(event.epochNanos)).toISOString()}>
                  {formatClock(toEpochMillis(event.epochNanos)).slice(0, 5)}
                </time>
                <div>
                  <p>{event.summary}</p>
                  <p className="dim">
                    Root cause {impactText(event.rootCauseImpact)}, clients {impactText(event.clientImpact)}
                  </p>
                </div>
              </li>
            ))}
          </ol>
        </section>
      </div>
    </div>
  );
}

/** Requests to the root cause, and their latency, over the time of the insight. */
function Impact({
  insight,
  around,
}: {
  readonly insight: Insight;
  readonly around: { readonly from: string; readonly to: string };
}): ReactNode {
  const range = useMemo(() => resolveRange(around, epochMillis(Date.now())), [around]);
  const scope = scopeOf(insight.group, '');
  const details = useQuery({
    queryKey: ['graph-details', range?.start, range?.end, scope, 'node', insight.id],
    queryFn:
      range === undefined
        ? skipToken
        : ({ signal }) => fetchGraphDetails(range, scope, insight.rootCause, undefined, signal),
  });
  return (
    <section className="panel insight-part" aria-label={`Requests to ${insight.rootCause.name} over time`}>
      <h2>Requests to {insight.rootCause.name}</h2>
      {details.isError ? (
        <Failure title="The timeline failed" error={details.error} onRetry={() => void details.refetch()} />
      ) : details.data === undefined ? (
        <Loading rows={4} label="The timeline is fetched" />
      ) : details.data.periods.length === 0 ? (
        <p className="dim">The traces of that time are not stored any more.</p>
      ) : (
        <TimeCharts details={details.data} />
      )}
    </section>
  );
}

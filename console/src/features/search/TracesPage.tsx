// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './traces-page.css';
import { Button } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { ApiError } from '../../api/client';
import type { Range } from '../../api/routes';
import { fetchStatus, fetchTraceStatistics, searchTraces } from '../../api/routes';
import type { TraceStatistics, TraceSummary } from '../../api/schemas';
import { useKeys } from '../../app/keys';
import { useRange } from '../../app/range-context';
import { DEFAULT_RANGE } from '../../app/time-range';
import { OutcomeGlyph, OutcomeMark, outcomeOf } from '../../ui/Outcome';
import { formatCount, formatDuration, formatTime, plural } from '../../ui/format';
import { Empty, Failure, Loading } from '../../ui/states';
import { nanosToMicros } from '../../ui/units';
import { DurationChart } from './DurationChart';
import { FilterProblem } from './FilterProblem';
import { withDurations } from './duration-clause';

const PAGE_SIZE = 100;
const ROW_HEIGHT = 34;
const HEAD_HEIGHT = 32;
/** So many rows before the end, the next page is asked for. */
const AHEAD = 30;

/** Finds traces. */
export function TracesPage(): ReactNode {
  const { range } = useRange();
  useEffect(() => {
    document.title = 'Traces · Roentgen';
  }, []);
  return (
    <>
      <h1 className="visually-hidden">Traces</h1>
      {range === undefined ? <NoRange /> : <Results range={range} />}
    </>
  );
}

function NoRange(): ReactNode {
  const { setRange } = useRange();
  return (
    <Empty
      title="The address has no range of time that can be"
      actions={
        <Button size="xs" onClick={() => setRange(DEFAULT_RANGE)}>
          Show the last hour
        </Button>
      }
    >
      <p>
        Its end must be after its start; each is <code className="mono">now-1h</code>, a time such as{' '}
        <code className="mono">2026-11-23T10:00:00Z</code>, or milliseconds since 1970.
      </p>
    </Empty>
  );
}

function Results({ range }: { readonly range: Range }): ReactNode {
  const { filter, setFilter } = useRange();
  const search = useInfiniteQuery({
    queryKey: ['traces', range.start, range.end, filter],
    queryFn: ({ pageParam, signal }) => searchTraces(range, filter, PAGE_SIZE, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
  const statistics = useQuery({
    queryKey: ['trace-statistics', range.start, range.end, filter],
    queryFn: ({ signal }) => fetchTraceStatistics(range, filter, signal),
    placeholderData: keepPreviousData,
    enabled: !search.isError,
  });
  const traces = useMemo(() => search.data?.pages.flatMap((page) => page.traces) ?? [], [search.data]);
  const lookedAt = search.data?.pages.reduce<number | undefined>(
    (sum, page) => (page.lookedAtCount === undefined ? sum : (sum ?? 0) + page.lookedAtCount),
    undefined,
  );

  if (search.isError && traces.length === 0) {
    const { error } = search;
    return error instanceof ApiError && error.parameter === 'filter' && filter !== '' ? (
      <FilterProblem filter={filter} error={error} onFilter={setFilter} />
    ) : (
      <Failure title="Traces cannot be shown" error={error} onRetry={() => void search.refetch()} />
    );
  }
  if (search.isPending) {
    return <Loading rows={14} label="Looking for traces" />;
  }
  if (traces.length === 0 && !search.hasNextPage) {
    return <Nothing />;
  }
  return (
    <>
      {statistics.data !== undefined && (
        <Summary
          statistics={statistics.data}
          onRange={(from, to) => setFilter(withDurations(filter, from, to))}
        />
      )}
      <TraceTable
        traces={traces}
        busy={search.isPlaceholderData}
        more={search.hasNextPage && !search.isFetchNextPageError}
        fetching={search.isFetchingNextPage}
        onMore={() => void search.fetchNextPage()}
      />
      <div className="traces-foot" role="status">
        <span>
          {formatCount(traces.length)} shown
          {search.hasNextPage ? ', more below' : ''}
          {lookedAt !== undefined && <> · {plural(lookedAt, 'trace')} looked at</>}
        </span>
        {search.isFetchNextPageError && (
          <span className="outcome-fault">
            {search.error?.message}{' '}
            <Button size="compact-xs" variant="subtle" onClick={() => void search.fetchNextPage()}>
              Try again
            </Button>
          </span>
        )}
      </div>
    </>
  );
}

function Summary({
  statistics,
  onRange,
}: {
  readonly statistics: TraceStatistics;
  readonly onRange: Parameters<typeof DurationChart>[0]['onRange'];
}): ReactNode {
  const { durations } = statistics;
  const sums = { ok: 0, error: 0, throttle: 0, fault: 0 };
  for (const bucket of statistics.buckets) {
    sums.ok += bucket.okCount;
    sums.error += bucket.errorCount;
    sums.throttle += bucket.throttleCount;
    sums.fault += bucket.faultCount;
  }
  return (
    <section className="panel summary" aria-label="Durations and outcomes">
      <div>
        <dl className="summary-facts">
          <div>
            <dt>{statistics.limitReached ? 'Newest traces' : 'Traces'}</dt>
            <dd className="big">{formatCount(statistics.traceCount)}</dd>
          </div>
          {durations !== undefined &&
            (
              [
                ['p50', durations.p50Nanos],
                ['p90', durations.p90Nanos],
                ['p99', durations.p99Nanos],
              ] as const
            ).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{formatDuration(nanosToMicros(value))}</dd>
              </div>
            ))}
        </dl>
        <div className="summary-outcomes">
          {(['ok', 'error', 'throttle', 'fault'] as const)
            .filter((name) => sums[name] > 0)
            .map((name) => (
              <span key={name} className={`outcome outcome-${name}`}>
                <OutcomeGlyph outcome={name} />
                {formatCount(sums[name])} {name}
              </span>
            ))}
        </div>
      </div>
      <DurationChart statistics={statistics} onRange={onRange} />
    </section>
  );
}

function TraceTable({
  traces,
  busy,
  more,
  fetching,
  onMore,
}: {
  readonly traces: readonly TraceSummary[];
  readonly busy: boolean;
  readonly more: boolean;
  readonly fetching: boolean;
  readonly onMore: () => void;
}): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: traces.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    scrollMargin: HEAD_HEIGHT,
    scrollPaddingStart: HEAD_HEIGHT,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && !fetching && last >= traces.length - AHEAD) {
      onMore();
    }
  }, [more, fetching, last, traces.length, onMore]);

  const keys = useMemo(() => {
    const move = (by: number): void => {
      const active = document.activeElement?.closest('[data-index]');
      const at = active instanceof HTMLElement ? Number(active.dataset['index']) + by : 0;
      const target = Math.min(traces.length - 1, Math.max(0, at));
      rows.scrollToIndex(target, { align: 'auto' });
      requestAnimationFrame(() => {
        scroller.current?.querySelector<HTMLElement>(`[data-index="${target}"] a`)?.focus();
      });
    };
    return [
      { keys: 'j', label: 'Next trace', run: () => move(1) },
      { keys: 'k', label: 'Trace before', run: () => move(-1) },
    ];
  }, [rows, traces.length]);
  useKeys(keys);

  return (
    <div className={`trace-table${busy ? ' busy' : ''}`}>
      <div className="trace-scroller" ref={scroller} tabIndex={-1}>
        <div
          role="table"
          aria-label="Traces, newest first"
          aria-busy={busy}
          aria-rowcount={more ? -1 : traces.length + 1}
        >
          <div role="rowgroup" className="trace-head-group">
            <div className="trace-row trace-head" role="row" aria-rowindex={1}>
              <span role="columnheader">Time</span>
              <span role="columnheader">Trace</span>
              <span role="columnheader" className="number">
                Duration
              </span>
              <span role="columnheader">Status</span>
              <span role="columnheader">gRPC</span>
              <span role="columnheader">Request</span>
              <span role="columnheader">Services</span>
              <span role="columnheader" className="number">
                Spans
              </span>
            </div>
          </div>
          <div role="rowgroup" style={{ height: rows.getTotalSize(), position: 'relative' }}>
            {items.map((item) => {
              const trace = traces[item.index];
              return (
                trace && (
                  <TraceRow
                    key={trace.traceId}
                    trace={trace}
                    index={item.index}
                    top={item.start - HEAD_HEIGHT}
                  />
                )
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}

function TraceRow({
  trace,
  index,
  top,
}: {
  readonly trace: TraceSummary;
  readonly index: number;
  readonly top: number;
}): ReactNode {
  const { root } = trace;
  return (
    <div
      className="trace-row"
      role="row"
      aria-rowindex={index + 2}
      data-index={index}
      style={{ transform: `translateY(${top}px)`, height: ROW_HEIGHT }}
    >
      <span role="cell" className="nowrap dim tabular">
        {formatTime(trace.startEpochNanos)}
      </span>
      <span role="cell" className="truncate">
        <Link
          className="row-link mono"
          to="/trace/$id"
          params={{ id: trace.xrayTraceId }}
          title={trace.xrayTraceId}
        >
          {trace.xrayTraceId}
        </Link>
      </span>
      <span role="cell" className="number">
        {trace.inProgress ? (
          <span className="dim">in progress</span>
        ) : (
          formatDuration(nanosToMicros(trace.durationNanos))
        )}
      </span>
      <span role="cell">
        <OutcomeMark outcome={outcomeOf(trace)} />
      </span>
      <span role="cell" className="truncate">
        {root.grpcStatus === undefined ? (
          <span className="dim">–</span>
        ) : (
          <span className="mono">{root.grpcStatus}</span>
        )}
      </span>
      <span role="cell" className="truncate" title={`${root.service} ${root.name}`}>
        {root.service !== '' && root.service !== root.name && <strong>{root.service} </strong>}
        {root.name}
      </span>
      <span role="cell" className="truncate dim" title={trace.services.join(', ')}>
        {trace.services.length} · {trace.services.join(', ')}
      </span>
      <span role="cell" className="number">
        {formatCount(trace.spanCount)}
      </span>
    </div>
  );
}

/** Which of three nothings it is. */
function Nothing(): ReactNode {
  const { filter, setFilter, setRange, texts, refresh } = useRange();
  // The status line keeps it up to date.
  const status = useQuery({ queryKey: ['status'], queryFn: ({ signal }) => fetchStatus(signal) });
  const stored = status.data && status.data.store.liveSpanCount + status.data.store.partSpanCount;
  const [storedBefore, setStoredBefore] = useState(stored);
  useEffect(() => setStoredBefore(stored), [stored]);
  const first = storedBefore === 0 && stored !== undefined && stored > 0;
  useEffect(() => {
    if (first) {
      refresh();
    }
  }, [first, refresh]);
  if (filter !== '') {
    return (
      <Empty
        title="No trace matches the filter"
        actions={
          <Button size="xs" onClick={() => setFilter('')}>
            Drop the filter
          </Button>
        }
      >
        <p>
          In this range of time nothing is like <code className="mono">{filter}</code>.
        </p>
      </Empty>
    );
  }
  if (status.data !== undefined && stored === 0) {
    return (
      <Empty
        title="Nothing has come in yet"
        actions={
          <Button component={Link} to="/start" size="xs">
            How to send spans
          </Button>
        }
      >
        <p>Send spans to one of these; what comes in shows here.</p>
        <dl className="endpoints">
          {status.data.listeners.map((each) => (
            <div key={each.name}>
              <dt>{each.name}</dt>
              <dd className="mono">{each.address}</dd>
            </div>
          ))}
        </dl>
      </Empty>
    );
  }
  return (
    <Empty
      title="No trace began in this range of time"
      actions={
        texts.from !== 'now-7d' && (
          <Button size="xs" onClick={() => setRange({ from: 'now-7d', to: 'now' })}>
            Look at the last 7 days
          </Button>
        )
      }
    />
  );
}

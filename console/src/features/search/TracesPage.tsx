// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './traces-page.css';
import { Button } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { ApiError } from '../../api/client';
import type { Range } from '../../api/routes';
import { fetchStatus, fetchTraceStatistics, searchTraces } from '../../api/routes';
import type { TraceStatistics, TraceSummary } from '../../api/schemas';
import { useKeys } from '../../app/keys';
import { useRange } from '../../app/range-context';
import { sharedSearch, textsOf } from '../../app/search-params';
import { DEFAULT_RANGE } from '../../app/time-range';
import { OutcomeGlyph, OutcomeMark, outcomeOf } from '../../ui/Outcome';
import { formatCount, formatDuration, formatTime, plural } from '../../ui/format';
import { Empty, Failure, Loading } from '../../ui/states';
import { nanosToMicros } from '../../ui/units';
import { both } from '../map/filters';
import { NothingOfGroup } from '../groups/NothingOfGroup';
import { CellFilters } from './CellFilters';
import { DurationChart } from './DurationChart';
import { FilterChips } from './FilterChips';
import { FilterProblem } from './FilterProblem';
import { HeatmapChart } from './HeatmapChart';
import { RefinePanel } from './RefinePanel';
import { TracesToolbar } from './TracesToolbar';
import {
  DEFAULT_COLUMNS,
  ROW_COLUMNS,
  columnsText,
  fieldLabel,
  gridOf,
  isField,
  parseColumns,
  storeColumns,
  storedColumns,
} from './columns';
import { WithoutTerm } from './WithoutTerm';
import { withDurations } from './duration-clause';

const PAGE_SIZE = 100;
const ROW_HEIGHT = 34;
const HEAD_HEIGHT = 32;
/** So many rows before the end, the next page is asked for. */
const AHEAD = 30;
const HEATMAP_COLUMNS = 120;

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
  const { filter, setFilter, scope } = useRange();
  const state = useSearch({ from: '/traces' });
  const navigate = useNavigate();
  const setState = (changed: { readonly [K in 'cols' | 'refine' | 'view']?: string | undefined }): void =>
    void navigate({
      to: '/traces',
      search: ({ cols, refine, view, ...others }) => ({
        ...others,
        ...textsOf({ cols, refine, view, ...changed }, 'cols', 'refine', 'view'),
      }),
      replace: true,
    });
  const [stored, setStored] = useState(storedColumns);
  const columns = parseColumns(state.cols) ?? stored ?? DEFAULT_COLUMNS;
  const fields = columns.filter(isField);
  const heatmap = state.view === 'heatmap';
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const search = useInfiniteQuery({
    queryKey: ['traces', range.start, range.end, scope, fields.join(',')],
    queryFn: ({ pageParam, signal }) => searchTraces(range, scope, PAGE_SIZE, pageParam, fields, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
  const statistics = useQuery({
    queryKey: ['trace-statistics', range.start, range.end, scope, HEATMAP_COLUMNS],
    queryFn: ({ signal }) => fetchTraceStatistics(range, scope, HEATMAP_COLUMNS, signal),
    placeholderData: keepPreviousData,
    enabled: !search.isError,
  });
  const traces = useMemo(() => search.data?.pages.flatMap((page) => page.traces) ?? [], [search.data]);
  const lookedAt = search.data?.pages.reduce<number | undefined>(
    (sum, page) => (page.lookedAtCount === undefined ? sum : (sum ?? 0) + page.lookedAtCount),
    undefined,
  );
  const choose = useCallback(
    (id: string) =>
      setChosen((before) =>
        before.includes(id) ? before.filter((each) => each !== id) : [...before, id].slice(-2),
      ),
    [],
  );

  if (search.isError && traces.length === 0) {
    const { error } = search;
    if (error instanceof ApiError && error.parameter === 'filter' && scope !== '') {
      return <FilterProblem filter={filter} sent={scope} error={error} onFilter={setFilter} />;
    }
    return error instanceof ApiError && error.parameter === 'field' ? (
      <Empty
        title="The address asks for a column that cannot be"
        actions={
          <Button size="xs" onClick={() => setState({ cols: undefined })}>
            Show the usual columns
          </Button>
        }
      >
        <p>{error.message}</p>
      </Empty>
    ) : (
      <Failure title="Traces cannot be shown" error={error} onRetry={() => void search.refetch()} />
    );
  }
  if (search.isPending) {
    return <Loading rows={14} label="Looking for traces" />;
  }
  if (traces.length === 0 && !search.hasNextPage) {
    return (
      <>
        <FilterChips />
        <Nothing />
      </>
    );
  }
  return (
    <>
      <FilterChips />
      {statistics.data !== undefined && (
        <Summary
          statistics={statistics.data}
          heatmap={heatmap}
          onHeatmap={(on) => setState({ view: on ? 'heatmap' : undefined })}
          onRange={(from, to) => setFilter(withDurations(filter, from, to))}
          onOutcome={(outcome) => setFilter(both(filter, outcome))}
          onBox={({ start, end, from, to }) =>
            void navigate({
              to: '/traces',
              search: (before) => ({
                ...before,
                from: new Date(start).toISOString(),
                to: new Date(end).toISOString(),
                q: withDurations(filter, from, to),
              }),
            })
          }
        />
      )}
      <div className="traces-body">
        {state.refine !== undefined && (
          <RefinePanel range={range} field={state.refine} onClose={() => setState({ refine: undefined })} />
        )}
        <div className="traces-list">
          <TracesToolbar
            range={range}
            refine={state.refine}
            onRefine={(refine) => setState({ refine })}
            columns={columns}
            onColumns={(next) => {
              storeColumns(next);
              setStored(next);
              setState({ cols: columnsText(next) });
            }}
            chosen={chosen}
            onClear={() => setChosen([])}
          />
          <TraceTable
            traces={traces}
            columns={columns}
            chosen={chosen}
            onChoose={choose}
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
        </div>
      </div>
    </>
  );
}

function Summary({
  statistics,
  heatmap,
  onHeatmap,
  onRange,
  onOutcome,
  onBox,
}: {
  readonly statistics: TraceStatistics;
  readonly onOutcome: (outcome: string) => void;
  readonly heatmap: boolean;
  readonly onHeatmap: (on: boolean) => void;
  readonly onBox: Parameters<typeof HeatmapChart>[0]['onBox'];
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
                <dd>
                  <button
                    type="button"
                    className="summary-fact"
                    title={`Only traces that took as long as the ${name}, or longer`}
                    onClick={() => onRange(nanosToMicros(value), undefined)}
                  >
                    {formatDuration(nanosToMicros(value))}
                  </button>
                </dd>
              </div>
            ))}
        </dl>
        <div className="summary-outcomes">
          {(['ok', 'error', 'throttle', 'fault'] as const)
            .filter((name) => sums[name] > 0)
            .map((name) => (
              <button
                key={name}
                type="button"
                className={`summary-fact outcome outcome-${name}`}
                title={`Only traces with ${name}`}
                onClick={() => onOutcome(name)}
              >
                <OutcomeGlyph outcome={name} />
                {formatCount(sums[name])} {name}
              </button>
            ))}
        </div>
        {statistics.limitReached && (
          <p className="summary-limit dim">Counted back to {formatTime(statistics.startEpochNanos)}</p>
        )}
        <div className="summary-views" role="group" aria-label="Chart">
          <button type="button" aria-pressed={!heatmap} onClick={() => onHeatmap(false)}>
            Histogram
          </button>
          <button type="button" aria-pressed={heatmap} onClick={() => onHeatmap(true)}>
            Heatmap
          </button>
        </div>
      </div>
      {heatmap ? (
        <HeatmapChart statistics={statistics} onBox={onBox} />
      ) : (
        <DurationChart statistics={statistics} onRange={onRange} />
      )}
    </section>
  );
}

function TraceTable({
  traces,
  columns,
  chosen,
  onChoose,
  busy,
  more,
  fetching,
  onMore,
}: {
  readonly traces: readonly TraceSummary[];
  readonly columns: readonly string[];
  readonly chosen: readonly string[];
  readonly onChoose: (id: string) => void;
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
    const indexOfActive = (): number | undefined => {
      const active = document.activeElement?.closest('[data-index]');
      return active instanceof HTMLElement ? Number(active.dataset['index']) : undefined;
    };
    const move = (by: number): void => {
      const at = (indexOfActive() ?? -by) + by;
      const target = Math.min(traces.length - 1, Math.max(0, at));
      rows.scrollToIndex(target, { align: 'auto' });
      requestAnimationFrame(() => {
        scroller.current?.querySelector<HTMLElement>(`[data-index="${target}"] a`)?.focus();
      });
    };
    return [
      { keys: 'j', label: 'Next trace', run: () => move(1) },
      { keys: 'k', label: 'Trace before', run: () => move(-1) },
      {
        keys: 'x',
        label: 'Choose the trace to compare',
        run: () => {
          const trace = traces[indexOfActive() ?? -1];
          if (trace !== undefined) {
            onChoose(trace.xrayTraceId);
          }
        },
      },
    ];
  }, [rows, traces, onChoose]);
  useKeys(keys);

  const { template, minWidth } = gridOf(columns);
  const days = [traces[0], traces.at(-1)].map((each) => each && formatTime(each.startEpochNanos).slice(0, 10));
  return (
    <div className={`trace-table${busy ? ' busy' : ''}${days[0] === days[1] ? ' one-day' : ''}`}>
      <div className="trace-scroller" ref={scroller} tabIndex={-1}>
        <div
          role="table"
          aria-label="Traces, newest first"
          aria-busy={busy}
          aria-rowcount={more ? -1 : traces.length + 1}
          style={{ minWidth }}
        >
          <div role="rowgroup" className="trace-head-group">
            <div
              className="trace-row trace-head"
              role="row"
              aria-rowindex={1}
              style={{ gridTemplateColumns: template }}
            >
              <span role="columnheader">
                <span className="visually-hidden">Compare</span>
              </span>
              {columns.map((column) => {
                const known = ROW_COLUMNS.find((each) => each.id === column);
                const label = known?.label ?? fieldLabel(column);
                return (
                  <span
                    key={column}
                    role="columnheader"
                    className={`truncate${known !== undefined && 'number' in known ? ' number' : ''}`}
                    title={known === undefined ? column : undefined}
                  >
                    {label}
                  </span>
                );
              })}
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
                    columns={columns}
                    template={template}
                    chosen={chosen.includes(trace.xrayTraceId)}
                    onChoose={onChoose}
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
  columns,
  template,
  chosen,
  onChoose,
  index,
  top,
}: {
  readonly trace: TraceSummary;
  readonly columns: readonly string[];
  readonly template: string;
  readonly chosen: boolean;
  readonly onChoose: (id: string) => void;
  readonly index: number;
  readonly top: number;
}): ReactNode {
  return (
    <div
      className={`trace-row${chosen ? ' chosen' : ''}`}
      role="row"
      aria-rowindex={index + 2}
      data-index={index}
      style={{ transform: `translateY(${top}px)`, height: ROW_HEIGHT, gridTemplateColumns: template }}
    >
      <span role="cell">
        <label className="row-check">
          <input
            type="checkbox"
            aria-label={`Compare ${trace.xrayTraceId}`}
            checked={chosen}
            onChange={() => onChoose(trace.xrayTraceId)}
          />
        </label>
      </span>
      {columns.map((column) => (
        <Cell key={column} column={column} trace={trace} linked={column === (columns.includes('trace') ? 'trace' : columns[0])} />
      ))}
    </div>
  );
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** The condition that finds traces that went like this one. */
function outcomeClause(trace: TraceSummary): string {
  const outcome = outcomeOf(trace);
  return trace.root[outcome === 'ok' ? 'error' : outcome] || outcome === 'ok' || outcome === 'throttle'
    ? outcome
    : `service() { ${outcome} }`;
}

function Cell({
  column,
  trace,
  linked,
}: {
  readonly column: string;
  readonly trace: TraceSummary;
  readonly linked: boolean;
}): ReactNode {
  const { root } = trace;
  const link = (text: ReactNode): ReactNode =>
    linked ? (
      <Link
        className="row-link"
        to="/trace/$id"
        params={{ id: trace.xrayTraceId }}
        search={sharedSearch}
        title={trace.xrayTraceId}
        aria-label={column === 'trace' ? undefined : `Trace ${trace.xrayTraceId}`}
      >
        {text}
      </Link>
    ) : (
      text
    );
  switch (column) {
    case 'time':
      return (
        <span role="cell" className="nowrap dim tabular">
          {link(
            <>
              <span className="row-day">{formatTime(trace.startEpochNanos).slice(0, 11)}</span>
              {formatTime(trace.startEpochNanos).slice(11)}
            </>,
          )}
        </span>
      );
    case 'trace':
      return (
        <span role="cell" className="truncate mono">
          {link(trace.xrayTraceId)}
        </span>
      );
    case 'duration':
      return (
        <span role="cell" className="number">
          {link(
            trace.inProgress ? (
              <span className="dim">in progress</span>
            ) : (
              formatDuration(nanosToMicros(trace.durationNanos))
            ),
          )}
        </span>
      );
    case 'status':
      return (
        <span role="cell" className="cell">
          {link(<OutcomeMark outcome={outcomeOf(trace)} />)}
          <CellFilters clause={outcomeClause(trace)} shown={outcomeOf(trace)} />
        </span>
      );
    case 'grpc':
      return (
        <span role="cell" className="cell">
          {link(
            root.grpcStatus === undefined ? (
              <span className="dim">–</span>
            ) : (
              <span className="mono truncate" title={root.grpcStatus}>
                {root.grpcStatus}
              </span>
            ),
          )}
          {root.grpcStatus !== undefined && /^[A-Z_]+$/.test(root.grpcStatus) && (
            <CellFilters clause={`grpc.status = ${root.grpcStatus}`} shown={root.grpcStatus} />
          )}
        </span>
      );
    case 'request':
      return (
        <span role="cell" className="cell" title={`${root.service} ${root.name}`}>
          {link(
            <span className="truncate">
              {root.service !== '' && root.service !== root.name && <strong>{root.service} </strong>}
              {root.name}
            </span>,
          )}
          {root.service !== '' && (
            <CellFilters
              clause={`service(${quoted(root.service)}) { root }`}
              shown={`requests to ${root.service}`}
            />
          )}
        </span>
      );
    case 'services':
      return (
        <span role="cell" className="truncate dim" title={trace.services.join(', ')}>
          {link(`${trace.services.length} · ${trace.services.join(', ')}`)}
        </span>
      );
    case 'spans':
      return (
        <span role="cell" className="number">
          {link(formatCount(trace.spanCount))}
        </span>
      );
    default: {
      const values = trace.fields?.get(column) ?? [];
      const first = values[0];
      return (
        <span role="cell" className="cell" title={values.map((each) => each.value).join(', ')}>
          {link(
            first === undefined ? (
              <span className="dim">–</span>
            ) : (
              <span className="truncate">{values.map((each) => each.value).join(', ')}</span>
            ),
          )}
          {first !== undefined && <CellFilters clause={first.clause} shown={first.value} />}
        </span>
      );
    }
  }
}

/** Which of three nothings it is. */
function Nothing(): ReactNode {
  const { range, filter, setFilter, setRange, texts, refresh, group } = useRange();
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
        {range !== undefined && <WithoutTerm range={range} filter={filter} group={group} onFilter={setFilter} />}
      </Empty>
    );
  }
  if (group !== undefined) {
    return <NothingOfGroup group={group} />;
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

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './analytics-page.css';
import { Button, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { ApiError } from '../../api/client';
import type { Range } from '../../api/routes';
import { fetchAnalytics, fetchTraceStatistics } from '../../api/routes';
import type { Analytics, AnalyticsCause, AnalyticsField, AnalyticsSet } from '../../api/schemas';
import { useRange } from '../../app/range-context';
import { sharedSearch } from '../../app/search-params';
import { DEFAULT_RANGE } from '../../app/time-range';
import { formatCount, formatDuration, plural } from '../../ui/format';
import { Empty, Failure, Loading } from '../../ui/states';
import { nanosToMicros } from '../../ui/units';
import { NothingOfGroup } from '../groups/NothingOfGroup';
import { DurationChart } from '../search/DurationChart';
import { FilterProblem } from '../search/FilterProblem';
import { withDurations } from '../search/duration-clause';
import { SetsChart } from './SetsChart';

/** Fewer traces than these may differ by chance only. */
const FEW = 30;
/** Values whose shares differ by less are not shown. */
const LEAST_DIFFERENCE = 0.005;
const QUICK = [
  ['Faults', 'fault'],
  ['Errors', 'error'],
  ['Throttled', 'throttle'],
] as const;

/** What the traces of one set have that others have not. */
export function AnalyticsPage(): ReactNode {
  const { range, setRange } = useRange();
  useEffect(() => {
    document.title = 'Analytics · Roentgen';
  }, []);
  return (
    <div className="analytics">
      <h1 className="visually-hidden">Analytics</h1>
      {range === undefined ? (
        <Empty
          title="The address has no range of time that can be"
          actions={
            <Button size="xs" onClick={() => setRange(DEFAULT_RANGE)}>
              Show the last hour
            </Button>
          }
        />
      ) : (
        <Sets range={range} />
      )}
    </div>
  );
}

type Choice = { readonly a?: string | undefined; readonly b?: string | undefined };

function useSets(): readonly [Choice, (changed: Choice) => void] {
  const { a, b } = useSearch({ from: '/analytics' });
  const navigate = useNavigate({ from: '/analytics' });
  const set = useCallback(
    (changed: Choice) => {
      void navigate({
        search: ({ a: beforeA, b: beforeB, ...rest }) => {
          const merged = { a: beforeA, b: beforeB, ...changed };
          return {
            ...rest,
            ...(merged.a === undefined || merged.a === '' ? {} : { a: merged.a }),
            ...(merged.b === undefined || merged.b === '' ? {} : { b: merged.b }),
          };
        },
      });
    },
    [navigate],
  );
  return [{ a, b }, set];
}

function Sets({ range }: { readonly range: Range }): ReactNode {
  const [{ a, b }, setSets] = useSets();
  return (
    <>
      <SetsForm key={`${a}\n${b}`} a={a ?? ''} b={b ?? ''} onSets={setSets} />
      {a === undefined ? <Start range={range} /> : <Compared range={range} a={a} b={b} />}
    </>
  );
}

function SetsForm({
  a,
  b,
  onSets,
}: {
  readonly a: string;
  readonly b: string;
  readonly onSets: (sets: Choice) => void;
}): ReactNode {
  const [typedA, setTypedA] = useState(a);
  const [typedB, setTypedB] = useState(b);
  return (
    <form
      className="analytics-sets"
      onSubmit={(event) => {
        event.preventDefault();
        onSets({ a: typedA.trim(), b: typedB.trim() });
      }}
    >
      <TextInput
        size="xs"
        label="Set A: what is different"
        placeholder="fault, or duration > 1, or drag over the chart"
        value={typedA}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setTypedA(event.currentTarget.value)}
      />
      <TextInput
        size="xs"
        label="Set B: what it is compared with"
        placeholder="all others of the filter"
        value={typedB}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setTypedB(event.currentTarget.value)}
      />
      <Button type="submit" size="xs">
        Compare
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={a === ''}
        title={b === '' ? 'All others become set A' : undefined}
        onClick={() => onSets(b === '' ? { a: `!(${a})`, b: a } : { a: b, b: a })}
      >
        Swap
      </Button>
    </form>
  );
}

/** All traces, of which some can be chosen. */
function Start({ range }: { readonly range: Range }): ReactNode {
  const { filter, setFilter, setRange, texts, scope, group } = useRange();
  const [, setSets] = useSets();
  const statistics = useQuery({
    queryKey: ['trace-statistics', range.start, range.end, scope],
    queryFn: ({ signal }) => fetchTraceStatistics(range, scope, undefined, signal),
    placeholderData: keepPreviousData,
  });
  if (statistics.isPending) {
    return <Loading rows={6} label="Looking at durations" />;
  }
  if (statistics.isError) {
    const { error } = statistics;
    return error instanceof ApiError && error.parameter === 'filter' && scope !== '' ? (
      <FilterProblem filter={filter} sent={scope} error={error} onFilter={setFilter} />
    ) : (
      <Failure title="Durations cannot be shown" error={error} onRetry={() => void statistics.refetch()} />
    );
  }
  const { data } = statistics;
  if (data.traceCount === 0) {
    if (filter === '' && group !== undefined) {
      return <NothingOfGroup group={group} />;
    }
    return (
      <Empty
        title={filter === '' ? 'No trace began in this range of time' : 'No trace matches the filter'}
        actions={
          filter !== '' ? (
            <Button size="xs" onClick={() => setFilter('')}>
              Drop the filter
            </Button>
          ) : (
            texts.from !== 'now-7d' && (
              <Button size="xs" onClick={() => setRange({ from: 'now-7d', to: 'now' })}>
                Look at the last 7 days
              </Button>
            )
          )
        }
      />
    );
  }
  const slow = data.durations === undefined ? undefined : nanosToMicros(data.durations.p90Nanos);
  return (
    <>
      <section className="panel analytics-chart" aria-label="Durations">
        <h2>
          {data.limitReached ? 'The newest ' : ''}
          {plural(data.traceCount, 'trace')} by duration
        </h2>
        <DurationChart
          statistics={data}
          onRange={(from, to) => setSets({ a: withDurations('', from, to) })}
        />
      </section>
      <div className="state">
        <h2>Which traces are different?</h2>
        <p>
          Drag over the chart, write an expression for set A, or take one of these. All others are set B; what
          tells them apart comes first.
        </p>
        <div className="state-actions">
          {slow !== undefined && (
            <Button
              size="xs"
              onClick={() => setSets({ a: `duration >= ${Number((slow / 1_000_000).toPrecision(4))}` })}
            >
              The slowest 10 %
            </Button>
          )}
          {QUICK.map(([label, expression]) => (
            <Button key={expression} size="xs" variant="default" onClick={() => setSets({ a: expression })}>
              {label}
            </Button>
          ))}
        </div>
      </div>
    </>
  );
}

function Compared({
  range,
  a,
  b,
}: {
  readonly range: Range;
  readonly a: string;
  readonly b: string | undefined;
}): ReactNode {
  const { filter, setFilter, scope } = useRange();
  const [, setSets] = useSets();
  const analytics = useQuery({
    queryKey: ['analytics', range.start, range.end, scope, a, b],
    queryFn: ({ signal }) => fetchAnalytics(range, scope, a, b, signal),
    placeholderData: keepPreviousData,
  });
  if (analytics.isPending) {
    return <Loading rows={14} label="Comparing the sets" />;
  }
  if (analytics.isError) {
    const { error } = analytics;
    if (error instanceof ApiError && error.parameter === 'filter' && filter !== '') {
      return <FilterProblem filter={filter} sent={scope} error={error} onFilter={setFilter} />;
    }
    if (error instanceof ApiError && error.parameter === 'a') {
      return <FilterProblem filter={a} error={error} onFilter={(fixed) => setSets({ a: fixed })} />;
    }
    if (error instanceof ApiError && error.parameter === 'b') {
      return <FilterProblem filter={b ?? ''} error={error} onFilter={(fixed) => setSets({ b: fixed })} />;
    }
    return (
      <Failure title="The sets cannot be compared" error={error} onRetry={() => void analytics.refetch()} />
    );
  }
  const { data } = analytics;
  const few = Math.min(data.a.traceCount, data.b.traceCount);
  const empty = data.a.traceCount === 0 ? 'A' : data.b.traceCount === 0 ? 'B' : undefined;
  return (
    <div className={`analytics-results${analytics.isPlaceholderData ? ' busy' : ''}`}>
      <section className="panel analytics-chart" aria-label="Durations of both sets">
        <div className="analytics-facts">
          <SetFacts name="A" set={data.a} />
          <SetFacts name="B" set={data.b} />
        </div>
        <SetsChart
          analytics={data}
          onRange={(from, to) => setSets({ a: withDurations('', from, to), b: '' })}
        />
      </section>
      {empty !== undefined ? (
        <Empty
          title={`Set ${empty} has no trace`}
          actions={
            <Button size="xs" onClick={() => setSets({ a: '', b: '' })}>
              Choose again
            </Button>
          }
        >
          <p>
            In this range of time nothing is like{' '}
            <code className="mono">{empty === 'A' ? data.a.filter : data.b.filter}</code>.
          </p>
        </Empty>
      ) : (
        <>
          {few < FEW && (
            <p className="analytics-few" role="status">
              The smaller set has {plural(few, 'trace')} only: differences may be chance.
            </p>
          )}
          <div className="analytics-columns">
            <Fields analytics={data} />
            <Causes analytics={data} />
          </div>
        </>
      )}
    </div>
  );
}

function SetFacts({ name, set }: { readonly name: 'A' | 'B'; readonly set: AnalyticsSet }): ReactNode {
  const search = useSearch({ strict: false });
  return (
    <div>
      <p>
        <i className={`set-mark set-${name.toLowerCase()}`} aria-hidden="true" />
        <strong>{name}</strong>{' '}
        <Link to="/traces" search={{ ...sharedSearch(search), q: set.filter }}>
          {plural(set.traceCount, 'trace')}
        </Link>
      </p>
      <p className="dim">
        {set.durations !== undefined &&
          `p50 ${formatDuration(nanosToMicros(set.durations.p50Nanos))}, p99 ${formatDuration(nanosToMicros(set.durations.p99Nanos))}`}
      </p>
      <p className="dim">
        {set.limitReached ? 'the newest, ' : ''}
        {formatCount(set.lookedAtCount)} looked at
      </p>
    </div>
  );
}

function percent(count: number, all: number): string {
  const share = all === 0 ? 0 : (count / all) * 100;
  return `${share > 0 && share < 1 ? '< 1' : Math.round(share)} %`;
}

function Shares({
  a,
  b,
  analytics,
}: {
  readonly a: number;
  readonly b: number;
  readonly analytics: Analytics;
}): ReactNode {
  const [allA, allB] = [analytics.a.traceCount, analytics.b.traceCount];
  return (
    <span className="shares">
      <span className="share">
        <i className="set-a" style={{ width: `${(a / Math.max(1, allA)) * 100}%` }} />
      </span>
      <span className="number" title={`${formatCount(a)} of ${formatCount(allA)}`}>
        <span className="visually-hidden">A </span>
        {percent(a, allA)}
      </span>
      <span className="share">
        <i className="set-b" style={{ width: `${(b / Math.max(1, allB)) * 100}%` }} />
      </span>
      <span className="number dim" title={`${formatCount(b)} of ${formatCount(allB)}`}>
        <span className="visually-hidden">B </span>
        {percent(b, allB)}
      </span>
    </span>
  );
}

/** Adds to the filter; the traces are one click further. */
function useNarrow(): (clause: string) => void {
  const { filter, setFilter } = useRange();
  return (clause) => {
    const both = (text: string): string => (/\bor\b/i.test(text) ? `(${text})` : text);
    setFilter(filter === '' ? clause : `${both(filter)} AND ${both(clause)}`);
  };
}

function Fields({ analytics }: { readonly analytics: Analytics }): ReactNode {
  return (
    <section aria-label="Fields by difference">
      <h2>
        Fields by difference{' '}
        <span className="dim">
          {formatCount(analytics.fields.length)} of {plural(analytics.fieldCount, 'field')} differ by more
          than chance
          {analytics.fieldsLeftOut && ', further ones are not counted'}
        </span>
      </h2>
      {analytics.fields.length === 0 && (
        <p className="dim">No field tells the sets apart by more than chance would.</p>
      )}
      {analytics.fields.map((field) => (
        <FieldPanel key={`${field.attribute} ${field.name}`} field={field} analytics={analytics} />
      ))}
    </section>
  );
}

function FieldPanel({
  field,
  analytics,
}: {
  readonly field: AnalyticsField;
  readonly analytics: Analytics;
}): ReactNode {
  const narrow = useNarrow();
  const search = useSearch({ strict: false });
  const base = search.q ?? '';
  const share = (count: number, all: number): number => count / Math.max(1, all);
  // What nearly all traces of both sets have says nothing.
  const values = field.values.filter(
    (value) =>
      field.numeric ||
      Math.abs(share(value.aCount, analytics.a.traceCount) - share(value.bCount, analytics.b.traceCount)) >=
        LEAST_DIFFERENCE,
  );
  const further = field.numeric ? 0 : field.valueCount - values.length;
  return (
    <article className="panel field" aria-label={field.name}>
      <header>
        <h3 className={`truncate${field.attribute ? ' mono' : ''}`} title={field.name}>
          {field.name}
        </h3>
        {field.inExpression && <span className="dim">named by a set</span>}
        <span className="score" title="0: no more than chance, 1: nothing in common">
          <i style={{ width: `${field.score * 100}%` }} />
        </span>
        <span className="number">{field.score.toFixed(2)}</span>
      </header>
      <ul>
        {values.map((value) => {
          const { filter } = value;
          return (
            <li key={value.text}>
              {filter === undefined ? (
                <span className="truncate" title={value.text}>
                  {value.text}
                </span>
              ) : (
                <button
                  type="button"
                  className="truncate"
                  title={`Narrow the filter to ${filter}`}
                  onClick={() => narrow(filter)}
                >
                  {value.text === '' ? '(empty)' : value.text}
                </button>
              )}
              <Shares a={value.aCount} b={value.bCount} analytics={analytics} />
              {filter === undefined ? (
                <span />
              ) : (
                <Link
                  to="/traces"
                  search={{ ...sharedSearch(search), q: base === '' ? filter : `(${base}) AND ${filter}` }}
                  aria-label={`Traces with ${field.name} ${value.text}`}
                >
                  traces
                </Link>
              )}
            </li>
          );
        })}
      </ul>
      {further > 0 && <p className="dim further">{plural(further, 'further value')}</p>}
    </article>
  );
}

const KIND_TITLES = { fault: 'Faults', error: 'Errors', responseTime: 'Response time' } as const;

function Causes({ analytics }: { readonly analytics: Analytics }): ReactNode {
  return (
    <section aria-label="Root causes">
      <h2>
        Root causes <span className="dim">the way down to where it came from</span>
      </h2>
      {(['fault', 'error', 'responseTime'] as const).map((kind) => {
        const causes = analytics.causes.filter((each) => each.kind === kind);
        return (
          causes.length > 0 && (
            <article key={kind} className="panel field">
              <header>
                <h3>{KIND_TITLES[kind]}</h3>
              </header>
              <ul>
                {causes.map((cause) => (
                  <CauseRow
                    key={JSON.stringify(cause.steps) + cause.exception}
                    cause={cause}
                    analytics={analytics}
                  />
                ))}
              </ul>
            </article>
          )
        );
      })}
    </section>
  );
}

function CauseRow({
  cause,
  analytics,
}: {
  readonly cause: AnalyticsCause;
  readonly analytics: Analytics;
}): ReactNode {
  const search = useSearch({ strict: false });
  const base = search.q ?? '';
  const last = cause.steps.at(-1);
  const way = cause.steps.map((step) => step.service || step.operation).join(' → ');
  return (
    <li>
      <span className="cause" title={way}>
        {way}
        <small className="dim">
          {last !== undefined && last.operation !== last.service && last.operation}
          {cause.exception !== undefined && ` ${cause.exception}`}
        </small>
      </span>
      <Shares a={cause.aCount} b={cause.bCount} analytics={analytics} />
      {cause.filter === undefined ? (
        <span />
      ) : (
        <Link
          to="/traces"
          search={{
            ...sharedSearch(search),
            q: base === '' ? cause.filter : `(${base}) AND ${cause.filter}`,
          }}
          aria-label={`Traces with this cause: ${way}`}
        >
          traces
        </Link>
      )}
    </li>
  );
}

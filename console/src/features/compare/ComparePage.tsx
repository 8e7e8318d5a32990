// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import '../../ui/pills.css';
import './compare-page.css';
import { Button, Checkbox, Select, TextInput } from '@mantine/core';
import { IconArrowsExchange } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { ApiError } from '../../api/client';
import type { Compared, Range } from '../../api/routes';
import { fetchComparison } from '../../api/routes';
import type { Comparison, ComparisonSide } from '../../api/schemas';
import { useKeys } from '../../app/keys';
import { useRange } from '../../app/range-context';
import { sharedSearch } from '../../app/search-params';
import { DEFAULT_RANGE, describeRange } from '../../app/time-range';
import { CopyButton } from '../../ui/CopyButton';
import { OutcomeMark, outcomeOf } from '../../ui/Outcome';
import { formatCount, formatDuration, formatTime, plural } from '../../ui/format';
import { Empty, Failure, Loading } from '../../ui/states';
import { micros, nanosToMicros } from '../../ui/units';
import { FilterProblem } from '../search/FilterProblem';
import { ComparisonTree, Difference } from './ComparisonTree';
import { compareModel, compareRows, mostDifferent, sideOf, sidesSearch, typedSide } from './compare-model';
import type { CompareModel } from './compare-model';

const NO_PATHS: ReadonlySet<number> = new Set();
const MOST_DIFFERENT = 3;
const KEEP = [
  { value: '0', label: 'All paths' },
  { value: '1', label: 'Differences from 1 %' },
  { value: '5', label: 'Differences from 5 %' },
  { value: '20', label: 'Differences from 20 %' },
];

/** Two traces, or sets of traces, path by path. */
export function ComparePage(): ReactNode {
  const { range, setRange } = useRange();
  const search = useSearch({ from: '/compare' });
  const a = sideOf(search, 'a');
  const b = sideOf(search, 'b');
  useEffect(() => {
    document.title = 'Compare · Roentgen';
  }, []);
  if (range === undefined) {
    return (
      <Empty
        level={1}
        title="The address has no range of time that can be"
        actions={
          <Button size="xs" onClick={() => setRange(DEFAULT_RANGE)}>
            Take the last hour
          </Button>
        }
      />
    );
  }
  return a === undefined || b === undefined ? (
    <Picker key={JSON.stringify([a, b])} a={a} b={b} />
  ) : (
    <Compare a={a} b={b} range={range} />
  );
}

function textOf(side: Compared | undefined): string {
  return side?.id ?? side?.filter ?? '';
}

/** What is compared with what, when the address does not say. */
function Picker({
  a,
  b,
  problem,
}: {
  readonly a: Compared | undefined;
  readonly b: Compared | undefined;
  readonly problem?: ReactNode;
}): ReactNode {
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const [typedA, setTypedA] = useState(textOf(a));
  const [typedB, setTypedB] = useState(textOf(b));
  const sideA = typedSide(typedA);
  const sideB = b?.like === undefined ? typedSide(typedB) : b;
  const go = (to: Compared | undefined): void =>
    void navigate({ to: '/compare', search: { ...sharedSearch(search), ...sidesSearch(sideA, to) } });
  return (
    <div className="compare-picker panel">
      <h1>Compare</h1>
      <p className="dim">
        A trace with a trace, or with the median of many: which calls were there only once, and where the time
        went. A side is the id of a trace, or a filter expression for traces of this time: {useRangeText()}.
      </p>
      {problem}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (sideA !== undefined && sideB !== undefined) {
            go(sideB);
          }
        }}
      >
        <TextInput
          label="A: what is compared"
          placeholder="1-6553f0e2-bd862e3fe1be46a994272793"
          value={typedA}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setTypedA(event.currentTarget.value)}
        />
        <TextInput
          label="B: what it is compared with"
          placeholder='the id of another trace, or service("cart") { ok }'
          value={typedB}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setTypedB(event.currentTarget.value)}
        />
        <div className="compare-picker-actions">
          <Button type="submit" size="xs" disabled={sideA === undefined || sideB === undefined}>
            Compare
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={sideA?.id === undefined}
            onClick={() => sideA?.id !== undefined && go({ like: sideA.id })}
          >
            Compare A with the median of its operation
          </Button>
          <Link to="/traces" search={sharedSearch(search)}>
            Look for traces
          </Link>
        </div>
      </form>
    </div>
  );
}

function useRangeText(): string {
  const { texts, now } = useRange();
  return describeRange(texts, now).toLowerCase();
}

function Compare({
  a,
  b,
  range,
}: {
  readonly a: Compared;
  readonly b: Compared;
  readonly range: Range;
}): ReactNode {
  const navigate = useNavigate();
  const comparison = useQuery({
    queryKey: ['compare', range.start, range.end, a, b],
    queryFn: ({ signal }) => fetchComparison(range, a, b, signal),
    placeholderData: keepPreviousData,
  });
  if (comparison.isPending) {
    return <Loading rows={14} label="Comparing" />;
  }
  if (comparison.isError) {
    const { error } = comparison;
    const { parameter } = error instanceof ApiError ? error : {};
    if (error instanceof ApiError && (parameter === 'aFilter' || parameter === 'bFilter')) {
      const set = (filter: string): void =>
        void navigate({
          to: '/compare',
          search: (before) => {
            const { [parameter]: _wrong, ...rest } = before;
            return filter === '' ? rest : { ...rest, [parameter]: filter };
          },
        });
      return (
        <FilterProblem
          filter={(parameter === 'aFilter' ? a.filter : b.filter) ?? ''}
          error={error}
          onFilter={set}
        />
      );
    }
    return error instanceof ApiError && (error.status === 404 || error.status === 400) ? (
      <Picker
        a={a}
        b={b}
        problem={
          <p className="outcome-fault" role="alert">
            {parameter?.startsWith('b') === true ? 'B' : 'A'} cannot be compared: {error.message}
          </p>
        }
      />
    ) : (
      <Failure
        level={1}
        title="The comparison cannot be shown"
        error={error}
        onRetry={() => void comparison.refetch()}
      />
    );
  }
  const { data } = comparison;
  return <BothSides key={JSON.stringify([a, b])} a={a} b={b} comparison={data} />;
}

function BothSides({
  a,
  b,
  comparison,
}: {
  readonly a: Compared;
  readonly b: Compared;
  readonly comparison: Comparison;
}): ReactNode {
  const search = useSearch({ from: '/compare' });
  const navigate = useNavigate({ from: '/compare' });
  const model = useMemo(() => compareModel(comparison), [comparison]);
  const [closed, setClosed] = useState(NO_PATHS);
  const [active, setActive] = useState(0);
  const byDifference = search.sort === 'difference';
  const least = Math.min(100, Math.max(0, Number(search.min ?? 0) || 0));
  const rows = useMemo(
    () => compareRows(model, { closed, byDifference, least: least / 100 }),
    [model, closed, byDifference, least],
  );
  const setView = (changed: { readonly sort?: string; readonly min?: string }): void =>
    void navigate({
      search: ({ sort, min, ...rest }) => {
        const merged = { sort, min, ...changed };
        return {
          ...rest,
          ...(merged.sort === undefined || merged.sort === '' ? {} : { sort: merged.sort }),
          ...(merged.min === undefined || merged.min === '0' ? {} : { min: merged.min }),
        };
      },
      replace: true,
    });
  const keys = useMemo(() => {
    const atDepth = (depth: number): ReadonlySet<number> =>
      new Set(
        Array.from(model.nodes.keys()).filter(
          (i) => model.depths[i] === depth && (model.childCounts[i] ?? 0) > 0,
        ),
      );
    const level = (by: number): void => {
      const deepest = rows.reduce((most, row) => Math.max(most, model.depths[row] ?? 0), 0);
      const target = Math.max(0, deepest + by);
      setClosed(target >= model.maxDepth ? NO_PATHS : atDepth(target));
    };
    return [
      { keys: '[', label: 'Fold the deepest level', run: () => level(-1) },
      { keys: ']', label: 'Unfold a level', run: () => level(1) },
      { keys: '{', label: 'Fold all', run: () => setClosed(atDepth(0)) },
      { keys: '}', label: 'Unfold all', run: () => setClosed(NO_PATHS) },
      {
        keys: 's',
        label: 'Swap A and B',
        run: () => void navigate({ to: '/compare', search: { ...search, ...swapped(a, b) } }),
      },
    ];
  }, [rows, model, a, b, search, navigate]);
  useKeys(keys);

  const show = (path: number): void => {
    const above = new Set(closed);
    for (let at = model.nodes[path]?.parentIndex; at !== undefined; at = model.nodes[at]?.parentIndex) {
      above.delete(at);
    }
    setClosed(above);
    setActive(path);
  };
  const activeRow = Math.max(0, rows.indexOf(active));
  const nothing = comparison.a.traceCount === 0 ? 'A' : comparison.b.traceCount === 0 ? 'B' : undefined;
  return (
    <>
      <h1 className="visually-hidden">Compare</h1>
      <header className="compare-head">
        <Side name="A" compared={a} side={comparison.a} />
        <div className="compare-between">
          <Link
            to="/compare"
            search={{ ...withoutSides(search), ...sidesSearch(b, a) }}
            className="compare-swap"
            title="Swap A and B (s)"
          >
            <IconArrowsExchange size={16} aria-hidden /> Swap
          </Link>
          <Difference
            value={micros(
              nanosToMicros(comparison.a.durationNanos) - nanosToMicros(comparison.b.durationNanos),
            )}
            a={nanosToMicros(comparison.a.durationNanos)}
            b={nanosToMicros(comparison.b.durationNanos)}
          />
          <CopyButton label="Copy link" text={() => window.location.href} />
        </div>
        <Side name="B" compared={b} side={comparison.b} />
      </header>
      {nothing !== undefined ? (
        <Empty
          title={`No trace is in ${nothing}`}
          actions={
            <Button
              size="xs"
              variant="default"
              onClick={() =>
                void navigate({ search: (before) => ({ ...before, from: 'now-1d', to: 'now' }) })
              }
            >
              Look at the last day
            </Button>
          }
        >
          <p>In this range of time nothing is like it. A wider range or another filter may find some.</p>
        </Empty>
      ) : (
        <>
          <Answer model={model} onShow={show} />
          <div className="compare-tools">
            <Select
              size="xs"
              aria-label="Paths to keep"
              data={
                KEEP.some((each) => each.value === String(least))
                  ? KEEP
                  : [...KEEP, { value: String(least), label: `Differences from ${least} %` }]
              }
              value={String(least)}
              allowDeselect={false}
              comboboxProps={{ withinPortal: false }}
              onChange={(value) => setView({ min: value ?? '0' })}
            />
            <Checkbox
              size="xs"
              label="Greatest difference first"
              checked={byDifference}
              onChange={(event) => setView({ sort: event.currentTarget.checked ? 'difference' : '' })}
            />
            <span className="spring" />
            <span className="dim tabular" role="status">
              {rows.length === comparison.pathCount
                ? plural(rows.length, 'path')
                : `${formatCount(rows.length)} of ${plural(comparison.pathCount, 'path')} shown`}
              {comparison.nodes.length < comparison.pathCount &&
                `, the ${formatCount(comparison.nodes.length)} that differ most`}
              {comparison.leftOutSpanCount > 0 &&
                ` · ${plural(comparison.leftOutSpanCount, 'span')} not counted, too many paths`}
            </span>
          </div>
          <ComparisonTree
            model={model}
            rows={rows}
            active={activeRow}
            closed={closed}
            setCounts={[
              comparison.a.trace === undefined ? comparison.a.traceCount : 0,
              comparison.b.trace === undefined ? comparison.b.traceCount : 0,
            ]}
            onActivate={(row) => setActive(rows[row] ?? 0)}
            onToggle={(path, open) =>
              setClosed((before) => {
                const after = new Set(before);
                if (open) {
                  after.delete(path);
                } else {
                  after.add(path);
                }
                return after;
              })
            }
          />
        </>
      )}
    </>
  );
}

function swapped(a: Compared, b: Compared): Record<string, string | undefined> {
  return {
    ...{
      a: undefined,
      aFilter: undefined,
      aLike: undefined,
      b: undefined,
      bFilter: undefined,
      bLike: undefined,
    },
    ...sidesSearch(b, a),
  };
}

function withoutSides(
  search: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const { a: _a, aFilter: _af, aLike: _al, b: _b, bFilter: _bf, bLike: _bl, ...rest } = search;
  return rest;
}

/** One side: a trace, or what was taken for a set. */
function Side({
  name,
  compared,
  side,
}: {
  readonly name: 'A' | 'B';
  readonly compared: Compared;
  readonly side: ComparisonSide;
}): ReactNode {
  const { trace, entry } = side;
  const search = useSearch({ strict: false });
  const { texts, now } = useRange();
  const request = trace?.root ?? entry;
  return (
    <section className={`compare-side compare-side-${name.toLowerCase()} panel`} aria-label={`Side ${name}`}>
      <span className="compare-letter" aria-hidden="true">
        {name}
      </span>
      <div className="compare-side-main">
        <p className={trace === undefined ? undefined : 'truncate'}>
          {trace !== undefined ? (
            <Link className="mono" to="/trace/$id" params={{ id: trace.xrayTraceId }} search={sharedSearch}>
              {trace.xrayTraceId}
            </Link>
          ) : (
            <span className="dim">
              Median of {plural(side.traceCount, 'trace')}
              {side.lookedAtCount !== undefined && ` of ${formatCount(side.lookedAtCount)} looked at`}
              {side.limitReached === true && ', the newest'} · {describeRange(texts, now)}
            </span>
          )}
        </p>
        <h2 className="truncate">
          {request !== undefined ? (
            <>
              {request.service !== request.name && request.service} {request.name}
            </>
          ) : (
            <Link
              className="mono"
              to="/traces"
              search={{
                ...sharedSearch(search),
                ...(compared.filter === undefined ? {} : { q: compared.filter }),
              }}
            >
              {compared.filter}
            </Link>
          )}
        </h2>
        <dl className="trace-facts">
          <div>
            <dt>Duration</dt>
            <dd>{formatDuration(nanosToMicros(side.durationNanos))}</dd>
          </div>
          <div>
            <dt>Spans</dt>
            <dd>{formatCount(side.spanCount)}</dd>
          </div>
          {trace !== undefined && (
            <>
              <div>
                <dt>Status</dt>
                <dd>{trace.inProgress ? 'in progress' : <OutcomeMark outcome={outcomeOf(trace)} />}</dd>
              </div>
              <div>
                <dt>Start</dt>
                <dd>{formatTime(trace.startEpochNanos)}</dd>
              </div>
            </>
          )}
        </dl>
      </div>
    </section>
  );
}

/** Where most of the difference is, in words. */
function Answer({
  model,
  onShow,
}: {
  readonly model: CompareModel;
  readonly onShow: (path: number) => void;
}): ReactNode {
  const most = mostDifferent(model, MOST_DIFFERENT);
  return (
    <section className="compare-answer pills" aria-label="Where the time went">
      <strong>Where the time went</strong>
      {most.length === 0 && <span>Nowhere: both took the same on every path.</span>}
      {most.map((path) => {
        const node = model.nodes[path];
        const value = micros(model.ownDifference[path] ?? 0);
        return (
          node && (
            <button key={path} type="button" onClick={() => onShow(path)}>
              <span className="truncate">
                {node.service !== node.name && `${node.service} `}
                {node.name}
              </span>
              <span className={`difference ${value > 0 ? 'slower' : 'faster'}`}>
                {value > 0 ? '▲ +' : '▼ −'}
                {formatDuration(micros(Math.abs(value)))} of its own
              </span>
            </button>
          )
        );
      })}
    </section>
  );
}

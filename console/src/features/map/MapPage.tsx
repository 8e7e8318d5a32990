// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './map.css';
import { Button } from '@mantine/core';
import { keepPreviousData, queryOptions, skipToken, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { ApiError } from '../../api/client';
import { fetchGraph, fetchStatus } from '../../api/routes';
import type { Graph } from '../../api/schemas';
import { useKeys } from '../../app/keys';
import { useRange } from '../../app/range-context';
import { sharedSearch } from '../../app/search-params';
import { describeRange, isRelative, pin } from '../../app/time-range';
import type { ResolvedRange } from '../../app/time-range';
import { CHANGES, changeOf } from '../../graph/change';
import type { Change } from '../../graph/change';
import type { MapModel, MapNode } from '../../graph/map-model';
import {
  badShare,
  busier,
  compared,
  focused,
  groupOf,
  grouped,
  groupedBy,
  modelOf,
  replayed,
  without,
} from '../../graph/map-model';
import { formatClock, formatCount, plural } from '../../ui/format';
import { Empty, Failure, Loading } from '../../ui/states';
import { epochMillis } from '../../ui/units';
import type { EpochMillis } from '../../ui/units';
import { NothingOfGroup } from '../groups/NothingOfGroup';
import { FilterProblem } from '../search/FilterProblem';
import { ChangeMark } from './ChangeMark';
import { MapCanvas } from './MapCanvas';
import { useMarks } from '../marks/marks';
import { MapPanel } from './MapPanel';
import { MapTable } from './MapTable';
import { MapToolbar } from './MapToolbar';
import type { MapChange } from './MapToolbar';
import type { MenuItem } from './NodeMenu';
import { ReplayBar } from './ReplayBar';
import { comparedRange } from './compare-range';
import { both, nodeClause } from './filters';
import { CHANGE_NAMES, formatShare } from './map-format';
import { listText, mapSearch } from './map-search';
import { readPalette } from './palette';
import { rangeOf, stepAt, stepsOf, wholeOf } from './replay-steps';
import type { Steps } from './replay-steps';
import { sceneOf } from './scene';
import { TextMeasure } from './text';
import { useLayout } from './use-layout';

/** As many nodes as are drawn each for itself, or nearly: beyond that the least busy stand together. */
export const MAX_NODES = 2_000;

const REFRESH_MILLIS = 15_000;

/** Steps of a replay that are fetched before they are asked for. */
const AHEAD = 3;

const DEFAULTS: Readonly<Partial<Record<keyof MapChange, string>>> = {
  hops: '1',
  label: 'rate',
  min: '0',
  view: 'map',
  size: 'same',
  by: 'none',
};
/** What is looked at changes often; going back should leave the map, not walk through it. */
const PASSING: readonly (keyof MapChange)[] = ['sel', 'at', 'open', 'hide'];

/** Only what is not the default, so that addresses stay short. */
function withoutMapDefaults(search: MapChange): Record<string, string> {
  return Object.fromEntries(
    Object.entries(search).filter(
      (entry: [string, string | undefined]): entry is [string, string] => {
        const [name, value] = entry;
        return (
        value !== undefined &&
        (!(name in DEFAULTS) || DEFAULTS[name as keyof MapChange] !== value) &&
        !(name === 'hops' && search.focus === undefined) &&
        !(name === 'open' && (search.by ?? 'none') === 'none')
        );
      },
    ),
  );
}

export function MapPage(): ReactNode {
  const texts = useSearch({ from: '/map' });
  const navigate = useNavigate({ from: '/map' });
  const queries = useQueryClient();
  const {
    range: shownRange,
    texts: rangeTexts,
    filter,
    group,
    scope,
    now,
    refresh,
    setFilter,
    setRange,
  } = useRange();
  const search = useMemo(() => mapSearch(texts), [texts]);
  const { sel, focus, hops, label, min, view, size, by, open, hide, cmp, at } = search;
  const relative = isRelative(rangeTexts);
  const replaying = at !== undefined;

  const change = useCallback(
    (changed: MapChange) => {
      const names = Object.keys(changed);
      void navigate({
        search: (before) => withoutMapDefaults({ ...before, ...changed }),
        replace: names.length > 0 && names.every((name) => PASSING.some((each) => each === name)),
      });
    },
    [navigate],
  );
  const select = useCallback((key: string | undefined) => change({ sel: key }), [change]);

  useEffect(() => {
    // A range that moves would carry the moment away.
    if (!relative || replaying) {
      return undefined;
    }
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') {
        refresh();
      }
    }, REFRESH_MILLIS);
    return () => clearInterval(timer);
  }, [relative, replaying, refresh]);

  // The end of a range that moves would move with each step.
  const [pinned, setPinned] = useState(shownRange);
  const range = replaying ? (pinned ?? shownRange) : shownRange;
  useEffect(() => {
    if (!replaying) {
      setPinned(shownRange);
    }
  }, [replaying, shownRange]);

  const graph = useQuery({
    queryKey: ['graph', range?.start, range?.end, scope],
    queryFn: range === undefined ? skipToken : ({ signal }) => fetchGraph(range, scope, signal),
    placeholderData: keepPreviousData,
  });
  const then = range === undefined || cmp === undefined ? undefined : comparedRange(cmp, range, now);
  const earlier = useQuery({
    queryKey: ['graph', then?.start, then?.end, scope],
    queryFn: then === undefined ? skipToken : ({ signal }) => fetchGraph(then, scope, signal),
    placeholderData: keepPreviousData,
  });
  const steps = useMemo(() => range && stepsOf(range), [range]);
  const step = steps === undefined || at === undefined ? undefined : stepAt(steps, at);
  const marks = useMarks(replaying && steps !== undefined ? wholeOf(steps) : undefined);
  const moment = useQuery({
    ...momentQuery(steps, step, scope),
    placeholderData: keepPreviousData,
  });
  const momentReady = step !== undefined && moment.isSuccess && !moment.isPlaceholderData;
  useEffect(() => {
    if (steps !== undefined && step !== undefined && momentReady) {
      for (let next = step + 1; next <= Math.min(step + AHEAD, steps.count - 1); next++) {
        void queries.prefetchQuery({ ...momentQuery(steps, next, scope) });
      }
    }
  }, [queries, steps, step, scope, momentReady]);
  // What was fetched last stays when the next moment cannot be fetched, as long as the same is asked for.
  const asked = `${rangeTexts.from}\n${rangeTexts.to}\n${scope}`;
  const [last, setLast] = useState<{ readonly asked: string; readonly graph: Graph }>();
  useEffect(() => {
    if (graph.data !== undefined && !graph.isPlaceholderData) {
      setLast({ asked, graph: graph.data });
    }
  }, [graph.data, graph.isPlaceholderData, asked]);
  const data = graph.data ?? (graph.isError && last?.asked === asked ? last.graph : undefined);
  const thenModel = useMemo(
    () => (then === undefined || earlier.data === undefined ? undefined : modelOf(earlier.data)),
    [then === undefined, earlier.data],
  );
  const whole = useMemo(() => {
    const here = data && modelOf(data);
    return here === undefined || thenModel === undefined ? here : compared(here, thenModel);
  }, [data, thenModel]);
  const known = focus === undefined || whole?.nodeByKey.has(focus) === true;
  const shownPart = useMemo(() => {
    if (whole === undefined) {
      return undefined;
    }
    const near = focus === undefined ? whole : focused(whole, focus, hops);
    const loud = busier(without(near, hide), min, focus);
    return grouped(groupedBy(loud, by, open), MAX_NODES, [focus, sel]);
  }, [whole, focus, hops, min, sel, hide, by, open]);
  const momentModel = useMemo(() => (moment.data === undefined || !replaying ? undefined : modelOf(moment.data)), [moment.data, replaying]);
  const part = useMemo(
    () => (shownPart === undefined || momentModel === undefined ? shownPart : replayed(shownPart, momentModel)),
    [shownPart, momentModel],
  );
  const text = useMemo(() => new TextMeasure(readPalette().font), []);
  const partName = JSON.stringify([scope, focus, hops, min, by, open, hide, cmp]);
  const { laidOut, failure } = useLayout(view === 'map' ? part : undefined, partName, text);
  const scene = useMemo(
    () => laidOut && sceneOf(laidOut.model, laidOut.layout, label, text, size, shownPart),
    [laidOut, label, text, size, shownPart],
  );
  const onStep = useCallback(
    (next: number) => {
      if (steps !== undefined) {
        change({ at: String(rangeOf(steps, next).start) });
      }
    },
    [steps, change],
  );
  const replay = useCallback(() => {
    if (steps !== undefined) {
      change({ at: String(steps.first), cmp: undefined });
    }
  }, [steps, change]);

  const keys = useMemo(
    () => [
      { keys: 'Escape', label: 'Close what is open', run: () => select(undefined) },
      ...(replaying ? [] : [{ keys: 'p', label: 'Replay', run: replay }]),
      { keys: 'v', label: 'Map or table', run: () => change({ view: view === 'map' ? 'nodes' : 'map' }) },
    ],
    [select, change, view, replaying, replay],
  );
  useKeys(keys);
  const [said, setSaid] = useState('');

  if (range === undefined) {
    return (
      <Empty
        title="That is not a range of time"
        actions={
          <Button size="xs" onClick={() => setRange({ from: 'now-1h', to: 'now' })}>
            Show the last hour
          </Button>
        }
      >
        <p>
          The address says from {rangeTexts.from} to {rangeTexts.to}. A range ends after it starts, and its times look like
          now-90m or 2026-11-23T10:00:00Z.
        </p>
      </Empty>
    );
  }
  const menuOf = (node: MapNode): readonly MenuItem[] => {
    const { group: name } = node;
    const isOpen = whole === undefined ? undefined : groupOf(whole, node, by);
    const single = node.kind !== 'group';
    return [
      ...(single
        ? [
            {
              label: 'Show its traces',
              run: () => void navigate({ to: '/traces', search: { ...sharedSearch(texts), q: both(filter, nodeClause(node)) } }),
            },
            ...(focus === node.key
              ? [{ label: 'Show the whole map', run: () => change({ focus: undefined, hops: undefined }) }]
              : [{ label: 'Focus on it', run: () => change({ focus: node.key, hops: undefined }) }]),
            { label: 'Hide it', run: () => change({ hide: listText([...hide, node.key]), ...(sel === node.key ? { sel: undefined } : {}) }) },
            ...(cmp === undefined && !replaying
              ? [{ label: 'Compare with the time before', run: () => change({ cmp: 'before', sel: node.key }) }]
              : []),
            { label: 'Copy its filter', run: () => void navigator.clipboard.writeText(nodeClause(node)).catch(() => setSaid('The browser does not let the page copy.')) },
          ]
        : []),
      ...(name === undefined ? [] : [{ label: 'Open the group', run: () => change({ open: listText([...open, name]), sel: undefined }) }]),
      ...(isOpen !== undefined && open.includes(isOpen)
        ? [{ label: `Close the group ${isOpen}`, run: () => change({ open: listText(open.filter((each) => each !== isOpen)) }) }]
        : []),
      { label: 'Details', run: () => select(node.key) },
    ];
  };
  const content = (): ReactNode => {
    if (graph.isError && part === undefined) {
      return graph.error instanceof ApiError && graph.error.parameter === 'filter' ? (
        <FilterProblem filter={filter} sent={scope} error={graph.error} onFilter={setFilter} />
      ) : (
        <Failure title="The map could not be fetched" error={graph.error} onRetry={() => void graph.refetch()} />
      );
    }
    if (part === undefined || whole === undefined) {
      return <Loading rows={12} label="The map is fetched" />;
    }
    if (whole.nodes.length === 0 && filter === '' && group !== undefined) {
      return <NothingOfGroup group={group} />;
    }
    if (whole.nodes.length === 0) {
      return <NothingThere filter={filter} onDrop={() => setFilter('')} onDay={() => setRange({ from: 'now-1d', to: 'now' })} />;
    }
    if (part.nodes.length === 0) {
      return (
        <Empty
          title="All is hidden"
          actions={
            <Button size="xs" onClick={() => change({ min: undefined, hide: undefined })}>
              Show all
            </Button>
          }
        >
          <p>{hide.length > 0 ? 'All nodes are hidden.' : 'No node has as many requests as is asked for.'}</p>
        </Empty>
      );
    }
    if (view !== 'map') {
      return <MapTable model={part} of={view} selected={sel} onSelect={select} />;
    }
    if (failure !== undefined) {
      return <Failure title="The map could not be laid out" error={failure} />;
    }
    return (
      <MapCanvas
        scene={scene}
        part={partName}
        selected={sel}
        summary={summaryOf(part)}
        menu={menuOf}
        onSelect={select}
      />
    );
  };
  return (
    <div className="map-page">
      <h1 className="visually-hidden">Service map</h1>
      <MapToolbar search={search} model={whole} now={now} onReplay={replay} onChange={change}>
        <span className="map-said">
          {part !== undefined && <Shown part={part} chosen={by !== 'none'} />}
          {hide.length > 0 && (
            <button type="button" className="map-link" onClick={() => change({ hide: undefined })}>
              show {formatCount(hide.length)} hidden
            </button>
          )}
          <Freshness
            relative={relative}
            replaying={replaying}
            fetching={graph.isFetching || earlier.isFetching}
            failed={graph.isError}
            updatedAt={graph.dataUpdatedAt}
          />
        </span>
      </MapToolbar>
      {search.problems.map((problem) => (
        <p key={problem} className="map-notice" role="status">
          {problem}
        </p>
      ))}
      {cmp !== undefined && then === undefined && (
        <p className="map-notice" role="status">
          cmp={cmp} in the address is no range of time (expected: before, day, week, or two times with a slash between);
          nothing is compared.{' '}
          <button type="button" onClick={() => change({ cmp: undefined })}>
            Drop it
          </button>
        </p>
      )}
      {then !== undefined && (
        <Compared then={then} now={now} model={whole} count={thenModel?.nodes.length} onDrop={() => change({ cmp: undefined })} />
      )}
      {earlier.isError && then !== undefined && (
        <p className="map-notice map-notice-bad" role="alert">
          The earlier range could not be fetched: {earlier.error.message}{' '}
          <button type="button" onClick={() => void earlier.refetch()}>
            Try again
          </button>
        </p>
      )}
      {moment.isError && replaying && (
        <p className="map-notice map-notice-bad" role="alert">
          This moment could not be fetched: {moment.error.message}{' '}
          <button type="button" onClick={() => void moment.refetch()}>
            Try again
          </button>
        </p>
      )}
      {said !== '' && (
        <p className="map-notice" role="status">
          {said}
        </p>
      )}
      {graph.isError && part !== undefined && (
        <p className="map-notice map-notice-bad" role="alert">
          Not refreshed: {graph.error.message}{' '}
          <button type="button" onClick={() => void graph.refetch()}>
            Try again
          </button>
        </p>
      )}
      {whole !== undefined && whole.nodes.length > 0 && !known && (
        <p className="map-notice" role="status">
          {focus} is not on the map in this range and filter; the whole map is shown.{' '}
          <button type="button" onClick={() => change({ focus: undefined, hops: undefined })}>
            Drop it
          </button>
        </p>
      )}
      <div className="map-body">
        <div className={`map-main${graph.isPlaceholderData ? ' map-stale' : ''}`}>{content()}</div>
        {sel !== undefined && part !== undefined && whole !== undefined && whole.nodes.length > 0 && (
          <MapPanel
            sel={sel}
            model={part}
            whole={whole}
            range={replaying && steps !== undefined && step !== undefined ? rangeOf(steps, step) : range}
            filter={scope}
            focus={focus}
            onSelect={select}
            onFocus={(key) => change({ focus: key, hops: undefined })}
            onOpen={(name) => change({ open: listText([...open, name]), sel: undefined })}
          />
        )}
      </div>
      {steps !== undefined && step !== undefined && (
        <ReplayBar
          steps={steps}
          step={step}
          marks={marks}
          ready={momentReady}
          onStep={onStep}
          onClose={() => change({ at: undefined })}
        />
      )}
    </div>
  );
}

/** The graph of one step; what is over does not change any more. */
function momentQuery(steps: Steps | undefined, step: number | undefined, filter: string) {
  const range = steps === undefined || step === undefined ? undefined : rangeOf(steps, step);
  return queryOptions({
    queryKey: ['graph', range?.start, range?.end, filter],
    queryFn: range === undefined ? skipToken : ({ signal }: { signal: AbortSignal }) => fetchGraph(range, filter, signal),
  });
}

/** What is compared, and how much is another. */
function Compared({
  then,
  now,
  model,
  count,
  onDrop,
}: {
  readonly then: ResolvedRange;
  readonly now: EpochMillis;
  readonly model: MapModel | undefined;
  readonly count: number | undefined;
  readonly onDrop: () => void;
}): ReactNode {
  const counts = new Map<Change, number>();
  for (const part of [...(model?.nodes ?? []), ...(model?.edges ?? [])]) {
    const change = changeOf(part);
    if (change !== undefined) {
      counts.set(change, (counts.get(change) ?? 0) + 1);
    }
  }
  return (
    <div className="map-notice map-compared" role="status">
      <span>
        Compared with <strong>{describeRange(pin(then), now)}</strong>
        {count === 0 && ', in which there were no calls'}:
      </span>
      {count !== undefined &&
        CHANGES.filter((each) => each !== 'same' && (counts.get(each) ?? 0) > 0).map((each) => (
          <ChangeMark key={each} change={each}>
            {formatCount(counts.get(each) ?? 0)} {CHANGE_NAMES[each]}
          </ChangeMark>
        ))}
      {count !== undefined && [...counts.keys()].every((each) => each === 'same') && <span>all is as before</span>}
      {count === undefined && <span className="dim">fetching</span>}
      <button type="button" onClick={onDrop}>
        End the comparison
      </button>
    </div>
  );
}

/** How old what is shown is. */
function Freshness({
  relative,
  replaying,
  fetching,
  failed,
  updatedAt,
}: {
  readonly relative: boolean;
  readonly replaying: boolean;
  readonly fetching: boolean;
  readonly failed: boolean;
  readonly updatedAt: number;
}): ReactNode {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [updatedAt]);
  if (updatedAt === 0) {
    return null;
  }
  if (replaying) {
    return <span className="dim">not refreshed while it is replayed</span>;
  }
  if (!relative) {
    return <span className="dim" title={`Fetched at ${formatClock(epochMillis(updatedAt))}`}>a range that does not move</span>;
  }
  const seconds = Math.max(0, Math.round((now - updatedAt) / 1_000));
  const stale = failed || seconds * 1_000 > 3 * REFRESH_MILLIS;
  const age = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  return (
    <span
      className={`map-fresh${stale ? ' map-stale-text' : ' dim'}`}
      title={`As of ${formatClock(epochMillis(updatedAt))}; refreshed every 15 seconds while it is looked at`}
    >
      {fetching ? 'refreshing' : seconds < 3 ? 'as of now' : `${stale ? 'stale: ' : ''}as of ${age} ago`}
    </span>
  );
}

function Shown({ part, chosen }: { readonly part: MapModel; readonly chosen: boolean }): ReactNode {
  const { shownCount, groupedCount, totalCount } = part;
  return (
    <span>
      {shownCount === totalCount ? (
        <>
          {plural(totalCount, 'node')}, {plural(part.edges.length, 'edge')}
        </>
      ) : (
        <>
          shown {formatCount(shownCount)} of {plural(totalCount, 'node')}
          {groupedCount > 0 &&
            (chosen ? (
              <>; {formatCount(groupedCount)} in groups</>
            ) : (
              <>; the {formatCount(groupedCount)} least busy are grouped by type</>
            ))}
        </>
      )}
    </span>
  );
}

/** The map in words, for those who do not see it. */
function summaryOf(model: MapModel): string {
  const bad = model.nodes
    .filter((node) => node.kind !== 'client' && badShare(node.calls) > 0)
    .sort((a, b) => badShare(b.calls) - badShare(a.calls))
    .slice(0, 3)
    .map((node) => `${node.id.name} ${formatShare(badShare(node.calls))}`);
  return (
    `${plural(model.nodes.length, 'node')} and ${plural(model.edges.length, 'edge')}. ` +
    (bad.length === 0 ? 'No request has failed. ' : `Most failures: ${bad.join(', ')}. `) +
    'The views Nodes and Calls have the same as tables.'
  );
}

function NothingThere({
  filter,
  onDrop,
  onDay,
}: {
  readonly filter: string;
  readonly onDrop: () => void;
  readonly onDay: () => void;
}): ReactNode {
  const status = useQuery({ queryKey: ['status'], queryFn: ({ signal }) => fetchStatus(signal) });
  if (filter !== '') {
    return (
      <Empty
        title="Nothing matches"
        actions={
          <Button size="xs" onClick={onDrop}>
            Drop the filter
          </Button>
        }
      >
        <p>
          No trace in this time matches <code className="mono">{filter}</code>.
        </p>
      </Empty>
    );
  }
  const store = status.data?.store;
  const ever = store !== undefined && store.liveSpanCount + store.partSpanCount > 0;
  return ever ? (
    <Empty
      title="Nothing in this time"
      actions={
        <Button size="xs" onClick={onDay}>
          Show the last day
        </Button>
      }
    >
      <p>There are traces, but no call ended in this range of time.</p>
    </Empty>
  ) : (
    <Empty title="Nothing was received yet">
      <p>
        The map shows who calls whom as soon as services send spans: over OTLP to ports 4317 and 4318 or this one, or as X-Ray
        segments to port 2000, unless the server was started with others.
      </p>
    </Empty>
  );
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './map.css';
import { Button } from '@mantine/core';
import { keepPreviousData, skipToken, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { ApiError } from '../../api/client';
import { fetchGraph, fetchStatus } from '../../api/routes';
import type { Graph } from '../../api/schemas';
import { useKeys } from '../../app/keys';
import { useRange } from '../../app/range-context';
import { isRelative } from '../../app/time-range';
import type { MapModel } from '../../graph/map-model';
import { badShare, busier, focused, grouped, modelOf } from '../../graph/map-model';
import { formatClock, formatCount, plural } from '../../ui/format';
import { Empty, Failure, Loading } from '../../ui/states';
import { epochMillis } from '../../ui/units';
import { NothingOfGroup } from '../groups/NothingOfGroup';
import { FilterProblem } from '../search/FilterProblem';
import { MapCanvas } from './MapCanvas';
import { MapPanel } from './MapPanel';
import { MapTable } from './MapTable';
import { MapToolbar } from './MapToolbar';
import type { MapChange } from './MapToolbar';
import { formatShare } from './map-format';
import { mapSearch } from './map-search';
import { readPalette } from './palette';
import { sceneOf } from './scene';
import { TextMeasure } from './text';
import { useLayout } from './use-layout';

/** As many nodes as are drawn each for itself, or nearly: beyond that the least busy stand together. */
export const MAX_NODES = 2_000;

const REFRESH_MILLIS = 15_000;

export function MapPage(): ReactNode {
  const texts = useSearch({ from: '/map' });
  const navigate = useNavigate({ from: '/map' });
  const { range, texts: rangeTexts, filter, group, scope, refresh, setFilter, setRange } = useRange();
  const search = useMemo(() => mapSearch(texts), [texts]);
  const { sel, focus, hops, label, min, view } = search;
  const relative = isRelative(rangeTexts);

  const change = useCallback(
    (changed: MapChange) => {
      void navigate({
        search: (before) => {
          const { sel, focus, hops, label, min, view, ...others } = { ...before, ...changed };
          return {
            ...others,
            ...(sel === undefined ? {} : { sel }),
            ...(focus === undefined ? {} : { focus }),
            ...(hops === undefined || hops === '1' || focus === undefined ? {} : { hops }),
            ...(label === undefined || label === 'rate' ? {} : { label }),
            ...(min === undefined || min === '0' ? {} : { min }),
            ...(view === undefined || view === 'map' ? {} : { view }),
          };
        },
        // What is looked at changes often; going back should leave the map, not walk through it.
        replace: changed.sel !== undefined || 'sel' in changed,
      });
    },
    [navigate],
  );
  const select = useCallback((key: string | undefined) => change({ sel: key }), [change]);

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

  const graph = useQuery({
    queryKey: ['graph', range?.start, range?.end, scope],
    queryFn: range === undefined ? skipToken : ({ signal }) => fetchGraph(range, scope, signal),
    placeholderData: keepPreviousData,
  });
  // What was fetched last stays when the next moment cannot be fetched, as long as the same is asked for.
  const asked = `${rangeTexts.from}\n${rangeTexts.to}\n${scope}`;
  const [last, setLast] = useState<{ readonly asked: string; readonly graph: Graph }>();
  useEffect(() => {
    if (graph.data !== undefined && !graph.isPlaceholderData) {
      setLast({ asked, graph: graph.data });
    }
  }, [graph.data, graph.isPlaceholderData, asked]);
  const data = graph.data ?? (graph.isError && last?.asked === asked ? last.graph : undefined);
  const whole = useMemo(() => data && modelOf(data), [data]);
  const known = focus === undefined || whole?.nodeByKey.has(focus) === true;
  const part = useMemo(() => {
    if (whole === undefined) {
      return undefined;
    }
    const near = focus === undefined ? whole : focused(whole, focus, hops);
    return grouped(busier(near, min, focus), MAX_NODES, [focus, sel]);
  }, [whole, focus, hops, min, sel]);
  const text = useMemo(() => new TextMeasure(readPalette().font), []);
  const partName = `${scope}\n${focus ?? ''}\n${hops}\n${min}`;
  const { laidOut, failure } = useLayout(view === 'map' ? part : undefined, partName, text);
  const scene = useMemo(() => laidOut && sceneOf(laidOut.model, laidOut.layout, label, text), [laidOut, label, text]);

  const keys = useMemo(
    () => [
      { keys: 'Escape', label: 'Close what is open', run: () => select(undefined) },
      { keys: 'v', label: 'Map or table', run: () => change({ view: view === 'map' ? 'nodes' : 'map' }) },
    ],
    [select, change, view],
  );
  useKeys(keys);

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
  const content = (): ReactNode => {
    if (graph.isError && part === undefined) {
      return graph.error instanceof ApiError && graph.error.parameter === 'filter' ? (
        <FilterProblem filter={filter} error={graph.error} onFilter={setFilter} />
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
            <Button size="xs" onClick={() => change({ min: undefined })}>
              Show all edges
            </Button>
          }
        >
          <p>No node has as many requests as is asked for.</p>
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
      <MapCanvas scene={scene} part={partName} selected={sel} summary={summaryOf(part)} onSelect={select} />
    );
  };
  return (
    <div className="map-page">
      <h1 className="visually-hidden">Service map</h1>
      <MapToolbar search={search} model={whole} onChange={change}>
        <span className="map-said">
          {part !== undefined && <Shown part={part} />}
          {graph.isPlaceholderData || graph.isFetching ? (
            <span className="dim">refreshing</span>
          ) : (
            relative &&
            graph.dataUpdatedAt > 0 && (
              <span className="dim" title="Refreshed every 15 seconds while it is looked at">
                as of {formatClock(epochMillis(graph.dataUpdatedAt))}
              </span>
            )
          )}
        </span>
      </MapToolbar>
      {search.problems.map((problem) => (
        <p key={problem} className="map-notice" role="status">
          {problem}
        </p>
      ))}
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
            range={range}
            filter={scope}
            focus={focus}
            onSelect={select}
            onFocus={(key) => change({ focus: key, hops: undefined })}
          />
        )}
      </div>
    </div>
  );
}

function Shown({ part }: { readonly part: MapModel }): ReactNode {
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
          {groupedCount > 0 && <>; the {formatCount(groupedCount)} least busy are grouped by type</>}
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

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './trace-page.css';
import { ActionIcon, Button, Checkbox, CloseButton, TextInput, Tooltip } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useDeferredValue, useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { fetchSkeleton } from '../../api/routes';
import { useKeys } from '../../app/keys';
import { sharedSearch } from '../../app/search-params';
import { CopyButton } from '../../ui/CopyButton';
import { OutcomeMark, outcomeOf } from '../../ui/Outcome';
import { formatCount, formatDuration, formatTime, plural } from '../../ui/format';
import { Empty, Failure, Loading } from '../../ui/states';
import { micros, nanosToMicros, toEpochMillis } from '../../ui/units';
import { ApiError } from '../../api/client';
import { CompareWith } from '../compare/CompareWith';
import { Flame } from './Flame';
import type { TimeWindow } from './Minimap';
import { Minimap } from './Minimap';
import { RawTrace } from './RawTrace';
import { SpanPanel } from './SpanPanel';
import { Statistics } from './Statistics';
import { Timeline } from './Timeline';
import { TimelineLegend, TraceAnswer } from './TraceAnswer';
import { TraceMap } from './TraceMap';
import type { Skeleton } from './skeleton';
import { skeletonOf } from './skeleton';
import type { TraceModel } from './trace-model';
import {
  SKEWED,
  findSpans,
  longerThan,
  rowsOf,
  spanIdAt,
  spanOfId,
  traceModel,
  withAncestors,
} from './trace-model';

const FOLLOW_MILLIS = 2_000;
const VIEWS = [
  { id: 'timeline', name: 'Timeline' },
  { id: 'map', name: 'Map' },
  { id: 'flame', name: 'Flame' },
  { id: 'statistics', name: 'Statistics' },
  { id: 'raw', name: 'Raw' },
] as const;
const NO_SPANS: ReadonlySet<number> = new Set();

/** One trace. */
export function TracePage(): ReactNode {
  const { id } = useParams({ from: '/trace/$id' });
  const skeleton = useQuery({
    queryKey: ['skeleton', id],
    queryFn: async ({ signal }) => skeletonOf(await fetchSkeleton(id, signal)),
    // Spans in progress grow until they have ended.
    refetchInterval: (query) => (query.state.data?.inProgress === true ? FOLLOW_MILLIS : false),
    structuralSharing: false,
  });
  useEffect(() => {
    const { data } = skeleton;
    document.title = `${data === undefined ? 'Trace' : nameOf(data)} · Roentgen`;
  }, [skeleton]);
  if (skeleton.isPending) {
    return <Loading rows={16} label="Reading the trace" />;
  }
  if (skeleton.isError && skeleton.data === undefined) {
    const { error } = skeleton;
    return error instanceof ApiError && (error.status === 404 || error.status === 400) ? (
      <Empty
        level={1}
        title={error.status === 404 ? 'This trace is not here' : 'This is not the id of a trace'}
        actions={
          <Button size="xs" component={Link} to="/traces">
            Look for traces
          </Button>
        }
      >
        <p>{error.message}</p>
      </Empty>
    ) : (
      <Failure
        title="The trace cannot be shown"
        level={1}
        error={error}
        onRetry={() => void skeleton.refetch()}
      />
    );
  }
  return <Trace key={skeleton.data.traceId} skeleton={skeleton.data} problem={skeleton.error} />;
}

function nameOf(skeleton: Skeleton): string {
  const service = skeleton.serviceTexts[skeleton.services[skeleton.root] ?? 0] ?? '';
  const name = skeleton.nameTexts[skeleton.names[skeleton.root] ?? 0] ?? '';
  return service === '' || service === name ? name : `${service} ${name}`;
}

function Trace({
  skeleton,
  problem,
}: {
  readonly skeleton: Skeleton;
  readonly problem: Error | null;
}): ReactNode {
  const model = useMemo(() => traceModel(skeleton), [skeleton]);
  const search = useSearch({ from: '/trace/$id' });
  const navigate = useNavigate({ from: '/trace/$id' });
  const [closed, setClosed] = useState(NO_SPANS);
  const [openFolds, setOpenFolds] = useState(NO_SPANS);
  const [critical, setCritical] = useState(true);
  const [gaps, setGaps] = useState(true);
  const [zoom, setZoom] = useState<TimeWindow>();
  const [active, setActive] = useState(0);

  const find = search.find ?? '';
  const hide = Math.min(100, Math.max(0, Number(search.hide ?? 0) || 0));
  const deferredFind = useDeferredValue(find);
  const matches = useMemo(
    () => (deferredFind === '' ? undefined : findSpans(skeleton, deferredFind)),
    [skeleton, deferredFind],
  );
  const kept = useMemo(() => {
    if (matches === undefined && hide === 0) {
      return undefined;
    }
    const long = hide === 0 ? undefined : longerThan(model, hide / 100);
    const marked = matches ?? long ?? new Uint8Array(0);
    const both =
      matches !== undefined && long !== undefined ? marked.map((each, i) => each & (long[i] ?? 0)) : marked;
    return withAncestors(skeleton.parents, both);
  }, [model, skeleton, matches, hide]);
  const rows = useMemo(
    () => rowsOf(model, { closed, openFolds, kept, folded: matches === undefined }),
    [model, closed, openFolds, kept, matches],
  );
  const matchRows = useMemo(() => {
    const found: number[] = [];
    if (matches !== undefined) {
      rows.forEach((row, i) => row >= 0 && matches[row] === 1 && found.push(i));
    }
    return found;
  }, [rows, matches]);

  const selected = search.span === undefined ? -1 : spanOfId(skeleton, search.span);
  const setSearch = useCallback(
    (changed: { readonly span?: string | undefined; readonly find?: string; readonly hide?: string; readonly tab?: string }) => {
      void navigate({
        search: ({ span, find: before, hide: least, tab: view, ...rest }) => {
          const merged = { span, find: before, hide: least, tab: view, ...changed };
          return {
            ...rest,
            ...(merged.span === undefined ? {} : { span: merged.span }),
            ...(merged.find === undefined || merged.find === '' ? {} : { find: merged.find }),
            ...(merged.hide === undefined || merged.hide === '0' ? {} : { hide: merged.hide }),
            ...(merged.tab === undefined || merged.tab === 'timeline' ? {} : { tab: merged.tab }),
          };
        },
        replace: true,
      });
    },
    [navigate],
  );
  // A link to a span shows it, whatever is folded.
  useEffect(() => {
    if (selected >= 0) {
      const fold = model.foldOf[selected] ?? -1;
      if (fold >= 0) {
        setOpenFolds((before) => (before.has(fold) ? before : new Set(before).add(fold)));
      }
      const at = rows.indexOf(selected);
      if (at >= 0) {
        setActive(at);
      }
    }
    // Only when the page opens: later the row that was chosen is in sight.
  }, [model]);

  const toggle = useCallback(
    (at: number, open?: boolean) => {
      const row = rows[at];
      if (row === undefined) {
        return;
      }
      if (row < 0) {
        setOpenFolds((before) => flipped(before, -1 - row, open));
      } else if ((model.childCounts[row] ?? 0) > 0) {
        setClosed((before) => flipped(before, row, open === undefined ? undefined : !open));
      }
    },
    [rows, model],
  );
  const reveal = (span: number): void => {
    const above = new Set(closed);
    const unfolded = new Set(openFolds);
    for (let at = span; at >= 0; at = skeleton.parents[at] ?? -1) {
      if (at !== span) {
        above.delete(at);
      }
      const fold = model.foldOf[at] ?? -1;
      if (fold >= 0) {
        unfolded.add(fold);
      }
    }
    setClosed(above);
    setOpenFolds(unfolded);
    const at = rowsOf(model, { closed: above, openFolds: unfolded, kept, folded: matches === undefined }).indexOf(span);
    if (at >= 0) {
      setActive(at);
    }
    setSearch({ span: spanIdAt(skeleton, span) });
  };
  const actions = useMemo(
    () => ({
      onActivate: setActive,
      onOpen: (at: number) => {
        const row = rows[at];
        if (row !== undefined && row >= 0) {
          setSearch({ span: spanIdAt(skeleton, row) });
        } else {
          toggle(at);
        }
      },
      onToggle: toggle,
      onParent: (at: number) => {
        const row = rows[at];
        if (row === undefined) {
          return;
        }
        const open =
          row < 0 ? openFolds.has(-1 - row) : (model.childCounts[row] ?? 0) > 0 && !closed.has(row);
        if (open) {
          toggle(at, false);
          return;
        }
        const index = row < 0 ? (model.folds[-1 - row]?.members[0] ?? 0) : row;
        const parent = rows.indexOf(skeleton.parents[index] ?? -1);
        if (parent >= 0 && (skeleton.parents[index] ?? -1) >= 0) {
          setActive(parent);
        }
      },
    }),
    [rows, model, skeleton, closed, openFolds, toggle, setSearch],
  );

  const keys = useMemo(() => {
    const step = (by: number): void => {
      const later = matchRows.filter((each) => (by > 0 ? each > active : each < active));
      const next = by > 0 ? (later[0] ?? matchRows[0]) : (later.at(-1) ?? matchRows.at(-1));
      if (next !== undefined) {
        setActive(next);
      }
    };
    const level = (by: number): void => {
      // The deepest level that is shown goes, or the next one comes.
      let deepest = 0;
      rows.forEach((row) => (deepest = Math.max(deepest, row < 0 ? 0 : (model.depths[row] ?? 0))));
      const target = Math.max(0, deepest + by);
      setClosed(target >= model.maxDepth ? NO_SPANS : atDepth(model, target));
    };
    return [
      { keys: '[', label: 'Fold the deepest level', run: () => level(-1) },
      { keys: ']', label: 'Unfold a level', run: () => level(1) },
      { keys: '{', label: 'Fold all', run: () => setClosed(atDepth(model, 0)) },
      { keys: '}', label: 'Unfold all', run: () => setClosed(NO_SPANS) },
      { keys: 'n', label: 'Next match', run: () => step(1) },
      { keys: 'N', label: 'Match before', run: () => step(-1) },
      { keys: 'b', label: 'Gaps on or off', run: () => setGaps((before) => !before) },
      { keys: 'c', label: 'Critical path on or off', run: () => setCritical((before) => !before) },
      { keys: '/', label: 'Find in the trace', run: () => document.getElementById('find-spans')?.focus() },
      { keys: 'Escape', label: 'Close the span', run: () => setSearch({ span: undefined }) },
    ];
  }, [rows, model, matchRows, active, setSearch]);
  useKeys(keys);

  const view = search.tab === undefined ? 'timeline' : VIEWS.find(({ id }) => id === search.tab)?.id;
  const show = (text: string): void => setSearch({ find: text, tab: 'timeline' });
  const whole = { from: micros(0), to: micros(Math.max(model.duration, 0.001)) };
  const shown = zoom ?? whole;
  const at = matchRows.indexOf(active);
  const skewed = skeleton.flags.reduce((sum, each) => sum + ((each & SKEWED) === 0 ? 0 : 1), 0);
  return (
    <>
      <Head skeleton={skeleton} model={model} skewed={skewed} />
      <nav className="trace-views" aria-label="Views of this trace">
        {VIEWS.map(({ id, name }) => (
          <Link
            key={id}
            from="/trace/$id"
            to="/trace/$id"
            params={{ id: skeleton.traceId }}
            search={({ tab: _tab, ...rest }) => (id === 'timeline' ? rest : { ...rest, tab: id })}
            activeOptions={{ exact: true, includeSearch: true }}
            aria-current={view === id ? 'page' : undefined}
          >
            {name}
          </Link>
        ))}
        {view === undefined && (
          <span className="dim" role="alert">
            There is no view “{search.tab}”; these are all.
          </span>
        )}
      </nav>
      {view === 'map' && <TraceMap model={model} onFind={show} />}
      {view === 'flame' && <Flame model={model} onFind={show} onTable={() => setSearch({ tab: 'statistics' })} />}
      {view === 'statistics' && <Statistics model={model} onFind={show} />}
      {view === 'raw' && <RawTrace traceId={skeleton.traceId} spanCount={model.count} />}
      {(view === 'timeline' || view === undefined) && (
        <>
      <TraceAnswer model={model} onShow={reveal} />
      <div className="trace-tools">
        <TextInput
          id="find-spans"
          size="xs"
          className="find"
          aria-label="Find spans by service, operation, status or id"
          placeholder="Find service, operation, status or span id"
          leftSection={<IconSearch size={14} />}
          rightSection={
            find !== '' && (
              <CloseButton size="xs" aria-label="Clear" onClick={() => setSearch({ find: '' })} />
            )
          }
          value={find}
          onChange={(event) => setSearch({ find: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key === 'Escape' || event.key === 'Enter') {
              event.currentTarget.blur();
            }
          }}
        />
        {matches !== undefined && (
          <span className="dim tabular" role="status">
            {at >= 0 ? `${at + 1} of ` : ''}
            {plural(matchRows.length, 'match').replace('matchs', 'matches')}
          </span>
        )}
        {matchRows.length > 1 && (
          <>
            <Step
              label="Match before (N)"
              icon={<IconArrowUp size={14} />}
              run={() => keys.find((each) => each.keys === 'N')?.run()}
            />
            <Step
              label="Next match (n)"
              icon={<IconArrowDown size={14} />}
              run={() => keys.find((each) => each.keys === 'n')?.run()}
            />
          </>
        )}
        <label className="hide-short">
          Hide below
          <TextInput
            type="number"
            size="xs"
            aria-label="Hide spans below this share of the trace, in per cent"
            min={0}
            max={100}
            step={0.5}
            rightSection="%"
            value={hide}
            onChange={(event) => setSearch({ hide: String(Math.min(100, Math.max(0, event.currentTarget.valueAsNumber || 0))) })}
          />
        </label>
        <Checkbox
          size="xs"
          label="Critical path"
          checked={critical}
          onChange={(event) => setCritical(event.currentTarget.checked)}
        />
        <Checkbox
          size="xs"
          label="Gaps"
          title="Time of a span in which nothing below it ran"
          checked={gaps}
          onChange={(event) => setGaps(event.currentTarget.checked)}
        />
        {zoom !== undefined && (
          <Button size="compact-sm" variant="default" onClick={() => setZoom(undefined)}>
            {formatDuration(zoom.from)} – {formatDuration(zoom.to)}: show all
          </Button>
        )}
        <span className="spring" />
        <TimelineLegend model={model} critical={critical} gaps={gaps} />
        {kept !== undefined && (
          <span className="dim tabular">
            {formatCount(rows.length)} of {plural(model.count, 'row')}
          </span>
        )}
        {problem !== null && <span className="outcome-fault">Not up to date: {problem.message}</span>}
      </div>
      <Minimap
        model={model}
        window={shown}
        onWindow={(chosen) => setZoom(chosen.to - chosen.from >= whole.to ? undefined : chosen)}
      />
      <div className="trace-split">
        {rows.length === 0 ? (
          <Empty title={find === '' ? 'No span is that long' : 'No span is like that'}>
            <p>
              Spans are found by service, operation, status and id; <code className="mono">fault</code>,{' '}
              <code className="mono">error</code> and <code className="mono">throttle</code> find what went
              wrong.
            </p>
          </Empty>
        ) : (
          <Timeline
            model={model}
            rows={rows}
            active={Math.min(active, rows.length - 1)}
            selected={selected}
            matches={matches}
            closed={closed}
            openFolds={openFolds}
            window={shown}
            critical={critical}
            gaps={gaps}
            actions={actions}
          />
        )}
        {search.span !== undefined && (
          <SpanPanel
            traceId={skeleton.traceId}
            spanId={search.span}
            onClose={() => setSearch({ span: undefined })}
          />
        )}
      </div>
        </>
      )}
    </>
  );
}

function Step({
  label,
  icon,
  run,
}: {
  readonly label: string;
  readonly icon: ReactNode;
  readonly run: () => void;
}): ReactNode {
  return (
    <Tooltip label={label}>
      <ActionIcon size={26} variant="default" aria-label={label} onClick={run}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

function flipped(before: ReadonlySet<number>, member: number, on: boolean | undefined): ReadonlySet<number> {
  const wanted = on ?? !before.has(member);
  if (wanted === before.has(member)) {
    return before;
  }
  const after = new Set(before);
  if (wanted) {
    after.add(member);
  } else {
    after.delete(member);
  }
  return after;
}

/** Spans at a depth that have something below. */
function atDepth(model: TraceModel, depth: number): ReadonlySet<number> {
  const found = new Set<number>();
  for (let i = 0; i < model.count; i++) {
    if (model.depths[i] === depth && (model.childCounts[i] ?? 0) > 0) {
      found.add(i);
    }
  }
  return found;
}

/** Around the trace, so that who goes on from a link finds what happened then, whenever that is. */
const LINK_MARGIN_MILLIS = 15 * 60_000;

/** The address of what is shown, with the trace's own time in the place of one that moves. */
function linkOf(skeleton: Skeleton): string {
  const address = new URL(window.location.href);
  const start = toEpochMillis(skeleton.startEpochNanos);
  const end = Math.ceil(start + nanosToMicros(skeleton.durationNanos) / 1_000);
  address.searchParams.set('from', String(start - LINK_MARGIN_MILLIS));
  address.searchParams.set('to', String(end + LINK_MARGIN_MILLIS));
  return address.href;
}

function Head({
  skeleton,
  model,
  skewed,
}: {
  readonly skeleton: Skeleton;
  readonly model: TraceModel;
  readonly skewed: number;
}): ReactNode {
  const search = useSearch({ strict: false });
  return (
    <header className="trace-head-line">
      <div className="trace-name">
        <p>
          <Link to="/traces" search={sharedSearch(search)}>
            Traces
          </Link>{' '}
          <span className="dim">/</span> <span className="mono dim">{skeleton.xrayTraceId}</span>
        </p>
        <h1 className="truncate">{nameOf(skeleton)}</h1>
      </div>
      <dl className="trace-facts">
        <Fact name="Status">
          <OutcomeMark outcome={outcomeOf(skeleton)} />
        </Fact>
        <Fact name="Duration">
          {formatDuration(model.duration)}
          {skeleton.inProgress && ' so far'}
        </Fact>
        <Fact name="Spans">{formatCount(model.count)}</Fact>
        <Fact name="Services">{skeleton.serviceTexts.filter((each) => each !== '').length}</Fact>
        <Fact name="Start">{formatTime(skeleton.startEpochNanos)}</Fact>
        {skewed > 0 && <Fact name="Clocks">{plural(skewed, 'span')} moved</Fact>}
      </dl>
      <div className="trace-actions">
        <CompareWith traceId={skeleton.xrayTraceId} startEpochNanos={skeleton.startEpochNanos} />
        <CopyButton label="Copy id" text={() => skeleton.xrayTraceId} />
        <CopyButton label="Copy link" text={() => linkOf(skeleton)} />
      </div>
    </header>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

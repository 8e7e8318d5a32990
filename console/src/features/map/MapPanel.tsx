// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { Button, CloseButton } from '@mantine/core';
import { IconFocus2, IconListSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { fetchGraphDetails, fetchOperations } from '../../api/routes';
import type { Range } from '../../api/routes';
import { sharedSearch } from '../../app/search-params';
import { changeOf } from '../../graph/change';
import type { Calls, MapEdge, MapModel, MapNode } from '../../graph/map-model';
import { badShare, keyOf, meanOf } from '../../graph/map-model';
import { OUTCOMES, OutcomeGlyph } from '../../ui/Outcome';
import { formatCount, plural } from '../../ui/format';
import { Failure, Loading } from '../../ui/states';
import type { Micros } from '../../ui/units';
import { ChangeMark } from './ChangeMark';
import { ErrorList } from './ErrorList';
import { KindGlyph } from './KindGlyph';
import { Histogram, TimeCharts } from './PanelCharts';
import { both, durationCondition, edgeClause, nodeClause } from './filters';
import { KIND_NAMES } from './glyphs';
import { CHANGE_NAMES, formatChange, formatMaybe, formatRate, formatShare } from './map-format';
import { usePanelWidth } from './panel-width';

type Context = {
  readonly model: MapModel;
  readonly range: Range;
  readonly filter: string;
  readonly focus: string | undefined;
  readonly onSelect: (key: string | undefined) => void;
  readonly onFocus: (key: string) => void;
  /** Opens a group by its name. */
  readonly onOpen: (name: string) => void;
};

/** What there is to say about the node or edge that was chosen. */
export function MapPanel({
  sel,
  whole,
  ...context
}: Context & { readonly sel: string; readonly whole: MapModel }): ReactNode {
  const { model, onSelect } = context;
  const node = model.nodeByKey.get(sel) ?? whole.nodeByKey.get(sel);
  const edge = model.edgeByKey.get(sel) ?? whole.edgeByKey.get(sel);
  const name = node?.id.name ?? (edge ? `${edge.from.id.name} to ${edge.to.id.name}` : sel);
  const { width, separator } = usePanelWidth();
  return (
    <aside className="map-panel" aria-label={`Details: ${name}`} style={{ width }}>
      <div className="map-panel-edge" {...separator} />
      <div className="map-panel-scroll">
      <header>
        {node !== undefined && <KindGlyph kind={node.kind} size={20} />}
        <div>
          <h2>{node !== undefined || edge === undefined ? name : <EdgeTitle edge={edge} onSelect={onSelect} />}</h2>
          {node !== undefined && (
            <p className="dim">{node.id.type === '' || node.kind === 'client' ? KIND_NAMES[node.kind] : node.id.type}</p>
          )}
          {edge !== undefined && node === undefined && (
            <p className="dim">
              {edge.link ? 'Messages, and the work on them' : 'Calls, as the caller saw them'}
              {edge.aliases.length > 0 && <>; known to it as {edge.aliases.map((each) => each.name).join(', ')}</>}
            </p>
          )}
        </div>
        <CloseButton size="sm" aria-label="Close the details" onClick={() => onSelect(undefined)} />
      </header>
      {node !== undefined ? (
        <NodeDetails node={node} {...context} />
      ) : edge !== undefined ? (
        <EdgeDetails edge={edge} {...context} />
      ) : (
        <p className="map-panel-note">
          This is not on the map in this range of time and filter. It may have had no calls, or the address may name
          something else.
        </p>
      )}
      </div>
    </aside>
  );
}

function EdgeTitle({ edge, onSelect }: { readonly edge: MapEdge; readonly onSelect: (key: string) => void }): ReactNode {
  return (
    <>
      <button type="button" className="map-link" onClick={() => onSelect(edge.from.key)}>
        {edge.from.id.name}
      </button>
      <span aria-label="to"> → </span>
      <button type="button" className="map-link" onClick={() => onSelect(edge.to.key)}>
        {edge.to.id.name}
      </button>
    </>
  );
}

function NodeDetails({ node, ...context }: Context & { readonly node: MapNode }): ReactNode {
  const { model, range, filter, focus, onSelect, onFocus, onOpen } = context;
  const { group } = node;
  const single = node.kind !== 'group';
  return (
    <>
      {single && (
        <div className="map-panel-actions">
          <TracesLink clause={nodeClause(node)} />
          {focus !== node.key && (
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconFocus2 size={14} />}
              onClick={() => onFocus(node.key)}
            >
              Focus
            </Button>
          )}
        </div>
      )}
      {group !== undefined && (
        <div className="map-panel-actions">
          <Button size="compact-sm" variant="light" onClick={() => onOpen(group)}>
            Open the group
          </Button>
        </div>
      )}
      <ChangeLine part={node} />
      <Numbers
        calls={node.calls}
        then={node.then?.calls}
        seconds={model.seconds}
        thenSeconds={model.thenSeconds ?? model.seconds}
        made={node.kind === 'client'}
      />
      {single && node.kind !== 'client' && (
        <Charts
          id={keyOf(node.id)}
          range={range}
          filter={filter}
          node={node}
          edge={undefined}
          clause={(condition) => nodeClause(node, condition)}
        />
      )}
      {single && node.kind !== 'client' && badShare(node.calls) > 0 && (
        <ErrorList node={node} range={range} filter={filter} />
      )}
      <Neighbours title="Called by" edges={node.incoming} end="from" model={model} onSelect={onSelect} />
      <Neighbours title="Calls" edges={node.outgoing} end="to" model={model} onSelect={onSelect} />
      {node.kind === 'service' && <OperationList service={node.id.name} range={range} />}
      {node.kind === 'group' && (
        <p className="map-panel-note">
          {group === undefined
            ? `Stands for ${plural(node.count, 'node')} with few requests. Search for one, narrow the filter, or hide small edges to see them apart.`
            : `Stands for ${plural(node.count, 'node')}. Calls among them are not shown until it is opened.`}
        </p>
      )}
    </>
  );
}

function EdgeDetails({ edge, ...context }: Context & { readonly edge: MapEdge }): ReactNode {
  const { model, range, filter } = context;
  const single = edge.from.kind !== 'group' && edge.to.kind !== 'group';
  return (
    <>
      {single && (
        <div className="map-panel-actions">
          <TracesLink clause={edgeClause(edge)} />
        </div>
      )}
      <ChangeLine part={edge} />
      <Numbers
        calls={edge.calls}
        then={edge.then?.calls}
        seconds={model.seconds}
        thenSeconds={model.thenSeconds ?? model.seconds}
        made={false}
      />
      {edge.ages !== undefined && (
        <dl className="map-numbers map-ages">
          <div>
            <dt>Age of messages p50</dt>
            <dd>{formatMaybe(edge.ages.p50)}</dd>
          </div>
          <div>
            <dt>p95</dt>
            <dd>{formatMaybe(edge.ages.p95)}</dd>
          </div>
          <div>
            <dt>p99</dt>
            <dd>{formatMaybe(edge.ages.p99)}</dd>
          </div>
        </dl>
      )}
      {single && (
        <Charts
          id={edge.key}
          range={range}
          filter={filter}
          node={edge.from}
          edge={edge}
          clause={(condition) => edgeClause(edge, condition)}
        />
      )}
    </>
  );
}

function TracesLink({ clause }: { readonly clause: string }): ReactNode {
  const shared = sharedSearch(useSearch({ from: '/map' }));
  return (
    <Button
      size="compact-sm"
      variant="light"
      leftSection={<IconListSearch size={14} />}
      renderRoot={(props) => (
        <Link {...props} to="/traces" search={{ ...shared, q: both(shared.q ?? '', clause) }} />
      )}
    >
      Traces
    </Button>
  );
}

/** What has become of it since the range that is compared with. */
function ChangeLine({ part }: { readonly part: Pick<MapNode | MapEdge, 'calls' | 'then'> }): ReactNode {
  const change = changeOf(part);
  return (
    change !== undefined && (
      <p className="map-change-line">
        <ChangeMark change={change}>
          {change === 'new'
            ? 'new: not there in the earlier range'
            : change === 'gone'
              ? 'gone: only there in the earlier range'
              : change === 'same'
                ? 'as before'
                : `${CHANGE_NAMES[change]}: ${formatChange(part)}`}
        </ChangeMark>
      </p>
    )
  );
}

function Fact({
  name,
  was,
  children,
}: {
  readonly name: string;
  readonly was: string | undefined;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
      {was !== undefined && <dd className="map-was">was {was}</dd>}
    </div>
  );
}

function Numbers({
  calls,
  then,
  seconds,
  thenSeconds,
  made,
}: {
  readonly calls: Calls;
  /** In the range that is compared with. */
  readonly then: Calls | undefined;
  readonly seconds: number;
  readonly thenSeconds: number;
  readonly made: boolean;
}): ReactNode {
  const was = (text: (calls: Calls) => string): string | undefined => then && text(then);
  return (
    <>
      <dl className="map-numbers">
        <Fact name={made ? 'Requests made' : 'Requests'} was={was(({ total }) => formatCount(total))}>
          {formatCount(calls.total)}
        </Fact>
        <Fact name="Rate" was={was(({ total }) => formatRate(total, thenSeconds))}>
          {formatRate(calls.total, seconds)}
        </Fact>
        <Fact name="Bad" was={was((each) => formatShare(badShare(each)))}>
          {formatShare(badShare(calls))}
        </Fact>
        <Fact name="Mean" was={was((each) => formatMaybe(meanOf(each)))}>
          {formatMaybe(meanOf(calls))}
        </Fact>
        {(['p50', 'p95', 'p99'] as const).map((name) => (
          <Fact key={name} name={name} was={was((each) => formatMaybe(each[name]))}>
            {formatMaybe(calls[name])}
          </Fact>
        ))}
      </dl>
      {calls.total > 0 && (
        <div className="map-mix">
          <div className="map-mix-bar" aria-hidden="true">
            {OUTCOMES.map(
              (name) =>
                calls[name] > 0 && <span key={name} className={`map-mix-${name}`} style={{ flexGrow: calls[name] }} />,
            )}
          </div>
          <ul>
            {OUTCOMES.map((name) => (
              <li key={name} className={calls[name] === 0 ? 'dim' : `outcome-${name}`}>
                <OutcomeGlyph outcome={name} />
                {name} {calls[name] === 0 ? '0' : `${formatCount(calls[name])} · ${formatShare(calls[name] / calls.total)}`}
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function Charts({
  id,
  range,
  filter,
  node,
  edge,
  clause,
}: {
  readonly id: string;
  readonly range: Range;
  readonly filter: string;
  readonly node: MapNode;
  readonly edge: MapEdge | undefined;
  readonly clause: (condition: string) => string;
}): ReactNode {
  const navigate = useNavigate();
  const shared = sharedSearch(useSearch({ from: '/map' }));
  const details = useQuery({
    queryKey: ['graph-details', range.start, range.end, filter, edge === undefined ? 'node' : 'edge', id],
    queryFn: ({ signal }) => fetchGraphDetails(range, filter, node.id, edge?.to.id, signal),
    // The charts of another part would be wrong; those of a moment ago are not.
    placeholderData: (before, query) => (query?.queryKey.at(-1) === id ? keepPreviousData(before) : undefined),
  });
  if (details.isError && details.data === undefined) {
    return <Failure title="The charts could not be fetched" error={details.error} onRetry={() => void details.refetch()} />;
  }
  if (details.data === undefined) {
    return <Loading rows={6} label="The charts are fetched" />;
  }
  if (details.data.buckets.length === 0) {
    return null;
  }
  return (
    <>
      <TimeCharts details={details.data} />
      <Histogram
        details={details.data}
        onRange={(from: Micros, to: Micros) => {
          void navigate({
            to: '/traces',
            search: { ...shared, q: both(shared.q ?? '', clause(durationCondition(from, to))) },
          });
        }}
      />
    </>
  );
}

function Neighbours({
  title,
  edges,
  end,
  model,
  onSelect,
}: {
  readonly title: string;
  readonly edges: readonly MapEdge[];
  readonly end: 'from' | 'to';
  readonly model: MapModel;
  readonly onSelect: (key: string) => void;
}): ReactNode {
  if (edges.length === 0) {
    return null;
  }
  const sorted = [...edges].sort((a, b) => b.calls.total - a.calls.total);
  return (
    <section className="map-neighbours">
      <h3>{title}</h3>
      <table>
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col" className="number">
              Rate
            </th>
            <th scope="col" className="number">
              Bad
            </th>
            <th scope="col" className="number">
              Mean
            </th>
            <th scope="col" className="number">
              p99
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((edge) => {
            const other = edge[end];
            return (
              <tr key={edge.key}>
                <th scope="row">
                  <button
                    type="button"
                    className="map-link map-name"
                    title={`The calls from ${edge.from.id.name} to ${edge.to.id.name}`}
                    onClick={() => onSelect(edge.key)}
                  >
                    <KindGlyph kind={other.kind} />
                    <span className="truncate">{other.id.name}</span>
                  </button>
                </th>
                <td className="number">{formatRate(edge.calls.total, model.seconds)}</td>
                <td className={`number${badShare(edge.calls) > 0 ? ' outcome-fault' : ''}`}>
                  {formatShare(badShare(edge.calls))}
                </td>
                <td className="number">{formatMaybe(meanOf(edge.calls))}</td>
                <td className="number">{formatMaybe(edge.calls.p99)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

const MAX_OPERATIONS = 50;

function OperationList({ service, range }: { readonly service: string; readonly range: Range }): ReactNode {
  const answer = useQuery({
    queryKey: ['operations', service, range.start, range.end],
    queryFn: ({ signal }) => fetchOperations(range, service, signal),
    placeholderData: (before, query) => (query?.queryKey[1] === service ? keepPreviousData(before) : undefined),
  });
  if (answer.isError) {
    return <p className="map-panel-note">The operations could not be fetched: {answer.error.message}</p>;
  }
  const operations = answer.data?.operations ?? [];
  if (operations.length === 0) {
    return null;
  }
  return (
    <section className="map-neighbours">
      <h3>Operations</h3>
      <ul className="map-operations">
        {operations.slice(0, MAX_OPERATIONS).map(({ name, kind }) => (
          <li key={`${kind} ${name}`}>
            <span className="mono truncate" title={name}>
              {name}
            </span>
            <span className="dim">{kind === 'unspecified' ? '' : kind}</span>
          </li>
        ))}
      </ul>
      {operations.length > MAX_OPERATIONS && (
        <p className="dim">
          {formatCount(MAX_OPERATIONS)} of {plural(operations.length, 'operation')}
        </p>
      )}
    </section>
  );
}

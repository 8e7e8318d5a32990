// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { Button } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { CHANGES, changeOf, meanChange } from '../../graph/change';
import type { Calls, MapModel, Then } from '../../graph/map-model';
import { badShare, meanOf } from '../../graph/map-model';
import { formatCount } from '../../ui/format';
import { ChangeMark } from './ChangeMark';
import { KIND_NAMES } from './glyphs';
import { KindGlyph } from './KindGlyph';
import { CHANGE_NAMES, formatDurationChange, formatMaybe, formatRate, formatShare } from './map-format';

type Column<T> = {
  readonly name: string;
  readonly number: boolean;
  readonly value: (row: T) => string | number;
  readonly cell: (row: T) => ReactNode;
};

type Row = { readonly key: string; readonly calls: Calls; readonly then?: Then };

/** Rows that are shown to begin with, and at each request for more. */
const STEP = 200;

function callColumns<T extends Row>(seconds: number): readonly Column<T>[] {
  return [
    { name: 'Requests', number: true, value: ({ calls }) => calls.total, cell: ({ calls }) => formatCount(calls.total) },
    {
      name: 'Rate',
      number: true,
      value: ({ calls }) => calls.total,
      cell: ({ calls }) => formatRate(calls.total, seconds),
    },
    { name: 'Errors', number: true, value: ({ calls }) => calls.error, cell: ({ calls }) => outcome(calls, 'error') },
    {
      name: 'Throttled',
      number: true,
      value: ({ calls }) => calls.throttle,
      cell: ({ calls }) => outcome(calls, 'throttle'),
    },
    { name: 'Faults', number: true, value: ({ calls }) => calls.fault, cell: ({ calls }) => outcome(calls, 'fault') },
    { name: 'Bad', number: true, value: ({ calls }) => badShare(calls), cell: ({ calls }) => formatShare(badShare(calls)) },
    {
      name: 'Mean',
      number: true,
      value: ({ calls }) => meanOf(calls) ?? -1,
      cell: ({ calls }) => formatMaybe(meanOf(calls)),
    },
    { name: 'p50', number: true, value: ({ calls }) => calls.p50 ?? -1, cell: ({ calls }) => formatMaybe(calls.p50) },
    { name: 'p95', number: true, value: ({ calls }) => calls.p95 ?? -1, cell: ({ calls }) => formatMaybe(calls.p95) },
    { name: 'p99', number: true, value: ({ calls }) => calls.p99 ?? -1, cell: ({ calls }) => formatMaybe(calls.p99) },
  ];
}

/** What is another than in the earlier range; its numbers are there only where both have calls. */
function changeColumns<T extends Row>({ seconds, thenSeconds }: MapModel): readonly Column<T>[] {
  if (thenSeconds === undefined) {
    return [];
  }
  const both = ({ calls, then }: Row): Calls | undefined => (calls.total > 0 && (then?.calls.total ?? 0) > 0 ? then?.calls : undefined);
  const number = (of: (calls: Calls, then: Calls) => number) => (row: T): number => {
    const then = both(row);
    return then === undefined ? -Infinity : of(row.calls, then);
  };
  const text = (of: (calls: Calls, then: Calls) => string) => (row: T): ReactNode => {
    const then = both(row);
    return then === undefined ? <span className="dim">–</span> : of(row.calls, then);
  };
  const rateChange = (calls: Calls, then: Calls): number => calls.total / seconds - then.total / thenSeconds;
  return [
    {
      name: 'Change',
      number: false,
      value: (row) => CHANGES.indexOf(changeOf(row) ?? 'same'),
      cell: (row) => {
        const change = changeOf(row) ?? 'same';
        return <ChangeMark change={change}>{CHANGE_NAMES[change]}</ChangeMark>;
      },
    },
    {
      name: 'Rate change',
      number: true,
      value: number(rateChange),
      cell: text((calls, then) => {
        const change = rateChange(calls, then);
        return change === 0 ? '0' : `${change < 0 ? '−' : '+'}${formatRate(Math.abs(change), 1)}`;
      }),
    },
    {
      name: 'Mean change',
      number: true,
      value: number(meanChange),
      cell: text((calls, then) => formatDurationChange(meanChange(calls, then))),
    },
    {
      name: 'Bad before',
      number: true,
      value: number((_, then) => badShare(then)),
      cell: text((_, then) => formatShare(badShare(then))),
    },
  ];
}

function outcome(calls: Calls, name: 'error' | 'throttle' | 'fault'): ReactNode {
  return calls[name] === 0 ? <span className="dim">0</span> : <span className={`outcome-${name}`}>{formatCount(calls[name])}</span>;
}

/** The same data as the map's. */
export function MapTable({
  model,
  of,
  selected,
  onSelect,
}: {
  readonly model: MapModel;
  readonly of: 'nodes' | 'edges';
  readonly selected: string | undefined;
  readonly onSelect: (key: string) => void;
}): ReactNode {
  const { seconds } = model;
  return of === 'nodes' ? (
    <SortedTable
      key="nodes"
      caption="Nodes of the service map"
      rows={model.nodes}
      selected={selected}
      onSelect={onSelect}
      columns={[
        {
          name: 'Node',
          number: false,
          value: ({ id }) => id.name.toLowerCase(),
          cell: ({ id, kind }) => (
            <span className="map-name">
              <KindGlyph kind={kind} />
              {id.name}
            </span>
          ),
        },
        {
          name: 'Type',
          number: false,
          value: ({ id, kind }) => (id.type === '' ? KIND_NAMES[kind] : id.type),
          cell: ({ id, kind }) => <span className="dim">{id.type === '' ? KIND_NAMES[kind] : id.type}</span>,
        },
        ...changeColumns(model),
        ...callColumns(seconds),
      ]}
    />
  ) : (
    <SortedTable
      key="edges"
      caption="Calls on the service map"
      rows={model.edges}
      selected={selected}
      onSelect={onSelect}
      columns={[
        {
          name: 'Caller',
          number: false,
          value: ({ from }) => from.id.name.toLowerCase(),
          cell: ({ from }) => (
            <span className="map-name">
              <KindGlyph kind={from.kind} />
              {from.id.name}
            </span>
          ),
        },
        {
          name: 'Callee',
          number: false,
          value: ({ to }) => to.id.name.toLowerCase(),
          cell: ({ to }) => (
            <span className="map-name">
              <KindGlyph kind={to.kind} />
              {to.id.name}
            </span>
          ),
        },
        ...changeColumns(model),
        ...callColumns(seconds),
      ]}
    />
  );
}

function SortedTable<T extends Row>({
  caption,
  rows,
  columns,
  selected,
  onSelect,
}: {
  readonly caption: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly selected: string | undefined;
  readonly onSelect: (key: string) => void;
}): ReactNode {
  const [sort, setSort] = useState<{ readonly name: string; readonly down: boolean }>({ name: 'Requests', down: true });
  const [count, setCount] = useState(STEP);
  const sorted = useMemo(() => {
    const column = columns.find((each) => each.name === sort.name);
    if (column === undefined) {
      return rows;
    }
    const keyed = rows.map((row) => ({ row, value: column.value(row) }));
    const sign = sort.down ? -1 : 1;
    keyed.sort(
      (a, b) => (a.value < b.value ? -sign : a.value > b.value ? sign : 0) || (a.row.key < b.row.key ? -1 : 1),
    );
    return keyed.map(({ row }) => row);
    // Columns are the same for the same rows.
  }, [rows, sort]);

  return (
    <div className="map-table" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ name, number }) => {
              const active = sort.name === name;
              return (
                <th
                  key={name}
                  scope="col"
                  className={number ? 'number' : undefined}
                  aria-sort={active ? (sort.down ? 'descending' : 'ascending') : undefined}
                >
                  <button
                    type="button"
                    onClick={() => setSort({ name, down: active ? !sort.down : number })}
                  >
                    {name}
                    {active && (sort.down ? <IconArrowDown size={12} aria-hidden /> : <IconArrowUp size={12} aria-hidden />)}
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, count).map((row) => (
            <tr key={row.key} className={row.key === selected ? 'selected' : undefined} onClick={() => onSelect(row.key)}>
              {columns.map(({ name, number, cell }, i) =>
                i === 0 ? (
                  <th key={name} scope="row">
                    <button type="button" className="map-row-link" onClick={() => onSelect(row.key)}>
                      {cell(row)}
                    </button>
                  </th>
                ) : (
                  <td key={name} className={number ? 'number' : undefined}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > count && (
        <div className="map-more">
          <Button size="compact-sm" variant="default" onClick={() => setCount(count + STEP)}>
            Show {formatCount(Math.min(STEP, sorted.length - count))} more of {formatCount(sorted.length)}
          </Button>
        </div>
      )}
    </div>
  );
}

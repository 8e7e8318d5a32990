// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { formatCount, formatDuration } from '../../ui/format';
import { serviceColor } from './service-color';
import { operationsOf } from './statistics';
import type { OperationRow } from './statistics';
import type { TraceModel } from './trace-model';

type Column = {
  readonly name: string;
  readonly hint: string;
  readonly value: (row: OperationRow) => number | string;
  readonly cell: (row: OperationRow) => ReactNode;
};

function percent(share: number): string {
  return share === 0 ? '' : share < 0.001 ? '< 0.1 %' : `${(share * 100).toFixed(1)} %`;
}

const COLUMNS: readonly Column[] = [
  { name: 'Spans', hint: 'How many', value: (row) => row.count, cell: (row) => formatCount(row.count) },
  {
    name: 'Bad',
    hint: 'Errors, faults and throttles',
    value: (row) => row.bad,
    cell: (row) => row.bad > 0 && <span className="outcome-fault">{formatCount(row.bad)}</span>,
  },
  { name: 'Total', hint: 'Durations added up', value: (row) => row.total, cell: (row) => formatDuration(row.total) },
  {
    name: 'Self',
    hint: 'Time in which nothing below ran',
    value: (row) => row.self,
    cell: (row) => formatDuration(row.self),
  },
  { name: 'p50', hint: 'Half took no longer', value: (row) => row.p50, cell: (row) => formatDuration(row.p50) },
  { name: 'p95', hint: '95 of 100 took no longer', value: (row) => row.p95, cell: (row) => formatDuration(row.p95) },
  { name: 'Longest', hint: 'The longest', value: (row) => row.max, cell: (row) => formatDuration(row.max) },
  {
    name: 'Critical path',
    hint: 'Share of what the request waited for',
    value: (row) => row.path,
    cell: (row) => (
      <span className="path-share">
        <i style={{ width: `${row.path * 100}%` }} aria-hidden="true" />
        <span>{percent(row.path)}</span>
      </span>
    ),
  },
];

/** Where the trace's time went, by service and operation. */
export function Statistics({
  model,
  onFind,
}: {
  readonly model: TraceModel;
  readonly onFind: (name: string) => void;
}): ReactNode {
  const rows = useMemo(() => operationsOf(model), [model]);
  const [sort, setSort] = useState({ name: 'Critical path', down: true });
  const sorted = useMemo(() => {
    const value =
      COLUMNS.find((each) => each.name === sort.name)?.value ??
      ((row: OperationRow): string => `${row.service} ${row.name}`.toLowerCase());
    const sign = sort.down ? -1 : 1;
    return [...rows].sort((a, b) => {
      const [left, right] = [value(a), value(b)];
      return left < right ? -sign : left > right ? sign : b.self - a.self;
    });
  }, [rows, sort]);
  const head = (name: string, number: boolean, hint: string): ReactNode => {
    const active = sort.name === name;
    return (
      <th
        key={name}
        scope="col"
        className={number ? 'number' : undefined}
        aria-sort={active ? (sort.down ? 'descending' : 'ascending') : undefined}
      >
        <button type="button" title={hint} onClick={() => setSort({ name, down: active ? !sort.down : number })}>
          {name}
          {active && (sort.down ? <IconArrowDown size={12} aria-hidden /> : <IconArrowUp size={12} aria-hidden />)}
        </button>
      </th>
    );
  };
  return (
    <div className="trace-statistics" role="region" aria-label="Statistics by operation" tabIndex={0}>
      <table>
        <caption className="visually-hidden">Spans of this trace by service and operation</caption>
        <thead>
          <tr>
            {head('Operation', false, 'Service and operation')}
            {COLUMNS.map(({ name, hint }) => head(name, true, hint))}
          </tr>
        </thead>
        <tbody>
          {sorted.map((row) => (
            <tr key={row.key}>
              <th scope="row">
                <button type="button" title="Show these spans on the timeline" onClick={() => onFind(row.name)}>
                  <i className="service-dot" style={{ background: `var(${serviceColor(row.service)})` }} />
                  <strong>{row.service}</strong> {row.name}
                </button>
              </th>
              {COLUMNS.map(({ name, cell }) => (
                <td key={name} className="number">
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './refine-panel.css';
import { Button, CloseButton } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiError } from '../../api/client';
import type { Range } from '../../api/routes';
import { fetchFieldValues } from '../../api/routes';
import type { FieldValues } from '../../api/schemas';
import { useRange } from '../../app/range-context';
import { formatCount, formatDuration, formatTime, plural } from '../../ui/format';
import { Empty, Failure, Loading } from '../../ui/states';
import { nanosToMicros } from '../../ui/units';
import { CellFilters } from './CellFilters';
import { fieldLabel } from './columns';

/** The values of one field, with how many traces have each. */
export function RefinePanel({
  range,
  field,
  onClose,
}: {
  readonly range: Range;
  readonly field: string;
  readonly onClose: () => void;
}): ReactNode {
  const { scope } = useRange();
  const values = useQuery({
    queryKey: ['field-values', range.start, range.end, scope, field],
    queryFn: ({ signal }) => fetchFieldValues(range, scope, field, signal),
    placeholderData: keepPreviousData,
  });
  return (
    <aside className="panel refine" aria-label={`Refine by ${fieldLabel(field)}`}>
      <header>
        <h2 className="truncate" title={field}>
          {fieldLabel(field)}
        </h2>
        <CloseButton size={24} iconSize={14} aria-label="Close refine by" onClick={onClose} />
      </header>
      {values.isError ? (
        values.error instanceof ApiError && values.error.parameter === 'field' ? (
          <Empty
            title="There is no such field"
            actions={
              <Button size="xs" variant="default" onClick={onClose}>
                Close
              </Button>
            }
          >
            <p>{values.error.message}</p>
          </Empty>
        ) : (
          <Failure title="Values cannot be counted" error={values.error} onRetry={() => void values.refetch()} />
        )
      ) : values.isPending ? (
        <Loading rows={8} label="Counting values" />
      ) : (
        <Values counted={values.data} busy={values.isPlaceholderData} />
      )}
    </aside>
  );
}

function Values({ counted, busy }: { readonly counted: FieldValues; readonly busy: boolean }): ReactNode {
  const most = counted.values[0]?.traceCount ?? 1;
  return (
    <>
      {counted.values.length === 0 ? (
        <Empty title="No trace has a value">
          <p>{plural(counted.traceCount, 'trace')} of this range and filter were looked at.</p>
        </Empty>
      ) : (
        <div className={`refine-scroll${busy ? ' busy' : ''}`} tabIndex={0} role="region" aria-label="Values">
          <table className="refine-table">
            <thead>
              <tr>
                <th>{fieldLabel(counted.field)}</th>
                <th className="number">Traces</th>
                <th className="number">Bad</th>
                <th className="number">Mean</th>
                <th>
                  <span className="visually-hidden">Filter</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {counted.values.map((each) => {
                const bad = Math.max(each.errorCount, each.throttleCount, each.faultCount);
                return (
                  <tr key={each.value}>
                    <th scope="row" className="truncate" title={each.value}>
                      <span className="refine-bar" style={{ width: `${(each.traceCount / most) * 100}%` }} />
                      <span className="refine-value">{each.value === '' ? '(empty)' : each.value}</span>
                    </th>
                    <td className="number">{formatCount(each.traceCount)}</td>
                    <td className={`number${bad === 0 ? ' dim' : ' outcome-fault'}`}>{share(bad, each.traceCount)}</td>
                    <td className="number">{formatDuration(nanosToMicros(each.meanDurationNanos))}</td>
                    <td>
                      <CellFilters clause={each.clause} shown={each.value} />
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      <p className="refine-foot" role="status">
        {counted.limitReached ? 'Newest ' : ''}
        {plural(counted.traceCount, 'trace')}
        {counted.limitReached && <>, back to {formatTime(counted.startEpochNanos)}</>}
        {counted.withoutCount > 0 && <> · {formatCount(counted.withoutCount)} without</>}
        {counted.valueCount > counted.values.length && (
          <>
            {' '}
            · top {counted.values.length} of {counted.valuesLeftOut ? 'over ' : ''}
            {formatCount(counted.valueCount)} values
          </>
        )}
      </p>
    </>
  );
}

function share(part: number, whole: number): string {
  if (part === 0) {
    return '0';
  }
  const percent = (part / whole) * 100;
  return percent < 1 ? '<1 %' : `${percent.toFixed(0)} %`;
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './traces-toolbar.css';
import { Button, Popover } from '@mantine/core';
import { IconColumns3, IconGitCompare } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Range } from '../../api/routes';
import { fetchTraceFields } from '../../api/routes';
import type { TraceFields } from '../../api/schemas';
import { sharedSearch, stringifySearch } from '../../app/search-params';
import { FIELDS, MAX_FIELDS, ROW_COLUMNS, columnsText, fieldLabel, isField, toggled } from './columns';

/** So many annotation keys are offered; any can be asked for by a column in the address. */
const MAX_KEYS = 40;

/** What is shown beside and in the list, and what is done with traces that were chosen. */
export function TracesToolbar({
  range,
  refine,
  onRefine,
  columns,
  onColumns,
  chosen,
  onClear,
}: {
  readonly range: Range;
  readonly refine: string | undefined;
  readonly onRefine: (field: string | undefined) => void;
  readonly columns: readonly string[];
  readonly onColumns: (columns: readonly string[]) => void;
  readonly chosen: readonly string[];
  readonly onClear: () => void;
}): ReactNode {
  const router = useRouter();
  const search = useSearch({ strict: false });
  const keys = useQuery({
    queryKey: ['trace-fields', range.start, range.end],
    queryFn: ({ signal }) => fetchTraceFields(range, signal),
    staleTime: 30_000,
  });
  const annotations = (keys.data?.annotationKeys ?? []).slice(0, MAX_KEYS);
  const known =
    refine === undefined ||
    FIELDS.some((each) => each.field === refine) ||
    annotations.some((each) => each.field === refine);
  const [a, b] = chosen;
  const compare =
    a === undefined || b === undefined
      ? undefined
      : `/compare${stringifySearch({ ...sharedSearch(search), a, b })}`;
  return (
    <div className="traces-toolbar">
      <label>
        Refine by
        <select
          aria-label="Refine by"
          value={refine ?? ''}
          onChange={(event) =>
            onRefine(event.currentTarget.value === '' ? undefined : event.currentTarget.value)
          }
        >
          <option value="">nothing</option>
          {!known && <option value={refine}>{fieldLabel(refine)}</option>}
          {FIELDS.map((each) => (
            <option key={each.field} value={each.field}>
              {each.label}
            </option>
          ))}
          {annotations.length > 0 && (
            <optgroup label="Annotations">
              {annotations.map((each) => (
                <option key={each.field} value={each.field}>
                  {each.key}
                </option>
              ))}
            </optgroup>
          )}
        </select>
      </label>
      <ColumnChoice columns={columns} onColumns={onColumns} annotations={annotations} />
      <span className="spring" />
      <span role="status" className="dim">
        {chosen.length === 1 && 'Choose one more to compare (x)'}
      </span>
      {chosen.length > 0 && (
        <Button size="compact-sm" variant="subtle" color="gray" onClick={onClear}>
          Clear
        </Button>
      )}
      {compare !== undefined && (
        <Button
          size="compact-sm"
          component="a"
          href={compare}
          leftSection={<IconGitCompare size={15} aria-hidden />}
          onClick={(event) => {
            if (!event.ctrlKey && !event.metaKey && !event.shiftKey) {
              event.preventDefault();
              router.history.push(compare);
            }
          }}
        >
          Compare 2 traces
        </Button>
      )}
    </div>
  );
}

function ColumnChoice({
  columns,
  onColumns,
  annotations,
}: {
  readonly columns: readonly string[];
  readonly onColumns: (columns: readonly string[]) => void;
  readonly annotations: TraceFields['annotationKeys'];
}): ReactNode {
  const [opened, setOpened] = useState(false);
  const full = columns.filter(isField).length >= MAX_FIELDS;
  const check = (id: string, label: string): ReactNode => (
    <label key={id} className="column-check">
      <input
        type="checkbox"
        checked={columns.includes(id)}
        disabled={full && isField(id) && !columns.includes(id)}
        onChange={() => onColumns(toggled(columns, id))}
      />
      <span className="truncate" title={id}>
        {label}
      </span>
    </label>
  );
  const others = columns.filter(
    (column) =>
      isField(column) &&
      !FIELDS.some((each) => each.field === column) &&
      !annotations.some((each) => each.field === column),
  );
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" withinPortal={false} trapFocus>
      <Popover.Target>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconColumns3 size={15} aria-hidden />}
          onClick={() => setOpened(!opened)}
        >
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns">
        <div className="column-choice">
          <fieldset>
            <legend>Trace</legend>
            {ROW_COLUMNS.map((each) => check(each.id, each.label))}
          </fieldset>
          <fieldset>
            <legend>Request</legend>
            {FIELDS.map((each) => check(each.field, each.label))}
          </fieldset>
          {annotations.length + others.length > 0 && (
            <fieldset>
              <legend>Annotations</legend>
              {others.map((each) => check(each, fieldLabel(each)))}
              {annotations.map((each) => check(each.field, each.key))}
            </fieldset>
          )}
        </div>
        <div className="column-foot">
          <span className="dim">{full ? `${MAX_FIELDS} fields at the most` : 'Kept in the address'}</span>
          <Button
            size="compact-xs"
            variant="subtle"
            disabled={columnsText(columns) === undefined}
            onClick={() => onColumns(ROW_COLUMNS.map((each) => each.id))}
          >
            The usual ones
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

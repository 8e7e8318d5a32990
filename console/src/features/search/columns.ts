// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/* The columns of the list of traces. */

/** Columns that every row has a value for; others are fields of traces, as filter expressions spell them. */
export const ROW_COLUMNS = [
  { id: 'time', label: 'Time', least: 96, width: 'var(--time-width)' },
  { id: 'trace', label: 'Trace', least: 88, width: 'minmax(88px, 290px)' },
  { id: 'duration', label: 'Duration', least: 78, width: '78px', number: true },
  { id: 'status', label: 'Status', least: 84, width: 'minmax(84px, 116px)' },
  { id: 'grpc', label: 'gRPC', least: 84, width: 'minmax(84px, 128px)' },
  { id: 'request', label: 'Request', least: 110, width: 'minmax(110px, 2fr)' },
  { id: 'services', label: 'Services', least: 80, width: 'minmax(80px, 1.3fr)' },
  { id: 'spans', label: 'Spans', least: 52, width: '52px', number: true },
] as const;

const FIELD_LEAST = 90;
const LEAST_GAP = 8;
const BESIDE = 52;

/** Returns the columns of a grid, one for choosing rows before them, and the least width that they need. */
export function gridOf(columns: readonly string[]): { readonly template: string; readonly minWidth: number } {
  const known = columns.map((column) => ROW_COLUMNS.find((each) => each.id === column));
  return {
    template: `24px ${known.map((each) => each?.width ?? `minmax(${FIELD_LEAST}px, 1fr)`).join(' ')}`,
    minWidth: known.reduce((sum, each) => sum + LEAST_GAP + (each?.least ?? FIELD_LEAST), BESIDE),
  };
}

export type RowColumnId = (typeof ROW_COLUMNS)[number]['id'];

/** Fields that X-Ray's console refines by too, under the names that people know from there. */
export const FIELDS = [
  { field: 'service', label: 'Node' },
  { field: 'user', label: 'User' },
  { field: 'http.url', label: 'URL' },
  { field: 'http.method', label: 'HTTP method' },
  { field: 'http.status', label: 'HTTP status' },
  { field: 'grpc.status', label: 'gRPC status' },
  { field: 'grpc.method', label: 'gRPC method' },
  { field: 'rootcause.fault.service', label: 'Fault root cause: service' },
  { field: 'rootcause.fault.exception', label: 'Fault root cause: message' },
  { field: 'rootcause.error.service', label: 'Error root cause: service' },
  { field: 'rootcause.error.exception', label: 'Error root cause: message' },
  { field: 'rootcause.responsetime.service', label: 'Slowness root cause: service' },
  { field: 'http.useragent', label: 'User agent' },
  { field: 'http.clientip', label: 'Client address' },
  { field: 'availabilityzone', label: 'Availability zone' },
  { field: 'instance.id', label: 'Instance' },
  { field: 'resource.arn', label: 'Resource ARN' },
] as const;

export const DEFAULT_COLUMNS: readonly string[] = ROW_COLUMNS.map((column) => column.id);

/** The server reads whole traces for fields. */
export const MAX_FIELDS = 8;

export function fieldLabel(field: string): string {
  const known = FIELDS.find((each) => each.field === field);
  return known?.label ?? field.replace(/^annotation\.|^annotation\["(.*)"\]$/, '$1');
}

export function isField(column: string): boolean {
  return !ROW_COLUMNS.some((each) => each.id === column);
}

/** Returns the columns that a text names, or undefined if it names none; what is there twice counts once. */
export function parseColumns(text: string | undefined): readonly string[] | undefined {
  const columns = [...new Set((text ?? '').split(',').map((each) => each.replaceAll('%2C', ',').trim()))].filter(
    (each) => each !== '',
  );
  const fields = columns.filter(isField);
  const kept = columns.filter((each) => !isField(each) || fields.indexOf(each) < MAX_FIELDS);
  return kept.length === 0 ? undefined : kept;
}

/** Returns the text of columns, or undefined for those that are there unless others are chosen. */
export function columnsText(columns: readonly string[]): string | undefined {
  const text = columns.map((each) => each.replaceAll(',', '%2C')).join(',');
  return text === DEFAULT_COLUMNS.join(',') ? undefined : text;
}

/** Adds or takes out a column; known ones stay in their order, fields come before the number of spans. */
export function toggled(columns: readonly string[], column: string): readonly string[] {
  if (columns.includes(column)) {
    return columns.length === 1 ? columns : columns.filter((each) => each !== column);
  }
  const place = (each: string): number => {
    const at = DEFAULT_COLUMNS.indexOf(each);
    return at < 0 ? DEFAULT_COLUMNS.length - 1.5 : at;
  };
  return [...columns, column].sort((a, b) => place(a) - place(b));
}

const KEY = 'roentgen.trace-columns';

export function storedColumns(): readonly string[] | undefined {
  try {
    return parseColumns(localStorage.getItem(KEY) ?? undefined);
  } catch {
    return undefined;
  }
}

export function storeColumns(columns: readonly string[]): void {
  try {
    const text = columnsText(columns);
    if (text === undefined) {
      localStorage.removeItem(KEY);
    } else {
      localStorage.setItem(KEY, text);
    }
  } catch {
    // Then they hold as long as the address does.
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { AttributeValue, Attributes } from '../../api/schemas';

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typed(value: unknown): AttributeValue {
  return isRecord(value) && typeof value['type'] === 'string'
    ? { type: value['type'], value: value['value'] }
    : { type: 'unknown', value };
}

/** A value as plain text or JSON, for people to read. */
export function valueText({ type, value }: AttributeValue): string {
  switch (type) {
    case 'empty':
      return '(empty)';
    case 'array':
      return Array.isArray(value) ? `[${value.map((each) => valueText(typed(each))).join(', ')}]` : '[]';
    case 'map':
      return isRecord(value)
        ? `{${Object.entries(value)
            .map(([key, each]) => `${key}: ${valueText(typed(each))}`)
            .join(', ')}}`
        : '{}';
    case 'string':
    case 'long':
    case 'double':
    case 'boolean':
    case 'bytes':
      return String(value);
    default:
      return JSON.stringify(value) ?? '';
  }
}

export type ExceptionFacts = {
  readonly type: string;
  readonly message: string;
  readonly stack: string;
};

function string(of: Attributes, key: string): string {
  const value = of.get(key);
  return value === undefined ? '' : valueText(value);
}

/** An OpenTelemetry event that is an exception, or undefined. */
export function exceptionOfEvent(event: {
  readonly name: string;
  readonly attributes: Attributes;
}): ExceptionFacts | undefined {
  return event.name !== 'exception'
    ? undefined
    : {
        type: string(event.attributes, 'exception.type'),
        message: string(event.attributes, 'exception.message'),
        stack: string(event.attributes, 'exception.stacktrace'),
      };
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** What an X-Ray document has beside the fields of a span: exceptions, metadata, and the rest. */
export function documentFacts(document: string | undefined): {
  readonly exceptions: readonly ExceptionFacts[];
  readonly metadata: readonly (readonly [string, string])[];
} {
  if (document === undefined) {
    return { exceptions: [], metadata: [] };
  }
  const members: unknown = JSON.parse(document);
  if (!isRecord(members)) {
    return { exceptions: [], metadata: [] };
  }
  const cause = members['cause'];
  const all = isRecord(cause) && Array.isArray(cause['exceptions']) ? cause['exceptions'] : [];
  const exceptions = all.filter(isRecord).map((each) => ({
    type: text(each['type']),
    message: text(each['message']),
    stack: (Array.isArray(each['stack']) ? each['stack'] : [])
      .filter(isRecord)
      .map((frame) => `${text(frame['label']) || '?'} (${text(frame['path'])}:${text(frame['line'])})`)
      .join('\n'),
  }));
  const metadata = isRecord(members['metadata'])
    ? Object.entries(members['metadata']).flatMap(([namespace, values]) =>
        isRecord(values)
          ? Object.entries(values).map(
              ([key, value]) => [`${namespace}.${key}`, JSON.stringify(value)] as const,
            )
          : [[namespace, JSON.stringify(values)] as const],
      )
    : [];
  return { exceptions, metadata };
}

/** JSON with a member a line; text that is none stays as it is. */
export function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 2);
  } catch {
    return json;
  }
}

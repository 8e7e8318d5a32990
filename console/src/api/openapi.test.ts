// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ERROR } from './client';
import type { Shape } from './decode';
import { anything, flag, number, object, record, text } from './decode';
import {
  ANALYTICS,
  COMPARISON,
  COMPLETIONS,
  FIELD_VALUES,
  GRAPH,
  CHANGED,
  GRAPH_DETAILS,
  GRAPH_ERRORS,
  GROUPS,
  INSIGHTS,
  MARKS,
  INGEST,
  OPERATIONS,
  PARSED_FILTER,
  RAW_SPAN,
  SAMPLING_RULES,
  SAMPLING_STATISTICS,
  SESSION,
  RAW_TRACE,
  SIMULATION,
  SAMPLE_DATA,
  SERVICES,
  SETTINGS,
  SKELETON,
  SPAN_RANK,
  SPAN_DETAILS,
  STATUS,
  TRACE_FIELDS,
  TRACE_PAGE,
  TRACE_STATISTICS,
} from './schemas';

/* The decoders are held against the description that the server gives of itself, and is itself tested against. */

const FILE = resolve(import.meta.dirname, '../../../server/src/main/resources/openapi.yaml');
const description = asObject(parse(readFileSync(FILE, 'utf8')));

type Json = Readonly<Record<string, unknown>>;

function asObject(value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${JSON.stringify(value)} (expected: an object)`);
  }
  return Object.fromEntries(Object.entries(value));
}

function member(of: Json, name: string): Json {
  return asObject(of[name]);
}

function resolved(schema: Json): Json {
  const reference = schema['$ref'];
  if (typeof reference !== 'string') {
    return schema;
  }
  return resolved(reference.slice(2).split('/').reduce(member, description));
}

/** Returns what an object must have; where it is several at once, what each must. */
function requiredOf(schema: Json): readonly unknown[] {
  const parts = schema['allOf'];
  if (Array.isArray(parts)) {
    return parts.flatMap((each) => requiredOf(resolved(asObject(each))));
  }
  return Array.isArray(schema['required']) ? schema['required'] : [];
}

/** Returns the members of an object; where it is one of several, or several at once, those of all. */
function propertiesOf(unresolved: Json): Json {
  const schema = resolved(unresolved);
  const alternatives = schema['oneOf'] ?? schema['allOf'];
  if (!Array.isArray(alternatives)) {
    return member(schema, 'properties');
  }
  return Object.assign({}, ...alternatives.map((each) => propertiesOf(asObject(each))));
}

/** Returns in what a decoder and a schema differ. */
function differences(shape: Shape, unresolved: Json, path: string): string[] {
  if (shape.kind === 'unknown') {
    return [];
  }
  const schema = resolved(unresolved);
  const type = schema['type'] ?? typeof schema['const'];
  switch (shape.kind) {
    case 'string':
      return type === 'string' ? [] : [`${path}: string, not ${String(type)}`];
    case 'number':
      return type === 'number' || type === 'integer' ? [] : [`${path}: number, not ${String(type)}`];
    case 'boolean':
      return type === 'boolean' ? [] : [`${path}: boolean, not ${String(type)}`];
    case 'choice': {
      const all = schema['enum'];
      const missing = (Array.isArray(all) ? all : ['no enum']).filter(
        (each) => !shape.choices.includes(String(each)),
      );
      return missing.map((each) => `${path}: does not know ${String(each)}`);
    }
    case 'array':
      return type === 'array'
        ? differences(shape.item, member(schema, 'items'), `${path}[]`)
        : [`${path}: array, not ${String(type)}`];
    case 'record':
      return differences(shape.item, member(schema, 'additionalProperties'), `${path}{}`);
    case 'object': {
      const required = requiredOf(schema);
      const properties = propertiesOf(schema);
      return [
        ...Object.entries(shape.required).flatMap(([name, each]) =>
          required.includes(name)
            ? differences(each, member(properties, name), `${path}.${name}`)
            : [`${path}.${name}: may be missing`],
        ),
        ...Object.entries(shape.optional).flatMap(([name, each]) =>
          properties[name] === undefined
            ? [`${path}.${name}: never there`]
            : differences(each, member(properties, name), `${path}.${name}`),
        ),
      ];
    }
  }
}

function schema(name: string): Json {
  return member(member(member(description, 'components'), 'schemas'), name);
}

describe('decoders', () => {
  it.each([
    ['Error', ERROR],
    ['Status', STATUS],
    ['Session', SESSION],
    ['TracePage', TRACE_PAGE],
    ['TraceStatistics', TRACE_STATISTICS],
    ['TraceFields', TRACE_FIELDS],
    ['FieldValues', FIELD_VALUES],
    ['ParsedFilter', PARSED_FILTER],
    ['Completions', COMPLETIONS],
    ['Skeleton', SKELETON],
    ['SpanRank', SPAN_RANK],
    ['RawTrace', RAW_TRACE],
    ['SpanDetails', SPAN_DETAILS],
    ['RawSpan', RAW_SPAN],
    ['Graph', GRAPH],
    ['GraphDetails', GRAPH_DETAILS],
    ['GraphErrors', GRAPH_ERRORS],
    ['Operations', OPERATIONS],
    ['Comparison', COMPARISON],
    ['Analytics', ANALYTICS],
    ['Groups', GROUPS],
    ['Insights', INSIGHTS],
    ['Marks', MARKS],
    ['SamplingRules', SAMPLING_RULES],
    ['SamplingStatistics', SAMPLING_STATISTICS],
    ['Simulation', SIMULATION],
    ['Ingest', INGEST],
    ['Settings', SETTINGS],
    ['SampleData', SAMPLE_DATA],
    ['Changed', CHANGED],
    ['Services', SERVICES],
  ])('%s is as the server describes it', (name, decoder) => {
    expect(differences(decoder.shape, schema(name), name)).toEqual([]);
  });

  it('differ from a description of something else', () => {
    expect(differences(SESSION.shape, schema('RawSpan'), 'x')).toEqual([
      'x.tokenRequired: may be missing',
      'x.signedIn: may be missing',
    ]);
  });
});

describe('a decoder', () => {
  const decoder = object({ name: text(), more: record(number()) }, { on: flag, any: anything });

  it('gives what it knows and lets the rest be', () => {
    expect(decoder.decode({ name: 'a', more: { x: 1 }, new: true }, '')).toEqual({
      name: 'a',
      more: new Map([['x', 1]]),
    });
  });

  it.each([
    [{ more: {} }, 'name: missing (expected: a string)'],
    [{ name: 1, more: {} }, 'name: 1 (expected: a string)'],
    [{ name: 'a', more: { x: 'y' } }, 'more.x: "y" (expected: a number)'],
    [{ name: 'a', more: {}, on: 'no' }, 'on: "no" (expected: true or false)'],
    [[], 'answer: [] (expected: an object)'],
  ])('says what is wrong with %j', (value, message) => {
    expect(() => decoder.decode(value, '')).toThrow(message);
  });
});

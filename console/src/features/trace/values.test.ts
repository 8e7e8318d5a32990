// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { documentFacts, exceptionOfEvent, indented, valueText } from './values';

describe('valueText', () => {
  it.each([
    [{ type: 'string', value: 'a' }, 'a'],
    [{ type: 'long', value: '9223372036854775807' }, '9223372036854775807'],
    [{ type: 'boolean', value: false }, 'false'],
    [{ type: 'empty' }, '(empty)'],
    [
      {
        type: 'array',
        value: [
          { type: 'long', value: '1' },
          { type: 'string', value: 'b' },
        ],
      },
      '[1, b]',
    ],
    [{ type: 'map', value: { k: { type: 'double', value: 0.5 } } }, '{k: 0.5}'],
    [{ type: 'of-tomorrow', value: { x: 1 } }, '{"x":1}'],
  ])('shows %j', (value, expected) => {
    expect(valueText(value)).toBe(expected);
  });
});

describe('exceptions', () => {
  it('come from events of OpenTelemetry', () => {
    const attributes = new Map([
      ['exception.type', { type: 'string', value: 'java.io.IOException' }],
      ['exception.message', { type: 'string', value: 'gone' }],
    ]);
    expect(exceptionOfEvent({ name: 'exception', attributes })).toEqual({
      type: 'java.io.IOException',
      message: 'gone',
      stack: '',
    });
    expect(exceptionOfEvent({ name: 'message', attributes })).toBeUndefined();
  });

  it('come from the cause of a segment document, beside its metadata', () => {
    const facts = documentFacts(
      JSON.stringify({
        cause: {
          exceptions: [{ type: 'E', message: 'm', stack: [{ path: 'A.java', line: 3, label: 'a' }] }],
        },
        metadata: { default: { cart: { items: 2 } } },
      }),
    );
    expect(facts.exceptions).toEqual([{ type: 'E', message: 'm', stack: 'a (A.java:3)' }]);
    expect(facts.metadata).toEqual([['default.cart', '{"items":2}']]);
    expect(documentFacts(undefined)).toEqual({ exceptions: [], metadata: [] });
    expect(documentFacts('{"cause":"4fe5"}').exceptions).toEqual([]);
  });
});

it('indents JSON and leaves other text', () => {
  expect(indented('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(indented('{a')).toBe('{a');
});

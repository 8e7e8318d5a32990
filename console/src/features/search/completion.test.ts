// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import type { Completions, FilterProblemAt } from '../../api/schemas';
import { isWrong, optionsOf, problemEnd, withOption, withoutTerm } from './completion';

const PROBLEM: FilterProblemAt = { message: 'm', position: 7, found: 'f', expected: 'e', hint: 'service()' };

function completions(from: number, to: number, ...texts: readonly string[]): Completions {
  return {
    from,
    to,
    completions: texts.map((text) => ({ text, label: text.trim(), kind: 'keyword' as const })),
    completionsLeftOut: false,
  };
}

describe('optionsOf', () => {
  it('offers the likely fix first, without the parentheses that are there', () => {
    const text = 'ok AND servce("a")';
    const [fix] = optionsOf(text, completions(18, 18, 'AND '), PROBLEM);
    expect(fix).toMatchObject({ kind: 'fix', text: 'service', from: 7, to: 13, help: 'instead of servce' });
    expect(fix && withOption(text, fix)).toEqual({ text: 'ok AND service("a")', caret: 14 });
  });

  it('leaves out what stands there already', () => {
    expect(optionsOf('fault', completions(0, 5, 'fault'), undefined)).toEqual([]);
  });

  it('does not take something missing at the end for something wrong', () => {
    const end = { ...PROBLEM, position: 6 };
    expect(isWrong('ok AND ', end)).toBe(false);
    expect(optionsOf('ok AND ', undefined, end)).toEqual([]);
  });
});

it('a problem covers the word, or one sign', () => {
  expect(problemEnd('ok AND servce("a")', PROBLEM)).toBe(13);
  expect(problemEnd('ok AND )', PROBLEM)).toBe(8);
});

it('an option takes the place of what was typed, with one space behind it', () => {
  const [option] = optionsOf('resp > 1', completions(0, 4, 'responsetime '), undefined);
  expect(option && withOption('resp > 1', option)).toEqual({ text: 'responsetime > 1', caret: 12 });
});

it('a condition goes, the others stay joined', () => {
  const terms = [{ text: 'ok' }, { text: '(a OR b)' }, { text: 'fault' }];
  expect(withoutTerm(terms, 1)).toBe('ok AND fault');
  expect(withoutTerm([{ text: 'ok' }], 0)).toBe('');
});

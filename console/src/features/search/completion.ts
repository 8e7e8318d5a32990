// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { Completions, FilterProblemAt } from '../../api/schemas';

/** What the list below the filter offers: a text, and what it stands in the place of. */
export type Option = {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly label: string;
  readonly kind: Completions['completions'][number]['kind'] | 'fix';
  readonly help?: string | undefined;
  readonly count?: number | undefined;
};

const WORD = /^[\w.]+/;

/** Returns the end of what is wrong: of the word there, or of one character. */
export function problemEnd(text: string, problem: FilterProblemAt): number {
  const rest = text.slice(problem.position);
  return problem.position + Math.max(1, WORD.exec(rest)?.[0].length ?? 1);
}

/** Whether something that is there is wrong, rather than something still missing at the end. */
export function isWrong(text: string, problem: FilterProblemAt): boolean {
  return problem.position < text.trimEnd().length;
}

/** The likely fix first, then what may stand at the caret; not what is there already. */
export function optionsOf(
  text: string,
  completions: Completions | undefined,
  problem: FilterProblemAt | undefined,
): readonly Option[] {
  const options: Option[] = [];
  if (problem?.hint !== undefined && isWrong(text, problem) && !problem.hint.includes('KEY')) {
    const to = problemEnd(text, problem);
    const hint = text[to] === '(' ? problem.hint.replace(/\(\)$/, '') : problem.hint;
    options.push({
      from: problem.position,
      to,
      text: hint,
      label: hint,
      kind: 'fix',
      help: `instead of ${text.slice(problem.position, to)}`,
    });
  }
  for (const each of completions?.completions ?? []) {
    const { from, to } = completions ?? { from: 0, to: 0 };
    if (each.text.trimEnd() !== text.slice(from, to)) {
      options.push({ from, to, ...each });
    }
  }
  return options;
}

/** Puts an option into the text; the caret goes behind it. */
export function withOption(text: string, option: Option): { readonly text: string; readonly caret: number } {
  const rest = text.slice(option.to);
  const added = option.text.endsWith(' ') && rest.startsWith(' ') ? option.text.trimEnd() : option.text;
  return { text: text.slice(0, option.from) + added + rest, caret: option.from + added.length };
}

/** The filter without one of the conditions that it joins by AND. */
export function withoutTerm(terms: readonly { readonly text: string }[], at: number): string {
  return terms
    .filter((_, i) => i !== at)
    .map((term) => term.text)
    .join(' AND ');
}

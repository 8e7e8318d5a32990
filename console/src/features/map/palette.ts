// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

const TOKENS = {
  page: '--page',
  surface: '--surface',
  text: '--text',
  dim: '--text-dim',
  line: '--border-strong',
  faint: '--border',
  accent: '--accent',
  selected: '--selected',
  ok: '--ok',
  error: '--error',
  fault: '--fault',
  throttle: '--throttle',
  font: '--font',
} as const;

/** The tokens that the canvas draws with. */
export type Palette = Readonly<Record<keyof typeof TOKENS, string>>;

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const of = (name: keyof typeof TOKENS): string => style.getPropertyValue(TOKENS[name]).trim();
  return {
    page: of('page'),
    surface: of('surface'),
    text: of('text'),
    dim: of('dim'),
    line: of('line'),
    faint: of('faint'),
    accent: of('accent'),
    selected: of('selected'),
    ok: of('ok'),
    error: of('error'),
    fault: of('fault'),
    throttle: of('throttle'),
    font: of('font'),
  };
}

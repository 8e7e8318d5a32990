// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/* What of the map stands in the URL. */

export const MEASURES = ['rate', 'mean', 'p50', 'p95', 'p99', 'errors', 'none'] as const;
export type Measure = (typeof MEASURES)[number];

export const MEASURE_NAMES: Readonly<Record<Measure, string>> = {
  rate: 'Rate',
  mean: 'Mean latency',
  p50: 'p50 latency',
  p95: 'p95 latency',
  p99: 'p99 latency',
  errors: 'Error share',
  none: 'No labels',
};

/** Requests per second below which edges are hidden. */
export const MINIMUMS = [0, 0.001, 0.01, 0.1, 1, 10, 100] as const;

export type MapSearch = {
  readonly sel: string | undefined;
  readonly focus: string | undefined;
  readonly hops: 1 | 2 | 3;
  readonly label: Measure;
  /** Requests per second. */
  readonly min: number;
  readonly view: 'map' | 'nodes' | 'edges';
  /** What of the URL was not understood, each with what was taken in its place. */
  readonly problems: readonly string[];
};

type Texts = {
  readonly sel?: string | undefined;
  readonly focus?: string | undefined;
  readonly hops?: string | undefined;
  readonly label?: string | undefined;
  readonly min?: string | undefined;
  readonly view?: string | undefined;
};

export function mapSearch(texts: Texts): MapSearch {
  const problems: string[] = [];
  const choose = <T extends string>(name: keyof Texts, choices: readonly T[], otherwise: T): T => {
    const text = texts[name];
    const found = choices.find((each) => each === text);
    if (text !== undefined && found === undefined) {
      problems.push(`${name}=${text} in the address is none of ${choices.join(', ')}; shown is ${otherwise}.`);
    }
    return found ?? otherwise;
  };
  const hops = choose('hops', ['1', '2', '3'], '1');
  const label = choose('label', MEASURES, 'rate');
  const view = choose('view', ['map', 'nodes', 'edges'], 'map');
  let min = Number(texts.min ?? 0);
  if (!Number.isFinite(min) || min < 0) {
    problems.push(`min=${texts.min ?? ''} in the address is no rate; all edges are shown.`);
    min = 0;
  }
  return {
    sel: texts.sel,
    focus: texts.focus,
    hops: hops === '1' ? 1 : hops === '2' ? 2 : 3,
    label,
    min,
    view,
    problems,
  };
}

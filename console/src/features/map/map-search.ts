// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { GroupBy } from '../../graph/map-model';
import { epochMillis } from '../../ui/units';
import type { EpochMillis } from '../../ui/units';

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

/** What nodes are drawn larger for. */
export const SIZES = ['same', 'requests', 'latency'] as const;
export type Sizing = (typeof SIZES)[number];

export const SIZE_NAMES: Readonly<Record<Sizing, string>> = {
  same: 'All the same',
  requests: 'By requests',
  latency: 'By latency',
};

export const GROUPINGS = ['none', 'type', 'prefix'] as const;

export const GROUPING_NAMES: Readonly<Record<GroupBy, string>> = {
  none: 'Not grouped',
  type: 'By type',
  prefix: 'By prefix of names',
};

export type MapSearch = {
  readonly sel: string | undefined;
  readonly focus: string | undefined;
  readonly hops: 1 | 2 | 3;
  readonly label: Measure;
  /** Requests per second. */
  readonly min: number;
  readonly view: 'map' | 'nodes' | 'edges';
  readonly size: Sizing;
  readonly by: GroupBy;
  /** Groups that are open. */
  readonly open: readonly string[];
  /** Keys of nodes that are not to be shown. */
  readonly hide: readonly string[];
  /** The earlier range that is compared with, as text; see comparedRange. */
  readonly cmp: string | undefined;
  /** The moment that is replayed. */
  readonly at: EpochMillis | undefined;
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
  readonly size?: string | undefined;
  readonly by?: string | undefined;
  readonly open?: string | undefined;
  readonly hide?: string | undefined;
  readonly cmp?: string | undefined;
  readonly at?: string | undefined;
};

/** Several texts in one, each as it would stand in an address. */
export function listText(texts: readonly string[]): string | undefined {
  return texts.length === 0 ? undefined : texts.map(encodeURIComponent).join('|');
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split('|')
    .filter((each) => each !== '')
    .map((each) => {
      try {
        return decodeURIComponent(each);
      } catch {
        // Someone wrote a percent sign by hand.
        return each;
      }
    });
}

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
  let at = texts.at === undefined ? undefined : Number(texts.at);
  if (at !== undefined && !(Number.isSafeInteger(at) && at > 0)) {
    problems.push(`at=${texts.at ?? ''} in the address is no time in milliseconds; nothing is replayed.`);
    at = undefined;
  }
  if (at !== undefined && texts.cmp !== undefined) {
    problems.push('The address both compares and replays; the map is replayed.');
  }
  return {
    sel: texts.sel,
    focus: texts.focus,
    hops: hops === '1' ? 1 : hops === '2' ? 2 : 3,
    label,
    min,
    view,
    size: choose('size', SIZES, 'same'),
    by: choose('by', GROUPINGS, 'none'),
    open: listOf(texts.open),
    hide: listOf(texts.hide),
    cmp: at === undefined ? texts.cmp : undefined,
    at: at === undefined ? undefined : epochMillis(at),
    problems,
  };
}

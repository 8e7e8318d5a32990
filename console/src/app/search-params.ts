// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { DEFAULT_GROUP } from './group-scope';
import { DEFAULT_RANGE } from './time-range';

/** What of the URL holds for every page: group, filter expression, range of time, and whether that follows what comes in. */
export type SharedSearch = {
  readonly group?: string;
  readonly q?: string;
  readonly from?: string;
  readonly to?: string;
  readonly live?: string;
};

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') {
    return value === '' ? undefined : value;
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** Takes from a URL's parameters those that are texts, each under its own name. */
export function textsOf<K extends string>(
  search: Readonly<Record<string, unknown>>,
  ...names: readonly K[]
): { readonly [N in K]?: string } {
  const found: { [N in K]?: string } = {};
  for (const name of names) {
    const value = textOf(search[name]);
    if (value !== undefined) {
      found[name] = value;
    }
  }
  return found;
}

export function sharedSearch(search: Readonly<Record<string, unknown>>): SharedSearch {
  return textsOf(search, 'group', 'q', 'from', 'to', 'live');
}

/** Only what is not the default, so that addresses stay short. */
export function withoutDefaults(search: SharedSearch): SharedSearch {
  const { group, q, from, to, live } = search;
  return {
    ...(group === undefined || group === '' || group === DEFAULT_GROUP ? {} : { group }),
    ...(q === undefined || q === '' ? {} : { q }),
    ...(from === undefined || (from === DEFAULT_RANGE.from && (to ?? 'now') === 'now') ? {} : { from }),
    ...(to === undefined || to === DEFAULT_RANGE.to ? {} : { to }),
    ...(live === '1' && (to ?? DEFAULT_RANGE.to) === 'now' ? { live } : {}),
  };
}

/*
 * Addresses as a person would write them: texts stay texts, where the router's own way would put JSON's quotes
 * around what looks like a number.
 */
export function parseSearch(search: string): Record<string, unknown> {
  return Object.fromEntries(new URLSearchParams(search));
}

export function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== '') {
      parameters.set(name, String(value));
    }
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

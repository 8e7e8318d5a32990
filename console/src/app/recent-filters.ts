// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

const KEY = 'roentgen.recent-filters';
const MAX = 8;

/** The filters that were used last, the newest first. */
export function recentFilters(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? stored.filter((each) => typeof each === 'string').slice(0, MAX) : [];
  } catch {
    // Storage may be off, or hold what another version left.
    return [];
  }
}

export function rememberFilter(filter: string): void {
  const others = recentFilters().filter((each) => each !== filter);
  try {
    localStorage.setItem(KEY, JSON.stringify([filter, ...others].slice(0, MAX)));
  } catch {
    // Then none are remembered.
  }
}

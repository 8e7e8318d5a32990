// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { beforeEach, expect, it, vi } from 'vitest';
import { itemsFor, serviceFilter } from './palette-items';
import type { PaletteItem } from './palette-items';
import { recentFilters, rememberFilter } from './recent-filters';

const run = vi.fn<() => void>();
const ALL: readonly PaletteItem[] = [
  { id: '/map', group: 'Pages', label: 'Map', run },
  { id: '/traces', group: 'Pages', label: 'Traces', run },
  ...Array.from({ length: 30 }, (_, i): PaletteItem => ({
    id: `s${i}`,
    group: 'Services',
    label: `pay-${i}`,
    run,
  })),
  { id: 'f', group: 'Recent filters', label: 'fault AND service("pay-1")', run },
];

beforeEach(() => localStorage.clear());

it('nothing typed shows all, of services the first', () => {
  expect(itemsFor('', ALL, run)).toHaveLength(2 + 12 + 1);
});

it('words may stand in any order, and name the group', () => {
  expect(itemsFor('filters pay', ALL, run).map((item) => item.id)).toEqual(['f']);
  expect(itemsFor('MAP', ALL, run).map((item) => item.id)).toEqual(['/map']);
  expect(itemsFor('nothing like it', ALL, run)).toEqual([]);
});

it('an id of a trace opens it', () => {
  const open = vi.fn<(id: string) => void>();
  const items = itemsFor(' 1-6b03cc09-f3ed5891d394d9326aea115b ', ALL, open);
  expect(items).toHaveLength(1);
  items[0]?.run();
  expect(open).toHaveBeenCalledWith('1-6b03cc09-f3ed5891d394d9326aea115b');
});

it('a service is quoted', () => {
  expect(serviceFilter('a "b" \\')).toBe(String.raw`service("a \"b\" \\")`);
});

it('filters are remembered once, the newest first, and not without end', () => {
  for (let i = 0; i < 12; i++) {
    rememberFilter(`f${i}`);
  }
  rememberFilter('f6');
  expect(recentFilters()).toEqual(['f6', 'f11', 'f10', 'f9', 'f8', 'f7', 'f5', 'f4']);
  localStorage.setItem('roentgen.recent-filters', 'not JSON');
  expect(recentFilters()).toEqual([]);
});

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { epochMillis } from '../ui/units';
import { linkOf } from './link';

const RANGE = { start: epochMillis(Date.UTC(2026, 10, 23, 9)), end: epochMillis(Date.UTC(2026, 10, 23, 10)) };

describe('linkOf', () => {
  it('pins times that move, and keeps the rest', () => {
    const link = new URL(linkOf('http://host:8600/map?q=service%28%22a%22%29&from=now-1h&sel=pay', RANGE));
    expect(Object.fromEntries(link.searchParams)).toEqual({
      q: 'service("a")',
      from: '2026-11-23T09:00:00.000Z',
      to: '2026-11-23T10:00:00.000Z',
      sel: 'pay',
    });
  });

  it('has the times of a range that the address leaves out', () => {
    expect(linkOf('http://host/map', RANGE)).toContain('from=2026-11-23T09');
  });

  it('leaves the address of a page without a range', () => {
    expect(linkOf('http://host/trace/1?span=2', undefined)).toBe('http://host/trace/1?span=2');
  });
});

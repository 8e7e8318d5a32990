// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { render, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Mark } from '../../api/schemas';
import { epochMillis } from '../../ui/units';
import type { EpochNanos } from '../../ui/units';
import { MarkLane } from './MarkLane';
import { lineOf, placesOf } from './marks';

/** Seconds of a range of a hundred. */
function mark(id: string, start: number, end?: number, text?: string): Mark {
  const nanos = (seconds: number) => `${seconds}000000000` as EpochNanos;
  return {
    id,
    startEpochNanos: nanos(start),
    title: `mark ${id}`,
    tags: [],
    ...(end === undefined ? {} : { endEpochNanos: nanos(end) }),
    ...(text === undefined ? {} : { text }),
  };
}

const RANGE = { start: epochMillis(100_000), end: epochMillis(200_000) };

describe('marks', () => {
  it('are placed by their part of the range, and left out beyond it', () => {
    const places = placesOf(
      [mark('before', 1), mark('into', 50, 110), mark('in', 150), mark('out', 190, 300), mark('after', 200)],
      RANGE,
    );
    expect(places.map(({ mark: { id }, from, to }) => [id, from, to])).toEqual([
      ['into', 0, 0.1],
      ['in', 0.5, 0.5],
      ['out', 0.9, 1],
    ]);
  });

  it('are told with their time, title and text', () => {
    expect(lineOf(mark('a', 10, 25, 'restarted'))).toMatch(/^\S+:10\S* to \S+:25\S* · mark a · restarted$/);
    expect(lineOf(mark('a', 10))).toMatch(/^\S+:10\S* · mark a$/);
  });

  it('are flags, and a list for those who do not see them', () => {
    render(<MarkLane marks={[mark('a', 110, 120, 'slow'), mark('b', 150)]} range={RANGE} />);
    expect(screen.getByText('2 marks')).toBeVisible();
    expect(screen.getAllByRole('listitem', { hidden: true }).map((each) => each.textContent)).toEqual([
      expect.stringContaining('mark a · slow'),
      expect.stringContaining('mark b'),
    ]);
  });

  it('are nothing where nothing happened', () => {
    const { container } = render(<MarkLane marks={[mark('a', 1)]} range={RANGE} />);
    expect(container).toBeEmptyDOMElement();
  });
});

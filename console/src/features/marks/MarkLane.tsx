// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './marks.css';
import type { ReactNode } from 'react';
import type { Mark } from '../../api/schemas';
import { plural } from '../../ui/format';
import { lineOf, placesOf } from './marks';
import type { MarkTime } from './marks';

const HEIGHT = 10;

/** What happened in a range, as flags along a time axis of the same width, and as a list that opens. */
export function MarkLane({
  marks,
  range,
  left = 0,
  right = 0,
}: {
  readonly marks: readonly Mark[];
  readonly range: MarkTime;
  /** Pixels before the axis begins. */
  readonly left?: number;
  /** Pixels after it ends. */
  readonly right?: number;
}): ReactNode {
  const places = placesOf(marks, range);
  if (places.length === 0) {
    return null;
  }
  return (
    <div className="marks">
      <MarkFlags marks={marks} range={range} left={left} right={right} />
      <details className="marks-list">
        <summary>{plural(places.length, 'mark')}</summary>
        <ol>
          {places.map(({ mark }) => (
            <li key={mark.id}>{lineOf(mark)}</li>
          ))}
        </ol>
      </details>
    </div>
  );
}

/** The flags alone. */
export function MarkFlags({
  marks,
  range,
  left = 0,
  right = 0,
}: {
  readonly marks: readonly Mark[];
  readonly range: MarkTime;
  readonly left?: number;
  readonly right?: number;
}): ReactNode {
  const places = placesOf(marks, range);
  return (
    <div className="marks-lane" style={{ height: HEIGHT, marginLeft: left, marginRight: right }} aria-hidden>
      {places.map(({ mark, from, to }) => (
        <span
          key={mark.id}
          className="marks-flag"
          style={{ left: `${from * 100}%`, width: `max(2px, ${(to - from) * 100}%)` }}
          title={lineOf(mark)}
        />
      ))}
    </div>
  );
}

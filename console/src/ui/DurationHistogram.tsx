// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './duration-histogram.css';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { DurationTicks, durationScale, useBrush } from './duration-scale';
import { formatDuration } from './format';
import { micros, nanosToMicros } from './units';
import type { Micros, Nanos } from './units';
import { useSize } from './use-size';

const SIDE = 28;
const LABELS = 24;
const BAR_GAP = 1;
/** Above the highest bar, for the note. */
const HEAD = 22;

type Counted = { readonly fromNanos: Nanos; readonly toNanos: Nanos };

/**
 * Counts by duration, on a logarithmic scale. Dragging over it chooses a range, pressing a bar that bar's; up to the
 * longest there is, it has no upper end. The same is there as a table for those who do not see it.
 */
export function DurationHistogram<B extends Counted>({
  buckets,
  height,
  label,
  columns,
  describe,
  defs,
  bars,
  onRange,
}: {
  readonly buckets: readonly B[];
  readonly height: number;
  readonly label: string;
  readonly columns: readonly { readonly name: string; readonly count: (bucket: B) => number }[];
  /** What a bucket has, in few words. */
  readonly describe: (bucket: B) => string;
  readonly defs?: ReactNode;
  /** Draws a bucket upwards from the base; high is how high the highest may be. */
  readonly bars: (bucket: B, left: number, wide: number, base: number, high: number) => ReactNode;
  readonly onRange: (from: Micros, to: Micros | undefined) => void;
}): ReactNode {
  const [frame, { width }] = useSize();
  const [pointed, setPointed] = useState<number>();
  const ends = buckets.map(
    (bucket) => [Math.max(1, nanosToMicros(bucket.fromNanos)), Math.max(1, nanosToMicros(bucket.toNanos))] as const,
  );
  const last = ends.at(-1)?.[1] ?? 1;
  const choose = (from: number, to: number): void =>
    onRange(micros(from), to >= last ? undefined : micros(to));
  const at = (value: number): number => ends.findIndex(([from, to]) => value >= from && value < to);
  const { brush, handlers } = useBrush(choose, (value) => {
    const pressed = ends[at(value)];
    if (pressed !== undefined) {
      choose(...pressed);
    }
  });
  const [first] = ends;
  if (first === undefined) {
    return null;
  }
  const base = height - LABELS;
  const scale = durationScale(first[0], last, SIDE, width - SIDE);
  const drag = handlers(scale);
  const text = ([from, to]: readonly [number, number]): string =>
    `${formatDuration(micros(from))} to ${formatDuration(micros(to))}`;
  const shown = pointed === undefined ? undefined : buckets[pointed];
  return (
    <div className="duration-histogram" ref={frame} style={{ height }}>
      <svg
        width={width}
        height={height}
        role="img"
        aria-label={label}
        {...drag}
        onPointerMove={(event) => {
          drag.onPointerMove(event);
          const found = at(scale.valueAt(event.clientX - event.currentTarget.getBoundingClientRect().left));
          setPointed(found < 0 ? undefined : found);
        }}
        onPointerLeave={() => setPointed(undefined)}
      >
        {defs}
        <DurationTicks scale={scale} top={6} base={base} lineClass="grid" labelClass="tick" />
        {buckets.map((bucket, i) => {
          const [from, to] = ends[i] ?? first;
          const left = scale.x(from);
          return (
            <g key={bucket.fromNanos}>
              {bars(bucket, left, Math.max(2, scale.x(to) - left - BAR_GAP), base, base - HEAD)}
            </g>
          );
        })}
        <line className="base" x1={SIDE} x2={scale.end} y1={base} y2={base} />
        {brush !== undefined && <rect className="brush" {...brush} y={4} height={base - 4} />}
      </svg>
      <p className="duration-note" aria-hidden>
        {shown === undefined || pointed === undefined
          ? 'Drag over bars, or press one, to look into it'
          : `${text(ends[pointed] ?? first)} · ${describe(shown)}`}
      </p>
      <table className="visually-hidden">
        <caption>Traces by duration</caption>
        <thead>
          <tr>
            <th>Duration</th>
            {columns.map(({ name }) => (
              <th key={name}>{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {buckets.map((bucket, i) => (
            <tr key={bucket.fromNanos}>
              <th>{text(ends[i] ?? first)}</th>
              {columns.map(({ name, count }) => (
                <td key={name}>{count(bucket)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

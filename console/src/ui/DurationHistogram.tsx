// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './duration-histogram.css';
import { useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
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

/** Bars chosen by keys: the one that moves, and the one from which the range reaches. */
type Cursor = { readonly at: number; readonly from: number };

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };

/**
 * Counts by duration, on a logarithmic scale. Dragging over it chooses a range, pressing a bar that bar's; up to the
 * longest there is, it has no upper end. By keys: the arrows walk over the bars, with Shift they take more, Enter chooses.
 * The same is there as a table for those who do not see it.
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
  const [cursor, setCursor] = useState<Cursor>();
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
  const slowest = buckets.length - 1;
  const walk = cursor === undefined ? undefined : { at: Math.min(cursor.at, slowest), from: Math.min(cursor.from, slowest) };
  const low = ends[Math.min(walk?.at ?? 0, walk?.from ?? 0)] ?? first;
  const high = ends[Math.max(walk?.at ?? slowest, walk?.from ?? slowest)] ?? first;
  const onKeyDown = (event: KeyboardEvent): void => {
    const { at: now, from } = walk ?? { at: slowest, from: slowest };
    const step = STEPS[event.key];
    if (step !== undefined || event.key === 'Home' || event.key === 'End') {
      const next =
        step === undefined ? (event.key === 'Home' ? 0 : slowest) : Math.min(slowest, Math.max(0, now + step));
      setCursor({ at: next, from: event.shiftKey ? from : next });
    } else if (event.key === 'Enter' && walk !== undefined) {
      choose(low[0], high[1]);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const told = pointed ?? walk?.at;
  const shown = told === undefined ? undefined : buckets[told];
  const several = pointed === undefined && walk !== undefined && walk.at !== walk.from;
  const note =
    shown === undefined || told === undefined
      ? undefined
      : several
        ? text([low[0], high[1]])
        : `${text(ends[told] ?? first)} · ${describe(shown)}`;
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
        {walk !== undefined && (
          <rect className="brush" x={scale.x(low[0])} width={scale.x(high[1]) - scale.x(low[0])} y={4} height={base - 4} />
        )}
        {brush !== undefined && <rect className="brush" {...brush} y={4} height={base - 4} />}
      </svg>
      <div
        className="duration-keys"
        role="slider"
        tabIndex={0}
        aria-label={`${label}: bars`}
        aria-valuemin={1}
        aria-valuemax={buckets.length}
        aria-valuenow={(walk?.at ?? slowest) + 1}
        aria-valuetext={walk === undefined || note === undefined ? undefined : `${note}; Enter looks into it`}
        onFocus={() => setCursor({ at: slowest, from: slowest })}
        onBlur={() => setCursor(undefined)}
        onKeyDown={onKeyDown}
      />
      <p className="duration-note" aria-hidden>
        {note ?? 'Drag over bars, or press one, to look into it'}
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

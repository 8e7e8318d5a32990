// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './duration-chart.css';
import { useId, useState } from 'react';
import type { PointerEvent, ReactNode } from 'react';
import type { TraceStatistics } from '../../api/schemas';
import { formatCount, formatDuration } from '../../ui/format';
import { useSize } from '../../ui/use-size';
import { micros, nanosToMicros } from '../../ui/units';
import type { Micros } from '../../ui/units';

const HEIGHT = 112;
const BASE = 88;
const SIDE = 28;
const MIN_DECADES = 2;
const BAR_GAP = 1;
const OUTCOMES = ['okCount', 'errorCount', 'throttleCount', 'faultCount'] as const;
const NAMES = { okCount: 'ok', errorCount: 'error', throttleCount: 'throttle', faultCount: 'fault' } as const;

type Brush = { readonly from: number; readonly to: number };

/** Traces by duration, on a logarithmic scale; dragging over it chooses a range. */
export function DurationChart({
  statistics,
  onRange,
}: {
  readonly statistics: TraceStatistics;
  readonly onRange: (from: Micros, to: Micros) => void;
}): ReactNode {
  const [frame, { width }] = useSize();
  const [brush, setBrush] = useState<Brush>();
  const hatch = useId();
  const buckets = statistics.buckets.map((bucket) => ({
    ...bucket,
    from: Math.max(1, nanosToMicros(bucket.fromNanos)),
    to: Math.max(1, nanosToMicros(bucket.toNanos)),
  }));
  const first = buckets[0];
  const last = buckets.at(-1);
  const plot = Math.max(1, width - 2 * SIDE);
  if (first === undefined || last === undefined) {
    return null;
  }

  // Whole powers of ten at both ends, at least two of them apart.
  let low = Math.floor(Math.log10(first.from) + 1e-9);
  let high = Math.ceil(Math.log10(last.to) - 1e-9);
  if (high - low < MIN_DECADES) {
    low = Math.max(0, high - MIN_DECADES);
    high = Math.max(high, low + MIN_DECADES);
  }
  const x = (value: number): number => SIDE + ((Math.log10(value) - low) / (high - low)) * plot;
  const value = (at: number): number => 10 ** (low + ((at - SIDE) / plot) * (high - low));
  const most = Math.max(...buckets.map((each) => OUTCOMES.reduce((sum, name) => sum + each[name], 0)));

  const at = (event: PointerEvent<SVGSVGElement>): number =>
    Math.min(SIDE + plot, Math.max(SIDE, event.clientX - event.currentTarget.getBoundingClientRect().left));
  const finish = (): void => {
    if (brush !== undefined) {
      const left = Math.min(brush.from, brush.to);
      const right = Math.max(brush.from, brush.to);
      setBrush(undefined);
      if (right - left > 4) {
        onRange(micros(value(left)), micros(value(right)));
      }
    }
  };

  return (
    <div className="duration-chart" ref={frame}>
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={`Durations of ${formatCount(statistics.traceCount)} traces; a table follows`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setBrush({ from: at(event), to: at(event) });
        }}
        onPointerMove={(event) => brush && setBrush({ ...brush, to: at(event) })}
        onPointerUp={finish}
        onPointerCancel={() => setBrush(undefined)}
      >
        <defs>
          <pattern
            id={hatch}
            width="5"
            height="5"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <rect width="5" height="5" className="bar-faultCount" />
            <rect width="1.6" height="5" fill="var(--surface)" />
          </pattern>
        </defs>
        {Array.from({ length: high - low + 1 }, (_, i) => {
          const tick = 10 ** (low + i);
          return (
            <g key={i}>
              <line className="grid" x1={x(tick)} x2={x(tick)} y1={6} y2={BASE} />
              <text className="tick" x={x(tick)} y={BASE + 16} textAnchor="middle">
                {formatDuration(micros(tick))}
              </text>
            </g>
          );
        })}
        {buckets.map((bucket) => {
          const left = x(bucket.from);
          const wide = Math.max(2, x(bucket.to) - left - BAR_GAP);
          let top = BASE;
          return (
            <g key={bucket.fromNanos}>
              {OUTCOMES.map((name) => {
                if (bucket[name] === 0) {
                  return null;
                }
                const high = Math.max(1.5, (bucket[name] / most) * (BASE - 12));
                top -= high;
                return (
                  <rect
                    key={name}
                    className={`bar-${name}`}
                    fill={name === 'faultCount' ? `url(#${hatch})` : undefined}
                    x={left}
                    y={top}
                    width={wide}
                    height={high}
                  />
                );
              })}
            </g>
          );
        })}
        <line className="base" x1={SIDE} x2={SIDE + plot} y1={BASE} y2={BASE} />
        {brush !== undefined && (
          <rect
            className="brush"
            x={Math.min(brush.from, brush.to)}
            y={4}
            width={Math.abs(brush.to - brush.from)}
            height={BASE - 4}
          />
        )}
      </svg>
      <table className="visually-hidden">
        <caption>Traces by duration</caption>
        <thead>
          <tr>
            <th>Duration</th>
            {OUTCOMES.map((name) => (
              <th key={name}>{NAMES[name]}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {buckets.map((bucket) => (
            <tr key={bucket.fromNanos}>
              <th>
                {formatDuration(micros(bucket.from))} to {formatDuration(micros(bucket.to))}
              </th>
              {OUTCOMES.map((name) => (
                <td key={name}>{bucket[name]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

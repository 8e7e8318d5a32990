// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './duration-chart.css';
import { useId } from 'react';
import type { ReactNode } from 'react';
import type { TraceStatistics } from '../../api/schemas';
import { DurationTicks, durationScale, useBrush } from '../../ui/duration-scale';
import { formatCount, formatDuration } from '../../ui/format';
import { useSize } from '../../ui/use-size';
import { micros, nanosToMicros } from '../../ui/units';
import type { Micros } from '../../ui/units';

const HEIGHT = 112;
const BASE = 88;
const SIDE = 28;
const BAR_GAP = 1;
const OUTCOMES = ['okCount', 'errorCount', 'throttleCount', 'faultCount'] as const;
const NAMES = { okCount: 'ok', errorCount: 'error', throttleCount: 'throttle', faultCount: 'fault' } as const;

/** Traces by duration, on a logarithmic scale; dragging over it chooses a range. */
export function DurationChart({
  statistics,
  onRange,
}: {
  readonly statistics: TraceStatistics;
  readonly onRange: (from: Micros, to: Micros) => void;
}): ReactNode {
  const [frame, { width }] = useSize();
  const { brush, handlers } = useBrush(onRange);
  const hatch = useId();
  const buckets = statistics.buckets.map((bucket) => ({
    ...bucket,
    from: Math.max(1, nanosToMicros(bucket.fromNanos)),
    to: Math.max(1, nanosToMicros(bucket.toNanos)),
  }));
  const first = buckets[0];
  const last = buckets.at(-1);
  if (first === undefined || last === undefined) {
    return null;
  }

  const scale = durationScale(first.from, last.to, SIDE, width - SIDE);
  const most = Math.max(...buckets.map((each) => OUTCOMES.reduce((sum, name) => sum + each[name], 0)));

  return (
    <div className="duration-chart" ref={frame}>
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={`Durations of ${formatCount(statistics.traceCount)} traces; a table follows`}
        {...handlers(scale)}
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
        <DurationTicks scale={scale} top={6} base={BASE} lineClass="grid" labelClass="tick" />
        {buckets.map((bucket) => {
          const left = scale.x(bucket.from);
          const wide = Math.max(2, scale.x(bucket.to) - left - BAR_GAP);
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
        <line className="base" x1={SIDE} x2={scale.end} y1={BASE} y2={BASE} />
        {brush !== undefined && <rect className="brush" {...brush} y={4} height={BASE - 4} />}
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

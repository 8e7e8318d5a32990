// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { ReactNode } from 'react';
import type { Analytics } from '../../api/schemas';
import { DurationTicks, durationScale, useBrush } from '../../ui/duration-scale';
import { formatDuration } from '../../ui/format';
import { useSize } from '../../ui/use-size';
import { micros, nanosToMicros } from '../../ui/units';
import type { Micros } from '../../ui/units';

const HEIGHT = 132;
const BASE = 108;
const SIDE = 28;

/** Durations of both sets over each other, each as shares of its set; dragging over it makes a new set A. */
export function SetsChart({
  analytics,
  onRange,
}: {
  readonly analytics: Analytics;
  readonly onRange: (from: Micros, to: Micros) => void;
}): ReactNode {
  const [frame, { width }] = useSize();
  const { brush, handlers } = useBrush(onRange);
  const allA = Math.max(1, analytics.a.traceCount);
  const allB = Math.max(1, analytics.b.traceCount);
  const buckets = analytics.buckets.map((bucket) => ({
    a: bucket.aCount / allA,
    b: bucket.bCount / allB,
    counts: bucket,
    from: Math.max(1, nanosToMicros(bucket.fromNanos)),
    to: Math.max(1, nanosToMicros(bucket.toNanos)),
  }));
  const first = buckets[0];
  const last = buckets.at(-1);
  if (first === undefined || last === undefined) {
    return null;
  }
  const scale = durationScale(first.from, last.to, SIDE, width - SIDE);
  const most = Math.max(...buckets.map((each) => Math.max(each.a, each.b)));
  return (
    <div className="sets-chart" ref={frame}>
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label="Durations of both sets, as shares of each; a table follows"
        {...handlers(scale)}
      >
        <DurationTicks scale={scale} top={6} base={BASE} lineClass="grid" labelClass="tick" />
        {buckets.map((bucket) => {
          const left = scale.x(bucket.from);
          const wide = Math.max(3, scale.x(bucket.to) - left - 1);
          const high = (share: number): number =>
            share === 0 ? 0 : Math.max(1.5, (share / most) * (BASE - 12));
          return (
            <g key={bucket.from}>
              <rect
                className="set-b"
                x={left}
                width={wide}
                y={BASE - high(bucket.b)}
                height={high(bucket.b)}
              />
              <rect
                className="set-a"
                x={left + wide * 0.2}
                width={wide * 0.6}
                y={BASE - high(bucket.a)}
                height={high(bucket.a)}
              />
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
            <th>A</th>
            <th>B</th>
          </tr>
        </thead>
        <tbody>
          {buckets.map((bucket) => (
            <tr key={bucket.from}>
              <th>
                {formatDuration(micros(bucket.from))} to {formatDuration(micros(bucket.to))}
              </th>
              <td>{bucket.counts.aCount}</td>
              <td>{bucket.counts.bCount}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

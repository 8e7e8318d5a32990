// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './duration-chart.css';
import { useId } from 'react';
import type { ReactNode } from 'react';
import type { TraceStatistics } from '../../api/schemas';
import { DurationHistogram } from '../../ui/DurationHistogram';
import { formatCount, plural } from '../../ui/format';
import type { Micros } from '../../ui/units';

const HEIGHT = 112;
const OUTCOMES = ['okCount', 'errorCount', 'throttleCount', 'faultCount'] as const;
const NAMES = { okCount: 'ok', errorCount: 'error', throttleCount: 'throttle', faultCount: 'fault' } as const;

type Bucket = TraceStatistics['buckets'][number];

function sumOf(bucket: Bucket): number {
  return OUTCOMES.reduce((sum, name) => sum + bucket[name], 0);
}

function describe(bucket: Bucket): string {
  const bad = OUTCOMES.slice(1).filter((name) => bucket[name] > 0);
  return [
    plural(sumOf(bucket), 'trace'),
    ...bad.map((name) => `${formatCount(bucket[name])} ${NAMES[name]}`),
  ].join(', ');
}

/** Traces by duration and outcome. */
export function DurationChart({
  statistics,
  onRange,
}: {
  readonly statistics: TraceStatistics;
  /** Without an end, all from the first duration on. */
  readonly onRange: (from: Micros, to: Micros | undefined) => void;
}): ReactNode {
  const hatch = useId();
  const most = Math.max(...statistics.buckets.map(sumOf));
  return (
    <DurationHistogram
      buckets={statistics.buckets}
      height={HEIGHT}
      label={`Durations of ${formatCount(statistics.traceCount)} traces; a table follows`}
      columns={OUTCOMES.map((name) => ({ name: NAMES[name], count: (bucket: Bucket) => bucket[name] }))}
      describe={describe}
      defs={
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
      }
      bars={(bucket, left, wide, base, highest) => {
        let top = base;
        return OUTCOMES.map((name) => {
          if (bucket[name] === 0) {
            return null;
          }
          const high = Math.max(1.5, (bucket[name] / most) * highest);
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
        });
      }}
      onRange={onRange}
    />
  );
}

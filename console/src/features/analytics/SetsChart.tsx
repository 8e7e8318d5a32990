// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { ReactNode } from 'react';
import type { Analytics } from '../../api/schemas';
import { DurationHistogram } from '../../ui/DurationHistogram';
import { formatCount } from '../../ui/format';
import type { Micros } from '../../ui/units';

const HEIGHT = 132;

/** Durations of both sets over each other, each as shares of its set; a range of them makes a new set A. */
export function SetsChart({
  analytics,
  onRange,
}: {
  readonly analytics: Analytics;
  /** Without an end, all from the first duration on. */
  readonly onRange: (from: Micros, to: Micros | undefined) => void;
}): ReactNode {
  const allA = Math.max(1, analytics.a.traceCount);
  const allB = Math.max(1, analytics.b.traceCount);
  const most = Math.max(...analytics.buckets.map((each) => Math.max(each.aCount / allA, each.bCount / allB)));
  return (
    <DurationHistogram
      buckets={analytics.buckets}
      height={HEIGHT}
      label="Durations of both sets, as shares of each; a table follows"
      columns={[
        { name: 'A', count: (bucket) => bucket.aCount },
        { name: 'B', count: (bucket) => bucket.bCount },
      ]}
      describe={(bucket) => `${formatCount(bucket.aCount)} of A, ${formatCount(bucket.bCount)} of B`}
      bars={(bucket, left, wide, base, highest) => {
        const bar = (name: string, share: number, x: number, width: number): ReactNode => {
          const high = share === 0 ? 0 : Math.max(1.5, (share / most) * highest);
          return <rect className={name} x={x} width={width} y={base - high} height={high} />;
        };
        return (
          <>
            {bar('set-b', bucket.bCount / allB, left, wide)}
            {bar('set-a', bucket.aCount / allA, left + wide * 0.2, wide * 0.6)}
          </>
        );
      }}
      onRange={onRange}
    />
  );
}

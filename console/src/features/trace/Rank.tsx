// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { fetchSpanRank } from '../../api/routes';
import type { SpanRank } from '../../api/schemas';
import { formatDuration, plural } from '../../ui/format';
import { nanosToMicros } from '../../ui/units';

const PERIODS = [
  { value: '1h', label: '1 hour' },
  { value: '24h', label: '24 hours' },
];
/** Of fewer, a share says nothing. */
const ENOUGH = 10;

export function rankText(rank: SpanRank, name: string): string {
  if (rank.spanCount === 0) {
    return `No other ${name} was found.`;
  }
  if (rank.spanCount < ENOUGH) {
    return `Slower than ${rank.shorterCount} of ${plural(rank.spanCount, 'other')}; too few to say more.`;
  }
  const share = (rank.shorterCount / rank.spanCount) * 100;
  const text = share > 0 && share < 100 ? Math.min(99.9, Math.max(0.1, share)).toFixed(share > 99 ? 1 : 0) : String(share);
  return `Slower than ${text} % of ${rank.limitReached ? 'the newest ' : ''}${plural(rank.spanCount, 'other')}.`;
}

/** How long a span took beside others of its operation, before it ended. */
export function Rank({
  traceId,
  spanId,
  name,
}: {
  readonly traceId: string;
  readonly spanId: string;
  readonly name: string;
}): ReactNode {
  const [period, setPeriod] = useState('1h');
  const rank = useQuery({
    queryKey: ['span-rank', traceId, spanId, period],
    queryFn: ({ signal }) => fetchSpanRank(traceId, spanId, period, signal),
  });
  const durations = rank.data?.durations;
  return (
    <section className="span-rank">
      <h3>
        Beside others of {name}
        <SegmentedControl size="xs" aria-label="Within" value={period} onChange={setPeriod} data={PERIODS} />
      </h3>
      <p role="status">
        {rank.isPending
          ? 'Comparing …'
          : rank.isError
            ? `It cannot be compared: ${rank.error.message}`
            : rankText(rank.data, name)}
      </p>
      {durations !== undefined && (
        <p className="dim tabular">
          p50 {formatDuration(nanosToMicros(durations.p50Nanos))}, p95{' '}
          {formatDuration(nanosToMicros(durations.p95Nanos))}, p99 {formatDuration(nanosToMicros(durations.p99Nanos))}
        </p>
      )}
    </section>
  );
}

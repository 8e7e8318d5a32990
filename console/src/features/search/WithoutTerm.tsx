// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './without-term.css';
import { useQueries, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Range } from '../../api/routes';
import { fetchTraceStatistics, parseFilter } from '../../api/routes';
import { scopeOf } from '../../app/group-scope';
import { plural } from '../../ui/format';
import { withoutTerm } from './completion';

/** Each is a search of its own. */
const MAX_TERMS = 6;

/** For a filter that finds nothing: what each of its conditions keeps out by itself, and a way to drop it. */
export function WithoutTerm({
  range,
  filter,
  group,
  onFilter,
}: {
  readonly range: Range;
  readonly filter: string;
  readonly group: string | undefined;
  readonly onFilter: (filter: string) => void;
}): ReactNode {
  const parsed = useQuery({
    queryKey: ['filter-parse', filter],
    queryFn: ({ signal }) => parseFilter(filter, signal),
    staleTime: Infinity,
    retry: false,
  });
  const terms = parsed.data?.terms ?? [];
  const asked = terms.length < 2 || terms.length > MAX_TERMS ? [] : terms;
  const counts = useQueries({
    queries: asked.map((_, i) => {
      const scope = scopeOf(group, withoutTerm(terms, i));
      return {
        queryKey: ['trace-statistics', range.start, range.end, scope],
        queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
          fetchTraceStatistics(range, scope, undefined, signal),
      };
    }),
  });
  if (asked.length === 0 || counts.some(({ data }) => data === undefined)) {
    return null;
  }
  const found = asked
    .map(({ text }, i) => ({ text, i, count: counts[i]?.data?.traceCount ?? 0, more: counts[i]?.data?.limitReached }))
    .filter(({ count }) => count > 0);
  return found.length === 0 ? (
    <p>No single condition is to blame: without any one of them there is still nothing.</p>
  ) : (
    <ul className="without-term" aria-label="What each condition keeps out">
      {found.map(({ text, i, count, more }) => (
        <li key={i}>
          Without <code className="mono">{text}</code>: {more === true && 'more than '}
          {plural(count, 'trace')}{' '}
          <button type="button" onClick={() => onFilter(withoutTerm(terms, i))}>
            Drop it
          </button>
        </li>
      ))}
    </ul>
  );
}

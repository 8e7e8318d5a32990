// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { fetchGraphErrors } from '../../api/routes';
import type { Range } from '../../api/routes';
import { sharedSearch } from '../../app/search-params';
import type { MapNode } from '../../graph/map-model';
import { formatCount, plural } from '../../ui/format';
import { keyOf } from '../../graph/map-model';

/** What went wrong in a node, most frequent first, with traces that show it. */
export function ErrorList({
  node,
  range,
  filter,
}: {
  readonly node: MapNode;
  readonly range: Range;
  readonly filter: string;
}): ReactNode {
  const shared = sharedSearch(useSearch({ from: '/map' }));
  const id = keyOf(node.id);
  const answer = useQuery({
    queryKey: ['graph-errors', range.start, range.end, filter, id],
    queryFn: ({ signal }) => fetchGraphErrors(range, filter, node.id, signal),
    placeholderData: (before, query) => (query?.queryKey.at(-1) === id ? before : undefined),
  });
  if (answer.isError && answer.data === undefined) {
    return <p className="map-panel-note">What went wrong could not be fetched: {answer.error.message}</p>;
  }
  if (answer.data === undefined) {
    return null;
  }
  const { errors, traceCount, limitReached } = answer.data;
  if (errors.length === 0) {
    return null;
  }
  return (
    <section className="map-errors">
      <h3>Top errors</h3>
      <ul>
        {errors.map(({ kind, name, message, count, traceIds }) => (
          <li key={`${kind} ${name} ${message ?? ''}`}>
            <span className="map-error-name">
              <strong className="mono">{name}</strong>
              <span className="map-error-count">{formatCount(count)}</span>
            </span>
            {message !== undefined && (
              <span className="map-error-message" title={message}>
                {message}
              </span>
            )}
            <span className="map-error-traces">
              <span className="dim">{KINDS[kind]}; for example</span>
              {traceIds.map((traceId, i) => {
                const word = i === 0 ? 'trace' : 'another';
                return (
                  <Link key={traceId} to="/trace/$id" params={{ id: traceId }} search={shared} aria-label={`${word}: ${traceId}`}>
                    {word}
                  </Link>
                );
              })}
            </span>
          </li>
        ))}
      </ul>
      <p className="dim">
        {limitReached ? `Of the newest ${plural(traceCount, 'trace')} that failed here` : `Of ${plural(traceCount, 'trace')} that failed here`}
      </p>
    </section>
  );
}

const KINDS = { exception: 'Exception', grpc: 'gRPC status', http: 'HTTP status', other: 'Status' } as const;

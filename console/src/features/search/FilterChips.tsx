// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './filter-chips.css';
import { CloseButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { parseFilter } from '../../api/routes';
import { useRange } from '../../app/range-context';
import { withoutTerm } from './completion';

/** The conditions of the filter one by one, as the server reads its text; each can be dropped. */
export function FilterChips(): ReactNode {
  const { filter, setFilter } = useRange();
  const parsed = useQuery({
    queryKey: ['filter-parse', filter],
    queryFn: ({ signal }) => parseFilter(filter, signal),
    enabled: filter !== '',
    staleTime: Infinity,
    retry: false,
  });
  const terms = filter === '' ? [] : (parsed.data?.terms ?? []);
  if (terms.length === 0) {
    return null;
  }
  return (
    <ul className="chips" aria-label="Conditions of the filter">
      {terms.map((term, i) => (
        <li key={term.from} className="chip">
          <span className="mono truncate" title={term.text}>
            {term.text}
          </span>
          <CloseButton
            size={24}
            iconSize={13}
            aria-label={`Drop ${term.text}`}
            onClick={() => setFilter(withoutTerm(terms, i))}
          />
        </li>
      ))}
      {terms.length > 1 && (
        <li>
          <button type="button" className="chips-clear" onClick={() => setFilter('')}>
            Drop all
          </button>
        </li>
      )}
    </ul>
  );
}

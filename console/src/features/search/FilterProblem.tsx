// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './filter-problem.css';
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ApiError } from '../../api/client';

const WORD = /^[\w.]+/;

/** A filter expression that was not understood: where, why, and the likely fix. */
export function FilterProblem({
  filter,
  error,
  onFilter,
}: {
  readonly filter: string;
  readonly error: ApiError;
  readonly onFilter: (filter: string) => void;
}): ReactNode {
  // Columns count characters, of which a string may need two units for one.
  // Within a group the filter is sent a line lower; see scopeOf.
  const lines = filter.split('\n');
  const characters = [...(lines[Math.min(error.position?.line ?? 1, lines.length) - 1] ?? '')];
  const column = (error.position?.column ?? 1) - 1;
  const before = characters.slice(0, column).join('');
  const rest = characters.slice(column).join('');
  const bad = WORD.exec(rest)?.[0] ?? (rest.slice(0, 1) || ' ');
  const hint = error.position?.hint;
  return (
    <div className="filter-problem" role="alert">
      <h2>The filter is not understood</h2>
      <code className="mono">
        {before}
        <mark>{bad}</mark>
        {rest.slice(bad.length)}
      </code>
      <p>{error.message.replace(/^filter: /, '')}</p>
      <div className="state-actions">
        {hint !== undefined && (
          <Button size="xs" onClick={() => onFilter(before + hint + rest.slice(bad.length))}>
            Use {hint}
          </Button>
        )}
        <Button size="xs" variant="default" onClick={() => onFilter('')}>
          Drop the filter
        </Button>
      </div>
    </div>
  );
}

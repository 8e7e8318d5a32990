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
  sent = filter,
  error,
  onFilter,
}: {
  readonly filter: string;
  /** What the server was asked for, if the filter stands within more; see scopeOf. */
  readonly sent?: string;
  readonly error: ApiError;
  readonly onFilter: (filter: string) => void;
}): ReactNode {
  // Columns count characters, of which a string may need two units for one.
  const lines = filter.split('\n');
  const moved = sent.slice(0, Math.max(0, sent.indexOf(filter))).split('\n').length - 1;
  const line = Math.min(Math.max(1, (error.position?.line ?? 1) - moved), lines.length);
  const characters = [...(lines[line - 1] ?? '')];
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
      <p>
        {error.message.replace(/^filter: /, '').replace(/^line \d+, /, lines.length === 1 ? '' : `line ${line}, `)}
      </p>
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

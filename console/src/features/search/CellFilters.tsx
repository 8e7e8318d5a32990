// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './cell-filters.css';
import { IconMinus, IconPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useRange } from '../../app/range-context';
import { both } from '../map/filters';

/** Adds what a cell shows to the filter, or shuts it out. */
export function CellFilters({
  clause,
  shown,
}: {
  readonly clause: string;
  readonly shown: string;
}): ReactNode {
  const { filter, setFilter } = useRange();
  return (
    <span className="cell-filters">
      <button
        type="button"
        aria-label={`Only ${shown}`}
        title={`Only ${clause}`}
        onClick={() => setFilter(both(filter, clause))}
      >
        <IconPlus size={13} aria-hidden />
      </button>
      <button
        type="button"
        aria-label={`Without ${shown}`}
        title={`Without ${clause}`}
        onClick={() => setFilter(both(filter, `!${clause}`))}
      >
        <IconMinus size={13} aria-hidden />
      </button>
    </span>
  );
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { ReactNode } from 'react';
import type { Change } from '../../graph/change';
import { CHANGE_OUTLINES } from './glyphs';
import { CHANGE_NAMES } from './map-format';

/** Glyph and words for what has changed. */
export function ChangeMark({ change, children }: { readonly change: Change; readonly children?: ReactNode }): ReactNode {
  return (
    <span className={`map-change map-change-${change}`}>
      <svg viewBox="0 0 14 14" width={12} height={12} aria-hidden="true">
        <path d={CHANGE_OUTLINES[change]} />
      </svg>
      {children ?? CHANGE_NAMES[change]}
    </span>
  );
}

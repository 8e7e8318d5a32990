// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { ReactNode } from 'react';
import type { Kind } from '../../graph/kind';
import { KIND_OUTLINES } from './glyphs';

export function KindGlyph({ kind, size = 15 }: { readonly kind: Kind; readonly size?: number }): ReactNode {
  return (
    <svg className="kind-glyph" viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">
      <path d={KIND_OUTLINES[kind]} />
    </svg>
  );
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './outcome.css';
import type { ReactNode } from 'react';

/** How a call went, as one word: the worst of what is true of it. */
export type OutcomeName = 'ok' | 'error' | 'fault' | 'throttle';

export const OUTCOMES: readonly OutcomeName[] = ['ok', 'error', 'throttle', 'fault'];

export function outcomeOf(flags: {
  readonly error: boolean;
  readonly fault: boolean;
  readonly throttle: boolean;
}): OutcomeName {
  return flags.fault ? 'fault' : flags.throttle ? 'throttle' : flags.error ? 'error' : 'ok';
}

/* Four shapes, so that colour is never the only sign. */
const SHAPES: Readonly<Record<OutcomeName, ReactNode>> = {
  ok: (
    <>
      <circle cx="7" cy="7" r="5.4" fill="none" strokeWidth="1.4" />
      <path d="M4.6 7.2l1.7 1.7 3.2-3.6" fill="none" strokeWidth="1.4" />
    </>
  ),
  error: (
    <>
      <path d="M7 1.6L13 12.2H1z" fill="none" strokeWidth="1.4" strokeLinejoin="round" />
      <path d="M7 5.4v3.2M7 10.3v.3" strokeWidth="1.4" />
    </>
  ),
  fault: (
    <path
      d="M4.4 1.4h5.2l3 3v5.2l-3 3H4.4l-3-3V4.4zM4.8 4.8l4.4 4.4M9.2 4.8L4.8 9.2"
      fill="none"
      strokeWidth="1.4"
    />
  ),
  throttle: <path d="M3 1.8h8M3 12.2h8M4 2c0 4 6 6 6 10M10 2c0 4-6 6-6 10" fill="none" strokeWidth="1.4" />,
};

export function OutcomeGlyph({ outcome }: { readonly outcome: OutcomeName }): ReactNode {
  return (
    <svg
      className={`outcome-glyph outcome-${outcome}`}
      viewBox="0 0 14 14"
      width="14"
      height="14"
      aria-hidden="true"
      strokeLinecap="round"
    >
      {SHAPES[outcome]}
    </svg>
  );
}

/** Glyph and word. */
export function OutcomeMark({ outcome }: { readonly outcome: OutcomeName }): ReactNode {
  return (
    <span className={`outcome outcome-${outcome}`}>
      <OutcomeGlyph outcome={outcome} />
      {outcome}
    </span>
  );
}

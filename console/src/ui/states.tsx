// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './states.css';
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { ApiError } from '../api/client';

/** Rows of the size of what will stand here. */
export function Loading({ rows = 8, label }: { readonly rows?: number; readonly label: string }): ReactNode {
  return (
    <div role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="skeleton-row" style={{ width: `${92 - ((i * 37) % 41)}%` }} />
      ))}
    </div>
  );
}

/** Nothing to show, and why. */
export function Empty({
  title,
  children,
  actions,
}: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}): ReactNode {
  return (
    <div className="state">
      <h2>{title}</h2>
      {children}
      {actions !== undefined && <div className="state-actions">{actions}</div>}
    </div>
  );
}

/** What failed, why, and what can be done. */
export function Failure({
  title,
  error,
  onRetry,
}: {
  readonly title: string;
  readonly error: Error;
  readonly onRetry?: () => void;
}): ReactNode {
  const retriable = !(error instanceof ApiError) || error.retriable;
  return (
    <div className="state state-error" role="alert">
      <h2>{title}</h2>
      <p>{error.message}</p>
      {onRetry !== undefined && retriable && (
        <div className="state-actions">
          <Button size="xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
        </div>
      )}
    </div>
  );
}

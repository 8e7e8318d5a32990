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
  level = 2,
  children,
  actions,
}: {
  readonly title: string;
  /** 1 where it stands for the whole page. */
  readonly level?: 1 | 2;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}): ReactNode {
  const Heading = level === 1 ? 'h1' : 'h2';
  return (
    <div className="state">
      <Heading>{title}</Heading>
      {children}
      {actions !== undefined && <div className="state-actions">{actions}</div>}
    </div>
  );
}

/** What failed, why, and what can be done. */
export function Failure({
  title,
  level = 2,
  error,
  onRetry,
}: {
  readonly title: string;
  /** 1 where it stands for the whole page. */
  readonly level?: 1 | 2;
  readonly error: Error;
  readonly onRetry?: () => void;
}): ReactNode {
  const retriable = !(error instanceof ApiError) || error.retriable;
  const Heading = level === 1 ? 'h1' : 'h2';
  return (
    <div className="state state-error" role="alert">
      <Heading>{title}</Heading>
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

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Failure } from '../ui/states';

/** What stands in the place of a page that failed to load or to show. */
export function PageFailure({
  error,
  reset,
}: {
  readonly error: unknown;
  readonly reset: () => void;
}): ReactNode {
  const router = useRouter();
  return (
    <Failure
      title="This page cannot be shown"
      level={1}
      error={error instanceof Error ? error : new Error(String(error))}
      onRetry={() => {
        reset();
        void router.invalidate();
      }}
    />
  );
}

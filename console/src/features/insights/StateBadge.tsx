// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { ReactNode } from 'react';
import type { Insight } from '../../api/schemas';

export function StateBadge({ state }: { readonly state: Insight['state'] }): ReactNode {
  return <span className={`badge${state === 'active' ? ' badge-fault' : ''}`}>{state}</span>;
}

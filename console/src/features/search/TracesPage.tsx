// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { ReactNode } from 'react';

export function TracesPage(): ReactNode {
  return <h1>Traces</h1>;
}

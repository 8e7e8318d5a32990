// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { ReactNode } from 'react';

export function TracePage(): ReactNode {
  return <h1>Trace</h1>;
}

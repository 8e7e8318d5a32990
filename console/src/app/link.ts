// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { pin } from './time-range';
import type { ResolvedRange } from './time-range';

/** Returns the address with the times that are shown in place of those that move, if the page has a range. */
export function linkOf(address: string, range: ResolvedRange | undefined): string {
  const url = new URL(address);
  if (range !== undefined) {
    const { from, to } = pin(range);
    url.searchParams.set('from', from);
    url.searchParams.set('to', to);
  }
  return url.toString();
}

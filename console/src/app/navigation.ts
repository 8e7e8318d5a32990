// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { IconListSearch } from '@tabler/icons-react';

/** Pages that people go to by themselves, in the order of the rail; what is below one counts as it. */
export const NAVIGATION = [
  { to: '/traces', label: 'Traces', icon: IconListSearch, keys: 'g t', below: ['/trace'] },
] as const;

/** Pages whose content follows the filter and the range of time in the URL. */
export const RANGED_PAGES: readonly string[] = ['/traces'];

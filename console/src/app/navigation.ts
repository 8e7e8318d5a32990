// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { IconListSearch, IconSettings, IconTopologyStar3 } from '@tabler/icons-react';

/** Pages that people go to by themselves, in the order of the rail; what is below one counts as it. */
export const NAVIGATION = [
  { to: '/map', label: 'Map', icon: IconTopologyStar3, keys: 'g m', below: [] },
  { to: '/traces', label: 'Traces', icon: IconListSearch, keys: 'g t', below: ['/trace'] },
  { to: '/settings', label: 'Settings', icon: IconSettings, keys: 'g s', below: ['/start'] },
] as const;

/** Pages whose content follows the filter and the range of time in the URL. */
export const RANGED_PAGES: readonly string[] = ['/map', '/traces'];

/** Those of them that can follow what comes in. */
export const FOLLOWING_PAGES: readonly string[] = ['/map', '/traces'];

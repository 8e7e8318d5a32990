// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import {
  IconArrowsDiff,
  IconBoxMultiple,
  IconBulb,
  IconChartHistogram,
  IconListSearch,
  IconPercentage,
  IconSettings,
  IconTopologyStar3,
} from '@tabler/icons-react';

/** Pages that people go to by themselves, in the order of the rail; what is below one counts as it. */
export const NAVIGATION = [
  { to: '/map', label: 'Map', icon: IconTopologyStar3, keys: 'g m', below: [] },
  { to: '/traces', label: 'Traces', icon: IconListSearch, keys: 'g t', below: ['/trace'] },
  { to: '/analytics', label: 'Analytics', icon: IconChartHistogram, keys: 'g a', below: [] },
  { to: '/compare', label: 'Compare', icon: IconArrowsDiff, keys: 'g c', below: [] },
  { to: '/insights', label: 'Insights', icon: IconBulb, keys: 'g i', below: [] },
  { to: '/groups', label: 'Groups', icon: IconBoxMultiple, keys: 'g g', below: [] },
  { to: '/sampling', label: 'Sampling', icon: IconPercentage, keys: 'g s', below: [] },
  { to: '/settings', label: 'Settings', icon: IconSettings, keys: 'g ,', below: ['/start'] },
] as const;

/** Pages whose content follows the filter and the range of time in the URL. */
export const RANGED_PAGES: readonly string[] = ['/map', '/traces', '/analytics'];

/** Pages whose content follows the range of time, but no filter. */
export const TIMED_PAGES: readonly string[] = ['/compare', '/groups', '/insights'];

/** Pages that are of a group's traces. */
export const GROUPED_PAGES: readonly string[] = [...RANGED_PAGES, '/insights'];

/** Those of them that can follow what comes in. */
export const FOLLOWING_PAGES: readonly string[] = ['/map', '/traces'];

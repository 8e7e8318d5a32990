// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCheck, IconLink, IconLinkOff } from '@tabler/icons-react';
import { useLocation } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { linkOf } from './link';
import { RANGED_PAGES } from './navigation';
import { useRange } from './range-context';

const SHOWN_MILLIS = 2_000;
const LABELS = { idle: 'Copy link', done: 'Copied, with times that do not move', failed: 'The browser does not let it' } as const;
const ICONS = { idle: IconLink, done: IconCheck, failed: IconLinkOff };

/** Copies the address of what is shown, so that it shows the same tomorrow. */
export function CopyLink(): ReactNode {
  const location = useLocation();
  const { range } = useRange();
  const [state, setState] = useState<keyof typeof LABELS>('idle');
  useEffect(() => {
    if (state === 'idle') {
      return undefined;
    }
    const timer = setTimeout(() => setState('idle'), SHOWN_MILLIS);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async (): Promise<void> => {
    const pinned = RANGED_PAGES.includes(location.pathname) ? range : undefined;
    try {
      await navigator.clipboard.writeText(linkOf(window.location.href, pinned));
      setState('done');
    } catch {
      // Browsers give no clipboard to pages that did not come over TLS or from this machine.
      setState('failed');
    }
  };
  const Icon = ICONS[state];
  return (
    <Tooltip label={LABELS[state]}>
      <ActionIcon variant="subtle" color="gray" size={30} aria-label={LABELS[state]} onClick={() => void copy()}>
        <Icon size={18} />
      </ActionIcon>
    </Tooltip>
  );
}

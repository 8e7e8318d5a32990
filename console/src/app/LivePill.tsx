// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { IconPlayerPauseFilled } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { formatCount } from '../ui/format';
import { useLive } from './live';
import { useRange } from './range-context';

/** Says whether the page follows what comes in, and turns that on and off. */
export function LivePill(): ReactNode {
  const { live, setLive } = useRange();
  const { heldCount } = useLive();
  const held = live || heldCount === 0 ? '' : `${formatCount(heldCount)} new`;
  return (
    <button
      type="button"
      className={`live-pill${live ? ' live-on' : ''}`}
      title={
        live ? 'The page follows what comes in; press to pause (l)' : 'Press to follow what comes in (l)'
      }
      onClick={() => setLive(!live)}
    >
      {live ? <span className="live-dot" aria-hidden /> : <IconPlayerPauseFilled size={11} aria-hidden />}
      {live ? 'LIVE' : 'PAUSED'}
      {held !== '' && <span className="live-held">{held}</span>}
    </button>
  );
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { useNavigate, useSearch } from '@tanstack/react-router';
import { createContext, use, useCallback, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { epochMillis } from '../ui/units';
import type { EpochMillis } from '../ui/units';
import { scopeOf } from './group-scope';
import { sharedSearch, withoutDefaults } from './search-params';
import type { SharedSearch } from './search-params';
import { DEFAULT_RANGE, resolveRange } from './time-range';
import type { RangeTexts, ResolvedRange } from './time-range';

type RangeState = {
  readonly texts: RangeTexts;
  /** What the texts stand for; undefined if that is no range. */
  readonly range: ResolvedRange | undefined;
  /** The moment that the page takes for now: all panels of a page speak of the same time. */
  readonly now: EpochMillis;
  readonly refresh: () => void;
  readonly setRange: (texts: RangeTexts) => void;
  readonly filter: string;
  readonly setFilter: (filter: string) => void;
  /** Undefined for all traces. */
  readonly group: string | undefined;
  readonly setGroup: (group: string | undefined) => void;
  /** What to ask the server for: the filter, of the group's traces. */
  readonly scope: string;
  /** Whether the range follows what comes in. */
  readonly live: boolean;
  readonly setLive: (live: boolean) => void;
};

const RangeContext = createContext<RangeState | undefined>(undefined);

export function RangeProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const [now, setNow] = useState(() => epochMillis(Date.now()));
  const refresh = useCallback(() => setNow(epochMillis(Date.now())), []);
  const { group, q = '', from = DEFAULT_RANGE.from, to = DEFAULT_RANGE.to, live } = sharedSearch(search);
  const setRange = useCallback(
    (texts: RangeTexts) => {
      refresh();
      void navigate({ to: '.', search: (before) => merge(before, texts) });
    },
    [navigate, refresh],
  );
  const setFilter = useCallback(
    (filter: string) => {
      refresh();
      void navigate({ to: '.', search: (before) => merge(before, { q: filter }) });
    },
    [navigate, refresh],
  );
  const setGroup = useCallback(
    (chosen: string | undefined) => {
      refresh();
      void navigate({ to: '.', search: (before) => merge(before, { group: chosen ?? '' }) });
    },
    [navigate, refresh],
  );
  const setLive = useCallback(
    (on: boolean) => {
      if (on) {
        refresh();
      }
      void navigate({
        to: '.',
        replace: true,
        search: (before) =>
          // Only a range that ends now can follow.
          merge(
            before,
            on ? { ...((before.to ?? 'now') === 'now' ? {} : DEFAULT_RANGE), live: '1' } : { live: '' },
          ),
      });
    },
    [navigate, refresh],
  );
  const state = useMemo(() => {
    const texts = { from, to };
    return {
      texts,
      range: resolveRange(texts, now),
      now,
      refresh,
      setRange,
      filter: q,
      setFilter,
      group,
      setGroup,
      scope: scopeOf(group, q),
      live: live === '1' && to === 'now',
      setLive,
    };
  }, [from, to, now, refresh, setRange, q, setFilter, group, setGroup, live, setLive]);
  return <RangeContext value={state}>{children}</RangeContext>;
}

function merge(before: SharedSearch, changed: SharedSearch): SharedSearch {
  const { group: _group, q: _q, from: _from, to: _to, live: _live, ...others } = before;
  return { ...others, ...withoutDefaults({ ...sharedSearch(before), ...changed }) };
}

export function useRange(): RangeState {
  const state = use(RangeContext);
  if (state === undefined) {
    throw new Error('range: missing (expected: below a RangeProvider)');
  }
  return state;
}

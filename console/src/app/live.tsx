// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { createContext, use, useEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { fetchSession } from '../api/routes';
import { CHANGED, STATUS } from '../api/schemas';
import { FOLLOWING_PAGES } from './navigation';
import { useRange } from './range-context';

const ROUTE = '/api/live';

/** At most so often pages that follow ask anew. */
export const FOLLOW_MILLIS = 4_000;

type Live = {
  /** Whether events come; without them the status is asked for now and then. */
  readonly connected: boolean;
  /** Spans that came and are not yet looked for. */
  readonly heldCount: number;
};

const LiveContext = createContext<Live>({ connected: false, heldCount: 0 });

/**
 * Reads the server's events while the tab is seen: keeps the status that every page shows, counts what is held back,
 * and has the range follow where that is wanted.
 */
export function LiveProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const queries = useQueryClient();
  const { live, refresh, now } = useRange();
  const [connected, setConnected] = useState(false);
  const [spanCount, setSpanCount] = useState<number>();
  const [shownCount, setShownCount] = useState<number>();
  const visible = useVisible();
  const { pathname } = useLocation();
  const session = useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => fetchSession(signal),
    staleTime: Infinity,
  });
  const on = visible && session.data !== undefined && (!session.data.tokenRequired || session.data.signedIn);

  useEffect(() => {
    if (!on) {
      return undefined;
    }
    const events = new EventSource(ROUTE);
    events.addEventListener('status', (event) => {
      const status = STATUS.decode(JSON.parse(String(event.data)), '');
      setConnected(true);
      setSpanCount(status.ingest.spanCount);
      queries.setQueryData(['status'], status);
    });
    events.addEventListener('changed', (event) => {
      setSpanCount(CHANGED.decode(JSON.parse(String(event.data)), '').spanCount);
      void queries.invalidateQueries({ queryKey: ['ingest'] });
      void queries.invalidateQueries({ queryKey: ['sample-data'] });
    });
    events.addEventListener('error', () => setConnected(false));
    return () => {
      events.close();
      setConnected(false);
    };
  }, [on, queries]);

  // Whatever moved the range to now looks for all that has come.
  const latest = useRef(spanCount);
  latest.current = spanCount;
  useEffect(() => setShownCount(latest.current), [now]);
  useEffect(() => setShownCount((before) => before ?? spanCount), [spanCount]);
  const heldCount =
    spanCount === undefined || shownCount === undefined ? 0 : Math.max(0, spanCount - shownCount);

  const following = live && on && FOLLOWING_PAGES.includes(pathname);
  const pending = following && heldCount > 0;
  useEffect(() => {
    if (!pending) {
      return undefined;
    }
    const timer = setTimeout(refresh, Math.max(0, now + FOLLOW_MILLIS - Date.now()));
    return () => clearTimeout(timer);
  }, [pending, refresh, now]);

  const state = useMemo(() => ({ connected, heldCount }), [connected, heldCount]);
  return <LiveContext value={state}>{children}</LiveContext>;
}

function useVisible(): boolean {
  const [visible, setVisible] = useState(() => document.visibilityState === 'visible');
  useEffect(() => {
    const look = (): void => setVisible(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return visible;
}

export function useLive(): Live {
  return use(LiveContext);
}

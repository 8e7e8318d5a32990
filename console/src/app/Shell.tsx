// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './shell.css';
import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconKeyboard, IconLogout, IconMoon, IconRefresh, IconSun, IconSunMoon } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate, useRouter, useRouterState } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { ApiError } from '../api/client';
import { fetchSession, signOut } from '../api/routes';
import { GroupPicker, SaveAsGroup } from '../features/groups/GroupPicker';
import { FilterInput } from '../features/search/FilterInput';
import { CopyLink } from './CopyLink';
import { LivePill } from './LivePill';
import { SampleBanner } from './SampleBanner';
import { StatusLine } from './StatusLine';
import { TimeRangePicker } from './TimeRangePicker';
import { setColorScheme, useColorScheme } from './color-scheme';
import type { ColorScheme } from './color-scheme';
import { useKeys } from './keys';
import { useLoaded } from './use-loaded';
import { LiveProvider } from './live';
import { FOLLOWING_PAGES, GROUPED_PAGES, NAVIGATION, RANGED_PAGES, TIMED_PAGES } from './navigation';
import { RangeProvider, useRange } from './range-context';
import { rememberFilter } from './recent-filters';
import { sharedSearch } from './search-params';

/** What stands around every page but the one to sign in. */
export function Shell(): ReactNode {
  // Of the page that is shown, which on the way to another is still the one before.
  const shown = useRouterState({ select: (state) => (state.resolvedLocation ?? state.location).pathname });
  return (
    <RangeProvider>
      {shown === '/login' ? (
        <Outlet />
      ) : (
        <LiveProvider>
          <Frame />
        </LiveProvider>
      )}
    </RangeProvider>
  );
}

const NEXT_SCHEME: Readonly<Record<ColorScheme, ColorScheme>> = {
  system: 'light',
  light: 'dark',
  dark: 'system',
};
const SCHEME_ICONS = { system: IconSunMoon, light: IconSun, dark: IconMoon };

/** Keys that go from row to row, or from node to node. */
const WALKING: readonly string[] = [
  'ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'PageDown', 'PageUp', 'Home', 'End', 'j', 'k', 'x', 'Enter',
];

const loadHelp = async () => (await import('./KeyboardHelp')).KeyboardHelp;
const loadPalette = async () => (await import('./Palette')).Palette;

function isRow(target: EventTarget): boolean {
  return target instanceof Element && target.closest('.trace-row[data-index]') !== null;
}

function isAt(pathname: string, path: string): boolean {
  return pathname === path || pathname.startsWith(`${path}/`);
}

function Frame(): ReactNode {
  const location = useLocation();
  const navigate = useNavigate();
  const ranged = RANGED_PAGES.includes(location.pathname);
  const timed = ranged || TIMED_PAGES.includes(location.pathname);
  const scheme = useColorScheme();
  const [helpOpen, setHelpOpen] = useState(false);
  const filterRef = useRef<HTMLInputElement>(null);
  const [timeOpen, setTimeOpen] = useState(false);
  const { refresh, filter, live, setLive } = useRange();
  const [paletteOpen, setPaletteOpen] = useState(false);
  const closeHelp = useCallback(() => setHelpOpen(false), []);
  const closePalette = useCallback(() => setPaletteOpen(false), []);
  const KeyboardHelp = useLoaded(helpOpen, loadHelp, closeHelp);
  const Palette = useLoaded(paletteOpen, loadPalette, closePalette);
  const follows = FOLLOWING_PAGES.includes(location.pathname);
  const queries = useQueryClient();
  const session = useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => fetchSession(signal),
    staleTime: Infinity,
  });
  const shared = sharedSearch(location.search);
  const signedOut = session.data?.tokenRequired === true && !session.data.signedIn;

  const router = useRouter();
  const toLogin = useCallback(() => {
    const { pathname, href } = router.state.location;
    // More than one answer may tell, and while this page is still shown.
    if (pathname !== '/login') {
      void navigate({ to: '/login', search: { next: href }, replace: true });
    }
  }, [navigate, router]);
  useEffect(() => {
    if (signedOut) {
      toLogin();
    }
  }, [signedOut, toLogin]);
  // Whatever the page asks for, the session may have ended meanwhile.
  useEffect(
    () =>
      queries.getQueryCache().subscribe((event) => {
        const error = event.query.state.error;
        if (event.type === 'updated' && error instanceof ApiError && error.status === 401) {
          toLogin();
        }
      }),
    [queries, toLogin],
  );

  useEffect(() => {
    if (filter !== '') {
      rememberFilter(filter);
    }
  }, [filter]);
  useEffect(() => {
    // Also from within a field: it is no letter.
    const onKeyDown = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key === 'k') {
        event.preventDefault();
        setPaletteOpen((before) => !before);
      }
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
  // Who scrolls, points at a row or walks by keys reads, and does not want it to move away.
  const pause = live && follows ? () => setLive(false) : undefined;

  const keys = useMemo(
    () => [
      ...NAVIGATION.map(({ to, label, keys: key }) => ({
        keys: key,
        label: `Go to ${label.toLowerCase()}`,
        run: () => void navigate({ to, search: shared }),
      })),
      ...(ranged ? [{ keys: '/', label: 'Filter', run: () => filterRef.current?.focus() }] : []),
      ...(timed
        ? [
            { keys: 't', label: 'Time range', run: () => setTimeOpen(true) },
            { keys: 'r', label: 'Refresh', run: refresh },
            ...(follows ? [{ keys: 'l', label: 'Live or paused', run: () => setLive(!live) }] : []),
          ]
        : []),
      {
        keys: 'd',
        label: 'Dark or light',
        run: () => setColorScheme(scheme.shown === 'dark' ? 'light' : 'dark'),
      },
      { keys: '?', label: 'This list', run: () => setHelpOpen(true) },
      { keys: 'Ctrl k', label: 'Go to a page, service or trace', run: () => setPaletteOpen(true) },
    ],
    // What of shared matters is in the address.
    [navigate, location.href, ranged, timed, refresh, scheme.shown, follows, live, setLive],
  );
  useKeys(keys);

  const SchemeIcon = SCHEME_ICONS[scheme.chosen];
  return (
    <div className="shell">
      <a className="skip-link" href="#page">
        Skip to the page
      </a>
      <header className="topbar">
        <Link to="/traces" search={shared} className="brand" aria-label="Roentgen, to the traces">
          <img src="/favicon.svg" alt="" width="22" height="22" />
          <span>Roentgen</span>
        </Link>
        <div className="topbar-middle">
          {GROUPED_PAGES.includes(location.pathname) && <GroupPicker />}
          {ranged && (
            <>
              <FilterInput ref={filterRef} />
              <SaveAsGroup />
            </>
          )}
          {timed && (
            <>
              <TimeRangePicker opened={timeOpen} onOpenedChange={setTimeOpen} />
              <Tooltip label="Refresh (r)">
                <ActionIcon variant="default" size={30} aria-label="Refresh" onClick={refresh}>
                  <IconRefresh size={16} />
                </ActionIcon>
              </Tooltip>
              {follows && <LivePill />}
            </>
          )}
        </div>
        <CopyLink />
        <Tooltip label="Keys (?)">
          <ActionIcon
            variant="subtle"
            color="gray"
            size={30}
            aria-label="Keys"
            onClick={() => setHelpOpen(true)}
          >
            <IconKeyboard size={18} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={`Colours: ${scheme.chosen}`}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={30}
            aria-label={`Colours: ${scheme.chosen}`}
            onClick={() => setColorScheme(NEXT_SCHEME[scheme.chosen])}
          >
            <SchemeIcon size={18} />
          </ActionIcon>
        </Tooltip>
        {session.data?.tokenRequired === true && (
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            leftSection={<IconLogout size={16} />}
            onClick={() => {
              void signOut().finally(() => {
                queries.clear();
                toLogin();
              });
            }}
          >
            Sign out
          </Button>
        )}
      </header>
      <nav className="rail" aria-label="Pages">
        {NAVIGATION.map(({ to, label, icon: Icon, below }) => (
          <Link
            key={to}
            to={to}
            search={shared}
            className={`rail-link${[to, ...below].some((path) => isAt(location.pathname, path)) ? ' rail-here' : ''}`}
            activeProps={{ 'aria-current': 'page' }}
          >
            <Icon size={20} stroke={1.6} aria-hidden />
            {label}
          </Link>
        ))}
      </nav>
      <div className="page-frame">
        {!signedOut && <SampleBanner />}
        <main
          id="page"
          className="page"
          tabIndex={-1}
          onWheel={pause}
          onTouchMove={pause}
          onMouseMove={
            // What slides below a pointer that rests is no one pointing at it.
            pause && ((event) => (event.movementX !== 0 || event.movementY !== 0) && isRow(event.target) && pause())
          }
          onKeyDown={pause && ((event) => WALKING.includes(event.key) && pause())}
        >
          {!signedOut && <Outlet />}
        </main>
      </div>
      <StatusLine />
      {KeyboardHelp && <KeyboardHelp opened={helpOpen} onClose={closeHelp} />}
      {Palette && <Palette opened={paletteOpen} onClose={closePalette} shared={shared} />}
    </div>
  );
}

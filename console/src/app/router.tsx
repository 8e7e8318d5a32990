// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { fetchSession, fetchStatus } from '../api/routes';
import { NotFoundPage } from './NotFoundPage';
import { PageFailure } from './PageFailure';
import { Shell } from './Shell';
import { parseSearch, sharedSearch, stringifySearch, textsOf } from './search-params';

/*
 * The pages. A new one is a route here, a line in pages.json (what the server answers with the page), and where people
 * are to find it, in navigation.ts.
 */

const root = createRootRouteWithContext<{ readonly queries: QueryClient }>()({
  validateSearch: sharedSearch,
  component: Shell,
  notFoundComponent: NotFoundPage,
});

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: async ({ search, context }) => {
    throw redirect({ to: await firstPage(context.queries), search, replace: true });
  },
});

/** How to send spans, as long as there never was one. */
async function firstPage(queries: QueryClient): Promise<'/start' | '/traces'> {
  try {
    const session = await queries.fetchQuery({ queryKey: ['session'], queryFn: () => fetchSession() });
    if (session.tokenRequired && !session.signedIn) {
      return '/traces';
    }
    const { ingest, store } = await queries.fetchQuery({
      queryKey: ['status'],
      queryFn: () => fetchStatus(),
    });
    const ever = ingest.spanCount + store.liveSpanCount + store.partSpanCount + store.deletedSpanCount > 0;
    return ever ? '/traces' : '/start';
  } catch {
    // The page itself says what is wrong.
    return '/traces';
  }
}

const map = createRoute({
  getParentRoute: () => root,
  path: '/map',
  validateSearch: (search: Record<string, unknown>) =>
    textsOf(search, 'sel', 'focus', 'hops', 'label', 'min', 'view', 'size', 'by', 'open', 'hide', 'cmp', 'at'),
  component: lazyRouteComponent(() => import('../features/map/MapPage'), 'MapPage'),
});

const traces = createRoute({
  getParentRoute: () => root,
  path: '/traces',
  validateSearch: (search: Record<string, unknown>) => textsOf(search, 'cols', 'refine', 'view'),
  component: lazyRouteComponent(() => import('../features/search/TracesPage'), 'TracesPage'),
});

const trace = createRoute({
  getParentRoute: () => root,
  path: '/trace/$id',
  validateSearch: (search: Record<string, unknown>) => textsOf(search, 'span', 'find', 'hide', 'tab'),
  component: lazyRouteComponent(() => import('../features/trace/TracePage'), 'TracePage'),
});

const compare = createRoute({
  getParentRoute: () => root,
  path: '/compare',
  validateSearch: (search: Record<string, unknown>) =>
    textsOf(search, 'a', 'aFilter', 'aLike', 'b', 'bFilter', 'bLike', 'sort', 'min'),
  component: lazyRouteComponent(() => import('../features/compare/ComparePage'), 'ComparePage'),
});

const analytics = createRoute({
  getParentRoute: () => root,
  path: '/analytics',
  validateSearch: (search: Record<string, unknown>) => textsOf(search, 'a', 'b'),
  component: lazyRouteComponent(() => import('../features/analytics/AnalyticsPage'), 'AnalyticsPage'),
});

const groups = createRoute({
  getParentRoute: () => root,
  path: '/groups',
  validateSearch: (search: Record<string, unknown>) => textsOf(search, 'new', 'edit'),
  component: lazyRouteComponent(() => import('../features/groups/GroupsPage'), 'GroupsPage'),
});

const sampling = createRoute({
  getParentRoute: () => root,
  path: '/sampling',
  validateSearch: (search: Record<string, unknown>) => textsOf(search, 'new', 'edit'),
  component: lazyRouteComponent(() => import('../features/sampling/SamplingPage'), 'SamplingPage'),
});

const insights = createRoute({
  getParentRoute: () => root,
  path: '/insights',
  validateSearch: (search: Record<string, unknown>) => textsOf(search, 'state'),
  component: lazyRouteComponent(() => import('../features/insights/InsightsPage'), 'InsightsPage'),
});

const insight = createRoute({
  getParentRoute: () => root,
  path: '/insights/$id',
  component: lazyRouteComponent(() => import('../features/insights/InsightPage'), 'InsightPage'),
});

const start = createRoute({
  getParentRoute: () => root,
  path: '/start',
  validateSearch: (search: Record<string, unknown>) => textsOf(search, 'with'),
  component: lazyRouteComponent(() => import('../features/start/StartPage'), 'StartPage'),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('../features/settings/SettingsPage'), 'SettingsPage'),
});

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search: Record<string, unknown>) => textsOf(search, 'next'),
  component: lazyRouteComponent(() => import('../features/login/LoginPage'), 'LoginPage'),
});

const routeTree = root.addChildren([
  home,
  map,
  traces,
  trace,
  compare,
  analytics,
  groups,
  sampling,
  insights,
  insight,
  login,
  start,
  settings,
]);

export function createConsoleRouter(queries: QueryClient) {
  return createRouter({
    routeTree,
    context: { queries },
    parseSearch,
    stringifySearch,
    defaultErrorComponent: (failure) => <PageFailure {...failure} />,
    // Fetched when the pointer comes near, so that a click shows the page at once.
    defaultPreload: 'intent',
    scrollRestoration: false,
  });
}

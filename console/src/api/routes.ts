// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { get, send } from './client';
import { SESSION, STATUS, TRACE_PAGE } from './schemas';
import type { Session, Status, TracePage } from './schemas';
import type { EpochMillis } from '../ui/units';

export type Range = { readonly start: EpochMillis; readonly end: EpochMillis };

export function fetchStatus(signal?: AbortSignal): Promise<Status> {
  return get(STATUS, '/api/status', {}, signal);
}

export function fetchSession(signal?: AbortSignal): Promise<Session> {
  return get(SESSION, '/api/session', {}, signal);
}

export function signIn(token: string): Promise<Session> {
  return send(SESSION, '/api/session', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token }),
  });
}

export function signOut(): Promise<Session> {
  return send(SESSION, '/api/session', { method: 'DELETE' });
}

export function searchTraces(
  range: Range,
  filter: string,
  limit: number,
  cursor: string | undefined,
  signal?: AbortSignal,
): Promise<TracePage> {
  return get(
    TRACE_PAGE,
    '/api/traces',
    { start: range.start, end: range.end, filter, limit, cursor },
    signal,
  );
}

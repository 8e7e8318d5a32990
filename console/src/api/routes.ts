// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { get, path, send } from './client';
import {
  GRAPH,
  GRAPH_DETAILS,
  INGEST,
  OPERATIONS,
  RAW_SPAN,
  SAMPLE_DATA,
  SERVICES,
  SESSION,
  SETTINGS,
  SKELETON,
  SPAN_DETAILS,
  STATUS,
  TRACE_PAGE,
  TRACE_STATISTICS,
} from './schemas';
import type {
  Graph,
  GraphDetails,
  Ingest,
  NodeId,
  Operations,
  RawSpan,
  SampleData,
  Services,
  Session,
  Settings,
  Skeleton,
  SpanDetails,
  Status,
  TracePage,
  TraceStatistics,
} from './schemas';
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
    { start: range.start, end: range.end, filter, limit, cursor, grpcStatus: 'true' },
    signal,
  );
}

export function fetchTraceStatistics(
  range: Range,
  filter: string,
  signal?: AbortSignal,
): Promise<TraceStatistics> {
  return get(
    TRACE_STATISTICS,
    '/api/trace-statistics',
    { start: range.start, end: range.end, filter },
    signal,
  );
}

export function fetchSkeleton(id: string, signal?: AbortSignal): Promise<Skeleton> {
  return get(SKELETON, path`/api/traces/${id}/skeleton`, {}, signal);
}

export function fetchSpan(id: string, spanId: string, signal?: AbortSignal): Promise<SpanDetails> {
  return get(SPAN_DETAILS, path`/api/traces/${id}/spans/${spanId}`, {}, signal);
}

export function fetchRawSpan(id: string, spanId: string, signal?: AbortSignal): Promise<RawSpan> {
  return get(RAW_SPAN, path`/api/traces/${id}/spans/${spanId}/raw`, {}, signal);
}

export function fetchGraph(range: Range, filter: string, signal?: AbortSignal): Promise<Graph> {
  return get(GRAPH, '/api/graph', { start: range.start, end: range.end, filter }, signal);
}

/** One node, or one edge if there is a callee. */
export function fetchGraphDetails(
  range: Range,
  filter: string,
  id: NodeId,
  callee: NodeId | undefined,
  signal?: AbortSignal,
): Promise<GraphDetails> {
  const part =
    callee === undefined
      ? { name: id.name, type: id.type }
      : { callerName: id.name, callerType: id.type, calleeName: callee.name, calleeType: callee.type };
  return get(
    GRAPH_DETAILS,
    '/api/graph/details',
    { start: range.start, end: range.end, filter, ...part },
    signal,
  );
}

export function fetchOperations(range: Range, service: string, signal?: AbortSignal): Promise<Operations> {
  return get(
    OPERATIONS,
    path`/api/services/${service}/operations`,
    { start: range.start, end: range.end },
    signal,
  );
}

// ---------------------------------------------------------------------------------- start, settings, palette

export function fetchIngest(signal?: AbortSignal): Promise<Ingest> {
  return get(INGEST, '/api/ingest', {}, signal);
}

export function fetchSettings(signal?: AbortSignal): Promise<Settings> {
  return get(SETTINGS, '/api/settings', {}, signal);
}

export function fetchSampleData(signal?: AbortSignal): Promise<SampleData> {
  return get(SAMPLE_DATA, '/api/sample-data', {}, signal);
}

export function loadSampleData(): Promise<SampleData> {
  return send(SAMPLE_DATA, '/api/sample-data', { method: 'POST' });
}

export function removeSampleData(): Promise<SampleData> {
  return send(SAMPLE_DATA, '/api/sample-data', { method: 'DELETE' });
}

export function fetchServices(range: Range, signal?: AbortSignal): Promise<Services> {
  return get(SERVICES, '/api/services', { start: range.start, end: range.end }, signal);
}

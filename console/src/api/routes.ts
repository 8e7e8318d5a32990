// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { get, path, send } from './client';
import {
  GRAPH,
  GRAPH_DETAILS,
  GROUP,
  GROUPS,
  INSIGHT,
  INSIGHTS,
  OPERATIONS,
  RAW_SPAN,
  SAMPLING_RULE,
  SAMPLING_RULES,
  SAMPLING_STATISTICS,
  SESSION,
  SIMULATION,
  SKELETON,
  SPAN_DETAILS,
  STATUS,
  TRACE_PAGE,
  TRACE_STATISTICS,
} from './schemas';
import type {
  Graph,
  GraphDetails,
  Group,
  Insight,
  NodeId,
  Operations,
  RawSpan,
  SamplingRule,
  SamplingStatistics,
  Session,
  Simulation,
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

/* Groups, sampling rules and insights. */

function change(method: 'POST' | 'PUT' | 'DELETE', body?: unknown, signal?: AbortSignal): RequestInit {
  return {
    method,
    signal: signal ?? null,
    ...(body === undefined
      ? {}
      : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  };
}

export type GroupChange = {
  readonly name?: string;
  readonly filter?: string;
  readonly insights?: Group['insights'];
};

export async function fetchGroups(signal?: AbortSignal): Promise<readonly Group[]> {
  return (await get(GROUPS, '/api/groups', {}, signal)).groups;
}

export function createGroup(group: GroupChange): Promise<Group> {
  return send(GROUP, '/api/groups', change('POST', group));
}

export function updateGroup(name: string, group: GroupChange): Promise<Group> {
  return send(GROUP, path`/api/groups/${name}`, change('PUT', group));
}

export function deleteGroup(name: string): Promise<Group> {
  return send(GROUP, path`/api/groups/${name}`, change('DELETE'));
}

/** A rule, or what of one is to be changed. */
export type RuleChange = Omit<Partial<SamplingRule>, 'attributes' | 'source'> & {
  readonly attributes?: Readonly<Record<string, string>>;
};

export async function fetchSamplingRules(signal?: AbortSignal): Promise<readonly SamplingRule[]> {
  return (await get(SAMPLING_RULES, '/api/sampling/rules', {}, signal)).rules;
}

export function createSamplingRule(rule: RuleChange): Promise<SamplingRule> {
  return send(SAMPLING_RULE, '/api/sampling/rules', change('POST', rule));
}

export function updateSamplingRule(name: string, rule: RuleChange): Promise<SamplingRule> {
  return send(SAMPLING_RULE, path`/api/sampling/rules/${name}`, change('PUT', rule));
}

export function deleteSamplingRule(name: string): Promise<SamplingRule> {
  return send(SAMPLING_RULE, path`/api/sampling/rules/${name}`, change('DELETE'));
}

/** What rules would have kept in the last hour; those in force unless given. */
export function simulateSampling(
  rules: readonly RuleChange[] | undefined,
  signal?: AbortSignal,
): Promise<Simulation> {
  return send(SIMULATION, '/api/sampling/simulation', change('POST', rules && { rules }, signal));
}

export async function fetchSamplingStatistics(signal?: AbortSignal): Promise<SamplingStatistics['rules']> {
  return (await get(SAMPLING_STATISTICS, '/api/sampling/statistics', {}, signal)).rules;
}

export async function fetchInsights(
  range: Range,
  group: string | undefined,
  signal?: AbortSignal,
): Promise<readonly Insight[]> {
  return (await get(INSIGHTS, '/api/insights', { start: range.start, end: range.end, group }, signal))
    .insights;
}

export function fetchInsight(id: string, signal?: AbortSignal): Promise<Insight> {
  return get(INSIGHT, path`/api/insights/${id}`, {}, signal);
}

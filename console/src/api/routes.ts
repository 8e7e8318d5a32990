// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { get, path, send } from './client';
import {
  ANALYTICS,
  COMPARISON,
  COMPLETIONS,
  FIELD_VALUES,
  GRAPH,
  GRAPH_DETAILS,
  GRAPH_ERRORS,
  GROUP,
  GROUPS,
  INGEST,
  INSIGHT,
  INSIGHTS,
  MARKS,
  OPERATIONS,
  PARSED_FILTER,
  RAW_SPAN,
  RAW_TRACE,
  SAMPLE_DATA,
  SAMPLING_RULE,
  SAMPLING_RULES,
  SAMPLING_STATISTICS,
  SERVICES,
  SESSION,
  SETTINGS,
  SIMULATION,
  SKELETON,
  SPAN_DETAILS,
  SPAN_RANK,
  STATUS,
  TRACE_FIELDS,
  TRACE_PAGE,
  TRACE_STATISTICS,
} from './schemas';
import type {
  Analytics,
  Comparison,
  Completions,
  FieldValues,
  Graph,
  GraphDetails,
  GraphErrors,
  Group,
  Ingest,
  Insight,
  Mark,
  NodeId,
  Operations,
  ParsedFilter,
  RawSpan,
  RawTrace,
  SampleData,
  SamplingRule,
  SamplingStatistics,
  Services,
  Session,
  Settings,
  Simulation,
  SkeletonColumns,
  SpanDetails,
  SpanRank,
  Status,
  TraceFields,
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
  fields: readonly string[],
  signal?: AbortSignal,
): Promise<TracePage> {
  return get(
    TRACE_PAGE,
    '/api/traces',
    { start: range.start, end: range.end, filter, limit, cursor, grpcStatus: 'true', field: fields },
    signal,
  );
}

export function fetchTraceStatistics(
  range: Range,
  filter: string,
  columns: number | undefined,
  signal?: AbortSignal,
): Promise<TraceStatistics> {
  return get(
    TRACE_STATISTICS,
    '/api/trace-statistics',
    { start: range.start, end: range.end, filter, columns },
    signal,
  );
}

export function fetchSkeleton(id: string, signal?: AbortSignal): Promise<SkeletonColumns> {
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

export async function fetchMarks(range: Range, signal?: AbortSignal): Promise<readonly Mark[]> {
  return (await get(MARKS, '/api/marks', { start: range.start, end: range.end }, signal)).marks;
}

export function fetchOperations(range: Range, service: string, signal?: AbortSignal): Promise<Operations> {
  return get(
    OPERATIONS,
    path`/api/services/${service}/operations`,
    { start: range.start, end: range.end },
    signal,
  );
}

// ---- trace page

export function fetchSpanRank(
  id: string,
  spanId: string,
  period: string,
  signal?: AbortSignal,
): Promise<SpanRank> {
  return get(SPAN_RANK, path`/api/traces/${id}/spans/${spanId}/rank`, { period }, signal);
}

export function fetchRawTrace(id: string, form: 'xray' | 'otlp', signal?: AbortSignal): Promise<RawTrace> {
  return get(RAW_TRACE, path`/api/traces/${id}/raw`, { form }, signal);
}

export function fetchGraphErrors(range: Range, filter: string, id: NodeId, signal?: AbortSignal): Promise<GraphErrors> {
  return get(
    GRAPH_ERRORS,
    '/api/graph/errors',
    { start: range.start, end: range.end, filter, name: id.name, type: id.type },
    signal,
  );
}

/** A side of a comparison: a trace, or the traces that a filter matches or that came in as a trace did. */
export type Compared = { readonly id?: string; readonly filter?: string; readonly like?: string };

export function fetchComparison(
  range: Range,
  a: Compared,
  b: Compared,
  signal?: AbortSignal,
): Promise<Comparison> {
  return get(
    COMPARISON,
    '/api/compare',
    {
      start: range.start,
      end: range.end,
      a: a.id,
      aFilter: a.filter,
      aLike: a.like,
      b: b.id,
      bFilter: b.filter,
      bLike: b.like,
    },
    signal,
  );
}

/** Without b, set A with all others of the filter. */
export function fetchAnalytics(
  range: Range,
  filter: string,
  a: string,
  b: string | undefined,
  signal?: AbortSignal,
): Promise<Analytics> {
  return get(ANALYTICS, '/api/analytics', { start: range.start, end: range.end, filter, a, b }, signal);
}

/** The keys that annotations of the range have. */
export function fetchTraceFields(range: Range, signal?: AbortSignal): Promise<TraceFields> {
  return get(TRACE_FIELDS, '/api/trace-fields', { start: range.start, end: range.end }, signal);
}

export function fetchFieldValues(
  range: Range,
  filter: string,
  field: string,
  signal?: AbortSignal,
): Promise<FieldValues> {
  return get(
    FIELD_VALUES,
    '/api/trace-fields/values',
    { start: range.start, end: range.end, filter, field, limit: 100 },
    signal,
  );
}

export function parseFilter(expression: string, signal?: AbortSignal): Promise<ParsedFilter> {
  return get(PARSED_FILTER, '/api/filter/parse', { expression }, signal);
}

export function completeFilter(
  range: Range | undefined,
  expression: string,
  position: number,
  signal?: AbortSignal,
): Promise<Completions> {
  return get(
    COMPLETIONS,
    '/api/filter/completions',
    { expression, position, start: range?.start, end: range?.end },
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

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { EpochNanos, Nanos } from '../ui/units';
import { anything, array, choice, digits, flag, number, numbers, object, record, text } from './decode';
import type { Decoded } from './decode';

const epochNanos = digits<EpochNanos>();
const nanos = digits<Nanos>();

export const STATUS = object(
  {
    version: text(),
    startEpochNanos: epochNanos,
    listeners: array(object({ name: text(), address: text(), tls: flag })),
    ingest: object({
      spanCount: number(),
      spansPerSecond: number(),
      drops: array(object({ transport: text(), reason: text(), count: number() })),
    }),
    store: object(
      {
        liveSpanCount: number(),
        liveBytes: number(),
        walBytes: number(),
        partCount: number(),
        partSpanCount: number(),
        partBytes: number(),
        deletedSpanCount: number(),
        corruptedPartCount: number(),
      },
      { diskLimitBytes: number() },
    ),
  },
  {
    disk: object({ dataFolder: text(), totalBytes: number(), usableBytes: number() }),
    sampleData: object({ traceCount: number(), spanCount: number() }),
  },
);
export type Status = Decoded<typeof STATUS>;

export const SESSION = object({ tokenRequired: flag, signedIn: flag });
export type Session = Decoded<typeof SESSION>;

const outcome = { error: flag, fault: flag, throttle: flag };

const FIELD_VALUE = object({ value: text(), clause: text() });
export type FieldValue = Decoded<typeof FIELD_VALUE>;

export const TRACE_PAGE = object(
  {
    traces: array(
      object({
        traceId: text(),
        xrayTraceId: text(),
        startEpochNanos: epochNanos,
        endEpochNanos: epochNanos,
        durationNanos: nanos,
        root: object(
          { spanId: text(), service: text(), name: text(), durationNanos: nanos, ...outcome },
          { grpcStatus: text() },
        ),
        spanCount: number(),
        ...outcome,
        inProgress: flag,
        services: array(text()),
      }, { fields: record(array(FIELD_VALUE)) }),
    ),
    startEpochNanos: epochNanos,
    endEpochNanos: epochNanos,
  },
  { nextCursor: text(), lookedAtCount: number() },
);
export type TracePage = Decoded<typeof TRACE_PAGE>;
export type TraceSummary = TracePage['traces'][number];

const QUANTILES = object({ p50Nanos: nanos, p90Nanos: nanos, p95Nanos: nanos, p99Nanos: nanos });

const integers = numbers((length) => new Int32Array(length));

const HEATMAP = object({
  startEpochNanos: epochNanos,
  columnNanos: nanos,
  columnCount: number(),
  columns: integers,
  buckets: integers,
  counts: integers,
  badCounts: integers,
});
export type Heatmap = Decoded<typeof HEATMAP>;

export const TRACE_STATISTICS = object(
  {
    traceCount: number(),
    buckets: array(
      object({
        fromNanos: nanos,
        toNanos: nanos,
        okCount: number(),
        errorCount: number(),
        throttleCount: number(),
        faultCount: number(),
      }),
    ),
    lookedAtCount: number(),
    limitReached: flag,
    startEpochNanos: epochNanos,
    endEpochNanos: epochNanos,
  },
  { durations: QUANTILES, heatmap: HEATMAP },
);
export type TraceStatistics = Decoded<typeof TRACE_STATISTICS>;

const wholes = numbers((length) => new Float64Array(length));

/** A trace as it comes; features/trace/skeleton.ts makes of it what the page works with. */
export const SKELETON = object({
  traceId: text(),
  xrayTraceId: text(),
  startEpochNanos: epochNanos,
  durationNanos: nanos,
  ...outcome,
  inProgress: flag,
  root: number(),
  spanIds: text(),
  above: integers,
  offsetNanos: wholes,
  lengthNanos: wholes,
  shapes: integers,
  flags: integers,
  statuses: integers,
  shapeServices: integers,
  shapeNames: integers,
  shapeKinds: integers,
  serviceTexts: array(text()),
  nameTexts: array(text()),
  statusTexts: array(text()),
  pathStartNanos: nanos,
  pathSpans: integers,
  pathNanos: wholes,
  deadlineSpans: integers,
  deadlineMillis: wholes,
  attemptSpans: integers,
  attemptNumbers: integers,
  tickSpans: integers,
  tickCounts: integers,
  tickNanos: wholes,
});
export type SkeletonColumns = Decoded<typeof SKELETON>;

/** An attribute's value; what it holds depends on its type, and is looked at where it is shown. */
const VALUE = object({ type: text() }, { value: anything });
export type AttributeValue = Decoded<typeof VALUE>;
const ATTRIBUTES = record(VALUE);
export type Attributes = Decoded<typeof ATTRIBUTES>;

export const SPAN_DETAILS = object({
  span: object(
    {
      spanId: text(),
      placement: choice('root', 'child', 'orphan', 'cycle'),
      service: text(),
      name: text(),
      kind: choice('unspecified', 'internal', 'server', 'client', 'producer', 'consumer'),
      segment: flag,
      startEpochNanos: epochNanos,
      inProgress: flag,
      clockSkewNanos: nanos,
      ...outcome,
      statusCode: choice('unset', 'ok', 'error'),
      attributes: ATTRIBUTES,
      events: array(
        object({ epochNanos, name: text(), attributes: ATTRIBUTES }, { droppedAttributesCount: number() }),
      ),
      links: array(
        object({ traceId: text(), spanId: text(), attributes: ATTRIBUTES }, { traceState: text() }),
      ),
      format: choice('otlp', 'xray'),
    },
    {
      parentSpanId: text(),
      serviceType: text(),
      endEpochNanos: epochNanos,
      durationNanos: nanos,
      statusMessage: text(),
      peerName: text(),
      peerType: text(),
      document: text(),
      droppedAttributesCount: number(),
      droppedEventsCount: number(),
      droppedLinksCount: number(),
    },
  ),
  resourceScope: object({
    resource: object({ attributes: ATTRIBUTES }, { schemaUrl: text() }),
    scope: object({ attributes: ATTRIBUTES }, { name: text(), version: text() }),
  }),
});
export type SpanDetails = Decoded<typeof SPAN_DETAILS>;

export const RAW_SPAN = object({ xray: array(text()), otlp: text() });
export type RawSpan = Decoded<typeof RAW_SPAN>;

const CALLS = object(
  {
    totalCount: number(),
    okCount: number(),
    errorCount: number(),
    throttleCount: number(),
    faultCount: number(),
    totalDurationNanos: nanos,
  },
  { latency: QUANTILES },
);
export type CallStatistics = Decoded<typeof CALLS>;

const NODE_ID = object({ name: text(), type: text() });
export type NodeId = Decoded<typeof NODE_ID>;

export const GRAPH = object({
  nodes: array(object({ name: text(), type: text(), statistics: CALLS }, { durations: QUANTILES })),
  edges: array(
    object(
      { caller: NODE_ID, callee: NODE_ID, statistics: CALLS },
      { link: flag, ages: QUANTILES, aliases: array(NODE_ID) },
    ),
  ),
  startEpochNanos: epochNanos,
  endEpochNanos: epochNanos,
});
export type Graph = Decoded<typeof GRAPH>;

export const GRAPH_DETAILS = object({
  statistics: CALLS,
  buckets: array(object({ fromNanos: nanos, toNanos: nanos, count: number() })),
  periodNanos: nanos,
  periods: array(object({ startEpochNanos: epochNanos, statistics: CALLS })),
  startEpochNanos: epochNanos,
  endEpochNanos: epochNanos,
});
export type GraphDetails = Decoded<typeof GRAPH_DETAILS>;

export const OPERATIONS = object({
  service: text(),
  operations: array(
    object({
      name: text(),
      kind: choice('unspecified', 'internal', 'server', 'client', 'producer', 'consumer'),
    }),
  ),
});
export type Operations = Decoded<typeof OPERATIONS>;

// ---- trace page

export const SPAN_RANK = object(
  {
    spanCount: number(),
    shorterCount: number(),
    equalCount: number(),
    traceCount: number(),
    limitReached: flag,
    startEpochNanos: epochNanos,
    endEpochNanos: epochNanos,
  },
  { durations: QUANTILES },
);
export type SpanRank = Decoded<typeof SPAN_RANK>;

export const RAW_TRACE = object({ spanCount: number(), documents: array(text()) });
export type RawTrace = Decoded<typeof RAW_TRACE>;

export const GRAPH_ERRORS = object({
  errors: array(
    object(
      {
        kind: choice('exception', 'grpc', 'http', 'other'),
        name: text(),
        count: number(),
        traceIds: array(text()),
      },
      { message: text() },
    ),
  ),
  traceCount: number(),
  limitReached: flag,
  startEpochNanos: epochNanos,
  endEpochNanos: epochNanos,
});
export type GraphErrors = Decoded<typeof GRAPH_ERRORS>;

/* Compare and analytics. */

const KIND = choice('unspecified', 'internal', 'server', 'client', 'producer', 'consumer');

const COMPARISON_PART = object({
  traceCount: number(),
  count: number(),
  totalNanos: nanos,
  selfNanos: nanos,
  criticalNanos: nanos,
  failedCount: number(),
});
export type ComparisonPart = Decoded<typeof COMPARISON_PART>;

const COMPARISON_SIDE = object(
  { traceCount: number(), spanCount: number(), durationNanos: nanos, criticalNanos: nanos },
  {
    trace: object({
      xrayTraceId: text(),
      startEpochNanos: epochNanos,
      root: object({ service: text(), name: text() }),
      ...outcome,
      inProgress: flag,
    }),
    entry: object({ service: text(), name: text() }),
    lookedAtCount: number(),
    limitReached: flag,
    startEpochNanos: epochNanos,
  },
);
export type ComparisonSide = Decoded<typeof COMPARISON_SIDE>;

export const COMPARISON = object({
  a: COMPARISON_SIDE,
  b: COMPARISON_SIDE,
  nodes: array(
    object(
      { service: text(), name: text(), kind: KIND },
      { parentIndex: number(), a: COMPARISON_PART, b: COMPARISON_PART },
    ),
  ),
  pathCount: number(),
  leftOutSpanCount: number(),
});
export type Comparison = Decoded<typeof COMPARISON>;
export type ComparisonNode = Comparison['nodes'][number];

const ANALYTICS_SET = object(
  {
    filter: text(),
    traceCount: number(),
    lookedAtCount: number(),
    limitReached: flag,
    startEpochNanos: epochNanos,
  },
  { durations: QUANTILES },
);
export type AnalyticsSet = Decoded<typeof ANALYTICS_SET>;

export const ANALYTICS = object({
  a: ANALYTICS_SET,
  b: ANALYTICS_SET,
  buckets: array(object({ fromNanos: nanos, toNanos: nanos, aCount: number(), bCount: number() })),
  fields: array(
    object({
      name: text(),
      attribute: flag,
      numeric: flag,
      score: number(),
      inExpression: flag,
      valueCount: number(),
      aCount: number(),
      bCount: number(),
      values: array(object({ text: text(), aCount: number(), bCount: number() }, { filter: text() })),
    }),
  ),
  fieldCount: number(),
  fieldsLeftOut: flag,
  causes: array(
    object(
      {
        kind: choice('fault', 'error', 'responseTime'),
        steps: array(object({ service: text(), operation: text() })),
        aCount: number(),
        bCount: number(),
      },
      { exception: text(), filter: text() },
    ),
  ),
});
export type Analytics = Decoded<typeof ANALYTICS>;
export type AnalyticsField = Analytics['fields'][number];
export type AnalyticsCause = Analytics['causes'][number];

const scanned = {
  lookedAtCount: number(),
  limitReached: flag,
  startEpochNanos: epochNanos,
  endEpochNanos: epochNanos,
};

export const TRACE_FIELDS = object({
  annotationKeys: array(object({ key: text(), field: text(), traceCount: number() })),
  ...scanned,
});
export type TraceFields = Decoded<typeof TRACE_FIELDS>;

export const FIELD_VALUES = object({
  field: text(),
  traceCount: number(),
  withoutCount: number(),
  valueCount: number(),
  valuesLeftOut: flag,
  values: array(
    object({
      value: text(),
      clause: text(),
      traceCount: number(),
      errorCount: number(),
      throttleCount: number(),
      faultCount: number(),
      meanDurationNanos: nanos,
    }),
  ),
  ...scanned,
});
export type FieldValues = Decoded<typeof FIELD_VALUES>;

const FILTER_PROBLEM = object(
  { message: text(), position: number(), found: text(), expected: text() },
  { hint: text() },
);
export type FilterProblemAt = Decoded<typeof FILTER_PROBLEM>;

export const PARSED_FILTER = object(
  { terms: array(object({ from: number(), to: number(), text: text() })) },
  { problem: FILTER_PROBLEM },
);
export type ParsedFilter = Decoded<typeof PARSED_FILTER>;

export const COMPLETIONS = object(
  {
    from: number(),
    to: number(),
    completions: array(
      object(
        {
          text: text(),
          label: text(),
          kind: choice('keyword', 'operator', 'sign', 'join', 'service', 'type', 'key', 'value'),
        },
        { help: text(), count: number() },
      ),
    ),
    completionsLeftOut: flag,
  },
  { lookedAtCount: number(), limitReached: flag, problem: FILTER_PROBLEM },
);
export type Completions = Decoded<typeof COMPLETIONS>;

/* Groups, sampling rules and insights. */

export const GROUP = object({
  name: text(),
  filter: text(),
  insights: object({ enabled: flag, notifications: flag }),
});
export const GROUPS = object({ groups: array(GROUP) });
export type Group = Decoded<typeof GROUP>;

const RULE = {
  name: text(),
  priority: number(),
  reservoirSize: number(),
  fixedRate: number(),
  serviceName: text(),
  serviceType: text(),
  host: text(),
  httpMethod: text(),
  urlPath: text(),
  resourceArn: text(),
  attributes: record(text()),
};
const BOOST = { rateBoost: object({ maxRate: number(), cooldownWindowMinutes: number() }) };

export const SAMPLING_RULE = object({ ...RULE, source: choice('api', 'file', 'builtIn') }, BOOST);
export const SAMPLING_RULES = object({ rules: array(SAMPLING_RULE) });
export type SamplingRule = Decoded<typeof SAMPLING_RULE>;

export const SIMULATION = object(
  {
    rules: array(
      object({ ...RULE, matchedCount: number(), expectedCount: number() }, { ...BOOST, share: number() }),
    ),
    traceCount: number(),
    expectedCount: number(),
    sampledByRuleCount: number(),
    limitReached: flag,
    startEpochNanos: epochNanos,
    endEpochNanos: epochNanos,
  },
  { share: number() },
);
export type Simulation = Decoded<typeof SIMULATION>;

export const SAMPLING_STATISTICS = object({
  rules: array(
    object({ name: text(), requestCount: number(), sampledCount: number(), borrowCount: number() }),
  ),
});
export type SamplingStatistics = Decoded<typeof SAMPLING_STATISTICS>;

const IMPACT = object({ totalCount: number(), faultCount: number(), okCount: number() });
export type Impact = Decoded<typeof IMPACT>;

export const INSIGHT = object(
  {
    id: text(),
    group: text(),
    state: choice('active', 'closed'),
    categories: array(choice('fault', 'latency')),
    summary: text(),
    startEpochNanos: epochNanos,
    updatedEpochNanos: epochNanos,
    rootCause: NODE_ID,
    clientImpact: IMPACT,
    rootCauseImpact: IMPACT,
    anomalous: array(NODE_ID),
    exampleTraces: array(
      object({ xrayTraceId: text(), category: choice('fault', 'latency'), startEpochNanos: epochNanos }),
    ),
    events: array(
      object({
        epochNanos,
        summary: text(),
        clientImpact: IMPACT,
        rootCauseImpact: IMPACT,
        anomalous: array(NODE_ID),
      }),
    ),
  },
  { endEpochNanos: epochNanos, slowNanos: nanos },
);
export const INSIGHTS = object({ insights: array(INSIGHT) });
export type Insight = Decoded<typeof INSIGHT>;

const MARK = object(
  { id: text(), startEpochNanos: epochNanos, title: text(), tags: array(text()) },
  { endEpochNanos: epochNanos, text: text(), service: text() },
);
export const MARKS = object({ marks: array(MARK), startEpochNanos: epochNanos, endEpochNanos: epochNanos });
export type Mark = Decoded<typeof MARK>;

// ---------------------------------------------------------------------------------- start, settings, live, palette

const transport = choice('xray_udp', 'xray_http', 'otlp_grpc', 'otlp_http');

export const INGEST = object({
  transports: array(
    object(
      { transport, spanCount: number(), drops: array(object({ reason: text(), count: number() })) },
      {
        lastArrival: object({
          epochNanos,
          spanCount: number(),
          traceId: text(),
          xrayTraceId: text(),
          service: text(),
          name: text(),
        }),
      },
    ),
  ),
  refused: array(object({ transport, reason: text(), epochNanos, count: number(), message: text() })),
});
export type Ingest = Decoded<typeof INGEST>;
export type TransportName = Ingest['transports'][number]['transport'];

export const SETTINGS = object({
  settings: array(object({ key: text(), value: text(), meaning: text() }, { source: text() })),
});
export type Settings = Decoded<typeof SETTINGS>;

export const SAMPLE_DATA = object(
  { loaded: flag },
  {
    startEpochNanos: epochNanos,
    endEpochNanos: epochNanos,
    traceCount: number(),
    spanCount: number(),
    slowTraceId: text(),
  },
);
export type SampleData = Decoded<typeof SAMPLE_DATA>;

export const CHANGED = object({ spanCount: number() });

export const SERVICES = object({ services: array(text()) });
export type Services = Decoded<typeof SERVICES>;

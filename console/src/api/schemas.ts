// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { EpochNanos, Micros, Nanos } from '../ui/units';
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
      }),
    ),
    startEpochNanos: epochNanos,
    endEpochNanos: epochNanos,
  },
  { nextCursor: text(), lookedAtCount: number() },
);
export type TracePage = Decoded<typeof TRACE_PAGE>;
export type TraceSummary = TracePage['traces'][number];

const QUANTILES = object({ p50Nanos: nanos, p90Nanos: nanos, p95Nanos: nanos, p99Nanos: nanos });

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
  { durations: QUANTILES },
);
export type TraceStatistics = Decoded<typeof TRACE_STATISTICS>;

const integers = numbers((length) => new Int32Array(length));
const micros = numbers((length) => new Float64Array(length));

export const SKELETON = object({
  traceId: text(),
  xrayTraceId: text(),
  startEpochNanos: epochNanos,
  durationNanos: nanos,
  ...outcome,
  inProgress: flag,
  root: number(),
  spanIds: text(),
  parents: integers,
  startMicros: micros,
  durationMicros: micros,
  services: integers,
  names: integers,
  kinds: integers,
  flags: integers,
  statuses: integers,
  serviceTexts: array(text()),
  nameTexts: array(text()),
  statusTexts: array(text()),
  criticalPath: array(
    object({ span: number(), startMicros: number<Micros>(), durationMicros: number<Micros>() }),
  ),
});
export type Skeleton = Decoded<typeof SKELETON>;

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

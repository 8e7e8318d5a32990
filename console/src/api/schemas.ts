// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { EpochNanos, Nanos } from '../ui/units';
import { array, digits, flag, number, object, text } from './decode';
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
  { disk: object({ dataFolder: text(), totalBytes: number(), usableBytes: number() }) },
);
export type Status = Decoded<typeof STATUS>;

export const SESSION = object({ tokenRequired: flag, signedIn: flag });
export type Session = Decoded<typeof SESSION>;

const outcome = { error: flag, fault: flag, throttle: flag };

export const TRACE_PAGE = object(
  {
    traces: array(
      object(
        {
          traceId: text(),
          xrayTraceId: text(),
          startEpochNanos: epochNanos,
          endEpochNanos: epochNanos,
          durationNanos: nanos,
          root: object({ spanId: text(), service: text(), name: text(), durationNanos: nanos, ...outcome }),
          spanCount: number(),
          ...outcome,
          inProgress: flag,
          services: array(text()),
        },
        {},
      ),
    ),
    startEpochNanos: epochNanos,
    endEpochNanos: epochNanos,
  },
  { nextCursor: text() },
);
export type TracePage = Decoded<typeof TRACE_PAGE>;
export type TraceSummary = TracePage['traces'][number];

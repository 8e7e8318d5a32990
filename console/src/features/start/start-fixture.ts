// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { Status } from '../../api/schemas';
import type { EpochNanos } from '../../ui/units';

/** A server on unusual ports, for tests. */
export const SNIPPETS_STATUS: Status = {
  version: '1',
  startEpochNanos: '1700000000000000000' as EpochNanos,
  listeners: [
    { name: 'http', address: '127.0.0.1:18600', tls: false },
    { name: 'otlp-grpc', address: '0.0.0.0:14317', tls: false },
    { name: 'otlp-http', address: '127.0.0.1:14318', tls: false },
    { name: 'xray-tcp', address: '127.0.0.1:12001', tls: false },
    { name: 'xray-udp', address: '127.0.0.1:12000', tls: false },
  ],
  ingest: { spanCount: 0, spansPerSecond: 0, drops: [] },
  store: {
    liveSpanCount: 0,
    liveBytes: 0,
    walBytes: 0,
    partCount: 0,
    partSpanCount: 0,
    partBytes: 0,
    deletedSpanCount: 0,
    corruptedPartCount: 0,
  },
};

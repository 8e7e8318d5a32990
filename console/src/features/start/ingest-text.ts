// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { Ingest, TransportName } from '../../api/schemas';

export const TRANSPORTS: Readonly<Record<TransportName, string>> = {
  xray_udp: 'X-Ray over UDP',
  xray_http: 'X-Ray API',
  otlp_grpc: 'OTLP over gRPC',
  otlp_http: 'OTLP over HTTP',
};

export const LISTENERS: Readonly<Record<string, string>> = {
  http: 'Everything, this page too',
  'otlp-grpc': 'OTLP over gRPC',
  'otlp-http': 'OTLP over HTTP',
  'xray-tcp': 'X-Ray rules (TCP)',
  'xray-udp': 'X-Ray segments (UDP)',
};

type Transport = Ingest['transports'][number];
export type Arrival = NonNullable<Transport['lastArrival']> & Pick<Transport, 'transport'>;

/** What came last over any transport. */
export function lastArrival(ingest: Ingest): Arrival | undefined {
  let last: Arrival | undefined;
  for (const { transport, lastArrival: arrival } of ingest.transports) {
    if (
      arrival !== undefined &&
      (last === undefined || BigInt(arrival.epochNanos) > BigInt(last.epochNanos))
    ) {
      last = { ...arrival, transport };
    }
  }
  return last;
}

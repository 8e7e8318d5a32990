// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { Status } from '../../api/schemas';

/** Where this server can be reached, as senders have to spell it; undefined where a listener is off. */
export type Endpoints = {
  readonly http: string;
  readonly otlpGrpc: string;
  readonly otlpHttp: string;
  readonly xrayUdp: string | undefined;
  readonly xrayTcp: string | undefined;
  readonly scheme: 'http' | 'https';
  readonly tokenRequired: boolean;
};

export type Snippet = { readonly title: string; readonly note?: string; readonly code: string };
export type Way = { readonly key: string; readonly label: string; readonly snippets: readonly Snippet[] };

const ANY = /^(?:0\.0\.0\.0|\[?::\]?|\[?0:0:0:0:0:0:0:0\]?)$/;

/** An address with the name by which the browser reached this server, where it listens on all addresses. */
export function reachable(address: string, hostname: string): string {
  const colon = address.lastIndexOf(':');
  return ANY.test(address.slice(0, colon)) ? hostname + address.slice(colon) : address;
}

export function endpointsOf(status: Status, hostname: string, tokenRequired: boolean): Endpoints {
  const at = (name: string): string | undefined => {
    const listener = status.listeners.find((each) => each.name === name);
    return listener && reachable(listener.address, hostname);
  };
  // The main port takes both kinds of OTLP too.
  const http = at('http') ?? hostname;
  return {
    http,
    otlpGrpc: at('otlp-grpc') ?? http,
    otlpHttp: at('otlp-http') ?? http,
    xrayUdp: at('xray-udp'),
    xrayTcp: at('xray-tcp'),
    scheme: status.listeners.some((each) => each.tls) ? 'https' : 'http',
    tokenRequired,
  };
}

/** What AWS_XRAY_DAEMON_ADDRESS has to be. */
export function daemonAddress({ xrayUdp, xrayTcp }: Endpoints): string | undefined {
  if (xrayUdp === undefined) {
    return undefined;
  }
  return xrayTcp === undefined || xrayTcp === xrayUdp ? xrayUdp : `"tcp:${xrayTcp} udp:${xrayUdp}"`;
}

export const KIT_LINES = `GrpcKit kit = GrpcKit.create("shop");
kit.instrument(serverBuilder);
kit.instrument(channelBuilder);`;

/** How to send spans, by what sends them, with the addresses of this server. */
export function waysOf(endpoints: Endpoints): readonly Way[] {
  const { scheme, otlpGrpc, otlpHttp, http, tokenRequired } = endpoints;
  const daemon = daemonAddress(endpoints);
  const header = tokenRequired ? '\nexport OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer $TOKEN"' : '';
  const curlHeader = tokenRequired ? ' \\\n  -H "Authorization: Bearer $TOKEN"' : '';
  const otel = (endpoint: string, protocol: string): string =>
    `export OTEL_SERVICE_NAME=shop
export OTEL_TRACES_EXPORTER=otlp
export OTEL_EXPORTER_OTLP_PROTOCOL=${protocol}
export OTEL_EXPORTER_OTLP_ENDPOINT=${scheme}://${endpoint}${header}
export OTEL_PROPAGATORS=tracecontext,baggage,xray`;
  const variable = `export AWS_XRAY_DAEMON_ADDRESS=${daemon ?? ''}`;
  const xray: readonly Way[] =
    daemon === undefined
      ? []
      : [
          {
            key: 'java-kit',
            label: 'Java gRPC',
            snippets: [
              { title: 'On the builders of a server and of a channel', code: KIT_LINES },
              { title: 'Where the segments go', code: variable },
            ],
          },
          {
            key: 'xray-java',
            label: 'X-Ray Java',
            snippets: [
              { title: 'Before the program starts', code: variable },
              {
                title: 'A first segment',
                code: `AWSXRay.beginSegment("shop");
AWSXRay.createSubsegment("reserve", () -> stock.reserve("book"));
AWSXRay.endSegment();`,
              },
            ],
          },
          {
            key: 'xray-node',
            label: 'X-Ray Node',
            snippets: [
              { title: 'Before the program starts', code: variable },
              {
                title: 'A first segment',
                code: `const AWSXRay = require('aws-xray-sdk-core');
const segment = new AWSXRay.Segment('shop');
segment.addNewSubsegment('reserve').close();
segment.close();`,
              },
            ],
          },
          {
            key: 'xray-python',
            label: 'X-Ray Python',
            snippets: [
              { title: 'Before the program starts', code: variable },
              {
                title: 'A first segment',
                code: `from aws_xray_sdk.core import xray_recorder

xray_recorder.configure(service="shop")
with xray_recorder.in_segment("shop"):
    with xray_recorder.in_subsegment("reserve"):
        pass`,
              },
            ],
          },
        ];
  return [
    ...xray.slice(0, 1),
    {
      key: 'otel-grpc',
      label: 'OpenTelemetry gRPC',
      snippets: [{ title: 'Before the program starts, in any language', code: otel(otlpGrpc, 'grpc') }],
    },
    {
      key: 'otel-http',
      label: 'OpenTelemetry HTTP',
      snippets: [
        { title: 'Before the program starts, in any language', code: otel(otlpHttp, 'http/protobuf') },
      ],
    },
    ...xray.slice(1),
    {
      key: 'aws',
      label: 'AWS CLI',
      snippets: [
        {
          title: 'A first segment',
          note: tokenRequired
            ? 'This server wants its token, which the AWS CLI cannot send, unless it was started with access keys.'
            : 'Any credentials do, unless the server was started with access keys.',
          code: `export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_DEFAULT_REGION=us-east-1
now=$(date +%s)
trace=1-$(printf %08x $now)-$(openssl rand -hex 12)
aws xray put-trace-segments --endpoint-url ${scheme}://${http} \\
  --trace-segment-documents '{"trace_id":"'$trace'","id":"'$(openssl rand -hex 8)'","name":"shop",
  "start_time":'$now',"end_time":'$now'.25}'`,
        },
      ],
    },
    {
      key: 'curl',
      label: 'curl',
      snippets: [
        {
          title: 'A first span, to see whether it arrives',
          ...(tokenRequired
            ? { note: 'TOKEN is the line in the file that the server was started with.' }
            : {}),
          code: `curl ${scheme}://${otlpHttp}/v1/traces${curlHeader} \\
  -H 'Content-Type: application/json' -d '{"resourceSpans":[{
  "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},
  "scopeSpans":[{"spans":[{"traceId":"'$(openssl rand -hex 16)'","spanId":"'$(openssl rand -hex 8)'",
  "name":"GET /hello","kind":2,
  "startTimeUnixNano":"'$(date +%s)'000000000","endTimeUnixNano":"'$(date +%s)'250000000"}]}]}]}'`,
        },
      ],
    },
  ];
}

const HINTS: Readonly<Record<string, string>> = {
  unauthenticated:
    'Have the sender send the header “authorization: Bearer” with this server’s token; OpenTelemetry takes it from OTEL_EXPORTER_OTLP_HEADERS.',
  parse_error:
    'Is this what the port is for? Look at the exporter’s protocol: gRPC, HTTP with protobuf, or JSON.',
  invalid_header:
    'A datagram begins with the line {"format":"json","version":1}, then a line break, then the segment.',
  too_large: 'Send less at a time, or raise the limit; the settings of the server say which.',
  rejected: 'Look at the exporter’s protocol, its content type and how much it sends at a time.',
  overloaded:
    'More came than could be written. Senders that get an answer try again by themselves; UDP does not.',
  store_unavailable: 'The server cannot write now; its log and the disk’s free space say why.',
  kernel_buffer_full:
    'The system dropped datagrams: raise net.core.rmem_max and ingest.udp.receive-buffer-bytes.',
  invalid_trace_id:
    'A trace id has 32 hex digits, or X-Ray’s form 1-8 digits-24 digits, and is not all zeros.',
  invalid_id: 'A span id has 16 hex digits and is not all zeros.',
};

/** What to do about something refused, if that can be said. */
export function hintFor(reason: string): string | undefined {
  return HINTS[reason];
}

/** A reason as people read it: invalid_trace_id is invalid trace id. */
export function reasonText(reason: string): string {
  return reason.replaceAll('_', ' ');
}

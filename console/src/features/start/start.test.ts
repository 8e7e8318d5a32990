// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { SNIPPETS_STATUS } from './start-fixture';
import { lastArrival } from './ingest-text';
import { KIT_LINES, daemonAddress, endpointsOf, hintFor, reachable, waysOf } from './snippets';
import type { EpochNanos } from '../../ui/units';

const endpoints = endpointsOf(SNIPPETS_STATUS, 'trace.example', false);

function codeOf(key: string, from = endpoints): string {
  return (
    waysOf(from)
      .find((way) => way.key === key)
      ?.snippets.map((snippet) => snippet.code)
      .join('\n') ?? ''
  );
}

it('the kit is used as its README says', () => {
  const readme = readFileSync(resolve(import.meta.dirname, '../../../../grpc-kit/README.md'), 'utf8');
  expect(readme).toContain(`\`\`\`java\n${KIT_LINES}\n\`\`\``);
});

it.each([
  ['0.0.0.0:4317', 'trace.example:4317'],
  ['[::]:4317', 'trace.example:4317'],
  ['0:0:0:0:0:0:0:0:4317', 'trace.example:4317'],
  ['127.0.0.1:4317', '127.0.0.1:4317'],
  ['[::1]:4317', '[::1]:4317'],
])('%s is reached at %s', (address, expected) => {
  expect(reachable(address, 'trace.example')).toBe(expected);
});

it('snippets have the addresses of this server', () => {
  expect(codeOf('otel-grpc')).toContain('OTEL_EXPORTER_OTLP_ENDPOINT=http://trace.example:14317');
  expect(codeOf('otel-http')).toContain('OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:14318');
  expect(codeOf('java-kit')).toContain('AWS_XRAY_DAEMON_ADDRESS="tcp:127.0.0.1:12001 udp:127.0.0.1:12000"');
  expect(codeOf('aws')).toContain('--endpoint-url http://127.0.0.1:18600');
  expect(codeOf('curl')).toContain('http://127.0.0.1:14318/v1/traces');
});

it('one port for both is said once, none leaves the X-Ray SDKs out', () => {
  expect(daemonAddress({ ...endpoints, xrayTcp: 'h:2000', xrayUdp: 'h:2000' })).toBe('h:2000');
  const without = waysOf({ ...endpoints, xrayUdp: undefined });
  expect(without.map((way) => way.key)).toEqual(['otel-grpc', 'otel-http', 'aws', 'curl']);
});

it('a token is in what must carry it', () => {
  const guarded = { ...endpoints, tokenRequired: true, scheme: 'https' as const };
  expect(codeOf('otel-grpc', guarded)).toContain('OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer $TOKEN"');
  expect(codeOf('curl', guarded)).toContain(
    'https://127.0.0.1:14318/v1/traces \\\n  -H "Authorization: Bearer $TOKEN"',
  );
});

it('the last arrival is that of any transport', () => {
  const arrival = { spanCount: 1, traceId: 'a', xrayTraceId: 'b', service: 's', name: 'n' };
  const transports = [
    {
      transport: 'xray_udp',
      spanCount: 1,
      drops: [],
      lastArrival: { ...arrival, epochNanos: '9' as EpochNanos },
    },
    {
      transport: 'otlp_grpc',
      spanCount: 1,
      drops: [],
      lastArrival: { ...arrival, epochNanos: '10' as EpochNanos },
    },
    { transport: 'otlp_http', spanCount: 0, drops: [] },
  ] as const;
  expect(lastArrival({ transports, refused: [] })?.transport).toBe('otlp_grpc');
  expect(lastArrival({ transports: transports.slice(2), refused: [] })).toBeUndefined();
});

it('says what to do where that is known', () => {
  expect(hintFor('unauthenticated')).toContain('OTEL_EXPORTER_OTLP_HEADERS');
  expect(hintFor('something else')).toBeUndefined();
});

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { Decoder } from './decode';
import { DecodeError, choice, number, object, text } from './decode';

export const ERROR = object({
  error: object(
    {
      code: choice(
        'invalid_parameter',
        'unknown_parameter',
        'unknown_path',
        'method_not_allowed',
        'trace_not_found',
        'span_not_found',
        'insight_not_found',
        'group_not_found',
        'rule_not_found',
        'mark_not_found',
        'invalid_rules',
        'invalid_body',
        'invalid_token',
        'unauthenticated',
        'cross_site',
        'timeout',
        'overloaded',
        'stopping',
        'store_unavailable',
        'store_corrupted',
        'internal',
      ),
      message: text(),
    },
    {
      parameter: text(),
      position: object({ line: number(), column: number() }, { hint: text() }),
    },
  ),
});

export type ErrorCode = ReturnType<typeof ERROR.decode>['error']['code'] | 'unreachable' | 'not_understood';

/** A request that was not answered as asked; the message is for people. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly parameter: string | undefined;
  readonly position: Readonly<{ line: number; column: number; hint?: string }> | undefined;

  constructor(
    message: string,
    details: {
      readonly code: ErrorCode;
      readonly status?: number;
      readonly parameter?: string | undefined;
      readonly position?: Readonly<{ line: number; column: number; hint?: string }> | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: details.cause });
    this.name = 'ApiError';
    this.code = details.code;
    this.status = details.status ?? 0;
    this.parameter = details.parameter;
    this.position = details.position;
  }

  /** Whether asking again may help. */
  get retriable(): boolean {
    return (
      this.code === 'unreachable' ||
      this.code === 'overloaded' ||
      this.code === 'stopping' ||
      this.code === 'store_unavailable' ||
      this.code === 'internal'
    );
  }
}

/** A list is a parameter that is given several times. */
export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** A path below /api; each value is percent-encoded. */
export function path(strings: TemplateStringsArray, ...values: readonly string[]): string {
  return strings.reduce(
    (whole, part, i) => whole + part + (i < values.length ? encodeURIComponent(values[i] ?? '') : ''),
    '',
  );
}

export async function get<T>(
  decoder: Decoder<T>,
  route: string,
  query: Query = {},
  signal?: AbortSignal,
): Promise<T> {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) {
      value.forEach((each) => parameters.append(name, String(each)));
    } else if (value !== undefined && value !== '') {
      parameters.set(name, String(value));
    }
  }
  const suffix = parameters.size === 0 ? '' : `?${parameters.toString()}`;
  return send(decoder, route + suffix, { signal: signal ?? null });
}

export async function send<T>(decoder: Decoder<T>, route: string, init: RequestInit): Promise<T> {
  let response: Response;
  let body: string;
  try {
    response = await fetch(route, { ...init, headers: { Accept: 'application/json', ...init.headers } });
    body = await response.text();
  } catch (e) {
    if (e instanceof DOMException && e.name === 'AbortError') {
      throw e;
    }
    throw new ApiError('The server does not answer. Is it running?', { code: 'unreachable', cause: e });
  }
  if (!response.ok) {
    throw refusal(response.status, body);
  }
  try {
    return decoder.decode(JSON.parse(body), '');
  } catch (e) {
    if (e instanceof DecodeError || e instanceof SyntaxError) {
      throw new ApiError(
        `The answer was not as expected: ${e.message}. Reload the page if the server was updated.`,
        {
          code: 'not_understood',
          status: response.status,
          cause: e,
        },
      );
    }
    throw e;
  }
}

function refusal(status: number, body: string): ApiError {
  try {
    const { error } = ERROR.decode(JSON.parse(body), '');
    return new ApiError(error.message, {
      code: error.code,
      status,
      parameter: error.parameter,
      position: error.position,
    });
  } catch (e) {
    // Not in the style of the API: from something between here and the server, or the server itself in trouble.
    return new ApiError(`${status}: ${body.trim().slice(0, 200) || 'no reason given'}`, {
      code: 'not_understood',
      status,
      cause: e,
    });
  }
}

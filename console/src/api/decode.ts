// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/*
 * Decoders for what the server answers: each checks a value that came as JSON and gives it its type, so that
 * nothing past this folder needs to doubt it. Members that a decoder does not know are let through, as a newer
 * server may have more to say. A decoder also tells its shape, so that a test can hold it against openapi.yaml.
 */

export class DecodeError extends Error {
  constructor(path: string, found: unknown, expected: string) {
    super(`${path === '' ? 'answer' : path}: ${describe(found)} (expected: ${expected})`);
    this.name = 'DecodeError';
  }
}

function describe(value: unknown): string {
  if (value === undefined) {
    return 'missing';
  }
  const text = JSON.stringify(value);
  return text.length > 64 ? `${text.slice(0, 61)}...` : text;
}

export type Shape =
  | { readonly kind: 'string' | 'number' | 'boolean' | 'unknown' }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | { readonly kind: 'array' | 'record'; readonly item: Shape }
  | { readonly kind: 'object'; readonly required: Members; readonly optional: Members };

type Members = Readonly<Record<string, Shape>>;

export type Decoder<T> = {
  readonly shape: Shape;
  readonly decode: (value: unknown, path: string) => T;
};

export type Decoded<D> = D extends Decoder<infer T> ? T : never;

/** A string; the type parameter brands it. */
export function text<T extends string = string>(): Decoder<T> {
  return {
    shape: { kind: 'string' },
    decode: (value, path) => {
      if (typeof value !== 'string') {
        throw new DecodeError(path, value, 'a string');
      }
      return value as T;
    },
  };
}

const DIGITS = /^-?[0-9]{1,19}$/;

/** A 64-bit integer, which comes as digits. */
export function digits<T extends string>(): Decoder<T> {
  return {
    shape: { kind: 'string' },
    decode: (value, path) => {
      if (typeof value !== 'string' || !DIGITS.test(value)) {
        throw new DecodeError(path, value, 'a whole number as a string');
      }
      return value as T;
    },
  };
}

export function number<T extends number = number>(): Decoder<T> {
  return {
    shape: { kind: 'number' },
    decode: (value, path) => {
      if (typeof value !== 'number') {
        throw new DecodeError(path, value, 'a number');
      }
      return value as T;
    },
  };
}

export const flag: Decoder<boolean> = {
  shape: { kind: 'boolean' },
  decode: (value, path) => {
    if (typeof value !== 'boolean') {
      throw new DecodeError(path, value, 'true or false');
    }
    return value;
  },
};

/** Anything, to be looked at by whom it concerns. */
export const anything: Decoder<unknown> = { shape: { kind: 'unknown' }, decode: (value) => value };

export function choice<const T extends readonly string[]>(...choices: T): Decoder<T[number]> {
  return {
    shape: { kind: 'choice', choices },
    decode: (value, path) => {
      const found = choices.find((each) => each === value);
      if (found === undefined) {
        throw new DecodeError(path, value, choices.join(', '));
      }
      return found;
    },
  };
}

export function array<T>(item: Decoder<T>): Decoder<readonly T[]> {
  return {
    shape: { kind: 'array', item: item.shape },
    decode: (value, path) => {
      if (!Array.isArray(value)) {
        throw new DecodeError(path, value, 'an array');
      }
      return value.map((each: unknown, i) => item.decode(each, `${path}[${i}]`));
    },
  };
}

/** A column of numbers, checked and copied without a call for each. */
export function numbers<T extends Float64Array | Int32Array>(make: (length: number) => T): Decoder<T> {
  return {
    shape: { kind: 'array', item: { kind: 'number' } },
    decode: (value, path) => {
      if (!Array.isArray(value)) {
        throw new DecodeError(path, value, 'an array of numbers');
      }
      const column = make(value.length);
      for (let i = 0; i < value.length; i++) {
        const each: unknown = value[i];
        if (typeof each !== 'number') {
          throw new DecodeError(`${path}[${i}]`, each, 'a number');
        }
        column[i] = each;
      }
      return column;
    },
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object used as a map. */
export function record<T>(item: Decoder<T>): Decoder<ReadonlyMap<string, T>> {
  return {
    shape: { kind: 'record', item: item.shape },
    decode: (value, path) => {
      if (!isObject(value)) {
        throw new DecodeError(path, value, 'an object');
      }
      return new Map(Object.entries(value).map(([key, each]) => [key, item.decode(each, `${path}.${key}`)]));
    },
  };
}

type Decoders = Readonly<Record<string, Decoder<unknown>>>;
type ObjectOf<R extends Decoders, O extends Decoders> = {
  readonly [K in keyof R]: Decoded<R[K]>;
} & { readonly [K in keyof O]?: Decoded<O[K]> };

/** An object whose second set of members may be missing. */
export function object<R extends Decoders, O extends Decoders = {}>(
  required: R,
  optional?: O,
): Decoder<ObjectOf<R, O>> {
  const needed = Object.entries(required);
  const others = Object.entries(optional ?? {});
  const shapes = (from: readonly (readonly [string, Decoder<unknown>])[]): Members =>
    Object.fromEntries(from.map(([key, decoder]) => [key, decoder.shape]));
  return {
    shape: { kind: 'object', required: shapes(needed), optional: shapes(others) },
    decode: (value, path) => {
      if (!isObject(value)) {
        throw new DecodeError(path, value, 'an object');
      }
      const result: Record<string, unknown> = {};
      for (const [key, decoder] of needed) {
        result[key] = decoder.decode(value[key], path === '' ? key : `${path}.${key}`);
      }
      for (const [key, decoder] of others) {
        if (value[key] !== undefined) {
          result[key] = decoder.decode(value[key], path === '' ? key : `${path}.${key}`);
        }
      }
      // Each member was decoded by the decoder that the type names.
      return result as ObjectOf<R, O>;
    },
  };
}

/** What another decoder gives, made into something else; the shape on the wire stays. */
export function map<T, U>(decoder: Decoder<T>, to: (value: T) => U): Decoder<U> {
  return { shape: decoder.shape, decode: (value, path) => to(decoder.decode(value, path)) };
}

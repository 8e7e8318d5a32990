// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** Brands keep numbers of different units apart; a plain number passes for none of them. */
declare const unit: unique symbol;
type Unit<Name extends string> = number & { readonly [unit]: Name };

/** A length of time, or a time since the start of a trace. Fractions are of a microsecond. */
export type Micros = Unit<'micros'>;

/** A point in time since 1970. */
export type EpochMillis = Unit<'epoch-millis'>;

export function micros(value: number): Micros {
  return value as Micros;
}

export function epochMillis(value: number): EpochMillis {
  return value as EpochMillis;
}

/** Epoch nanoseconds as the API spells them: decimal digits, too many for a double. */
export type EpochNanos = string & { readonly [unit]: 'epoch-nanos' };

/** A length in nanoseconds as the API spells it. */
export type Nanos = string & { readonly [unit]: 'nanos' };

const NANOS_PER_MILLI = 1_000_000n;

export function nanosToMicros(nanos: Nanos): Micros {
  return micros(Number(BigInt(nanos)) / 1_000);
}

export function toEpochMillis(time: EpochNanos): EpochMillis {
  return epochMillis(Number(BigInt(time) / NANOS_PER_MILLI));
}

export function toEpochNanos(time: EpochMillis): EpochNanos {
  return String(BigInt(Math.round(time)) * NANOS_PER_MILLI) as EpochNanos;
}

/** Moves a time by an offset; what is less than a nanosecond is dropped. */
export function plusMicros(time: EpochNanos, offset: Micros): EpochNanos {
  return String(BigInt(time) + BigInt(Math.round(offset * 1_000))) as EpochNanos;
}

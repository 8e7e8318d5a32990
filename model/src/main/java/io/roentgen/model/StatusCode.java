// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

/** What the instrumented code said of a span's result. The numbers are those of OTLP. */
public enum StatusCode {
  UNSET,
  OK,
  ERROR;

  private static final StatusCode[] BY_NUMBER = values();

  /** Returns the number that OTLP and the store use. */
  public int number() {
    return ordinal();
  }

  /** Returns the code with that OTLP number; UNSET for a number that no code has. */
  public static StatusCode ofNumber(int number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : UNSET;
  }
}

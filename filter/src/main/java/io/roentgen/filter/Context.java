// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

/** What a condition is about, which says the keywords it may use. */
enum Context {
  TRACE("outside of braces"),
  SERVICE("in service() { }"),
  EDGE("in edge() { }"),
  CAUSE_SERVICE("in rootcause.*.service { }"),
  CAUSE_ENTITY("in rootcause.*.entity { }"),
  SLOW_ENTITY("in rootcause.responsetime.entity { }"),
  CAUSE_EXCEPTION("in rootcause.*.exception { }");

  private final String phrase;

  Context(String phrase) {
    this.phrase = phrase;
  }

  /** Returns where that is, for messages. */
  String phrase() {
    return phrase;
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import io.roentgen.cli.Terminal.Style;

/** How a span or trace went, in one word: fault before throttle before error before ok. */
enum Status {
  FAULT("fault", Style.RED),
  THROTTLE("throttle", Style.MAGENTA),
  ERROR("error", Style.YELLOW),
  OK("ok", Style.GREEN);

  private final String word;
  private final Style style;

  Status(String word, Style style) {
    this.word = word;
    this.style = style;
  }

  /** Returns the status of an object with the members fault, throttle and error. */
  static Status of(JsonObject object) {
    if (object.flag("fault")) {
      return FAULT;
    }
    if (object.flag("throttle")) {
      return THROTTLE;
    }
    return object.flag("error") ? ERROR : OK;
  }

  String word() {
    return word;
  }

  Style style() {
    return style;
  }
}

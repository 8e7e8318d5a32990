// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.platform;

import java.util.List;
import java.util.Locale;

/** A service of the platform: whom it asks, and what it keeps where. */
enum Member {
  A("Hello, from Service A!", 50051, "B", "C"),
  B("Namasté (नमस्ते), from Service B!", 50052, "D", "E"),
  C("Konnichiwa (こんにちは), from Service C!", 50053),
  D("Shalom (שָׁלוֹם), from Service D!", 50054),
  E("Bonjour, from Service E!", 50055, "G", "H"),
  F("Hola, from Service F!", 50056),
  G("Ahlan (أهلا), from Service G!", 50057),
  H("Ciao, from Service H!", 50058);

  final String greeting;
  final int port;
  private final List<String> callees;

  Member(String greeting, int port, String... callees) {
    this.greeting = greeting;
    this.port = port;
    this.callees = List.of(callees);
  }

  /** Returns whom it asks, in turn. */
  List<Member> callees() {
    return callees.stream().map(Member::valueOf).toList();
  }

  /** Returns its name as a host, such as {@code service-a}. */
  String host() {
    return "service-" + name().toLowerCase(Locale.ROOT);
  }

  /** Returns its name in greetings and in the map, such as {@code Service A}. */
  String title() {
    return "Service " + name();
  }

  /** Returns the setting that says where it is. */
  String url() {
    return "SERVICE_" + name() + "_URL";
  }

  /** Returns whether it keeps greetings in a database of its own. */
  boolean hasDatabase() {
    return this == C || this == F || this == G || this == H;
  }

  /** Returns the collection it keeps them in. */
  String collection() {
    return this == F ? "messages" : "greetings";
  }
}

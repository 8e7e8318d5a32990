// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.spring;

import io.grpc.Status;
import io.roentgen.grpc.CallOutcomes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads {@code roentgen.grpc.outcomes.*}. */
final class OutcomeProperties {
  private static final String PREFIX = "outcomes.";

  private CallOutcomes outcomes = CallOutcomes.defaults();

  /** The property that said something, by methods and status. */
  private final Map<String, String> saidBy = new HashMap<>();

  private OutcomeProperties() {}

  /** Adds what one line says. */
  private interface Line {
    CallOutcomes add(String methods, Status.Code... codes);
  }

  static CallOutcomes read(GrpcKitProperties.Outcomes properties) {
    OutcomeProperties read = new OutcomeProperties();
    properties.ok().forEach((m, codes) -> read.add("ok", m, codes, read.outcomes::ok));
    properties.error().forEach((m, codes) -> read.add("error", m, codes, read.outcomes::error));
    properties.fault().forEach((m, codes) -> read.add("fault", m, codes, read.outcomes::fault));
    properties
        .throttle()
        .forEach((m, codes) -> read.add("throttle", m, codes, read.outcomes::throttle));
    return read.outcomes;
  }

  private void add(String kind, String methods, List<Status.Code> codes, Line line) {
    String property = PREFIX + kind + "[" + methods + "]";
    for (Status.Code code : codes) {
      String other = saidBy.put(methods + ' ' + code, property);
      if (other != null && !other.equals(property)) {
        throw GrpcKitAutoConfiguration.refused(
            property, codes, new IllegalArgumentException(code + ": said by " + other + " too"));
      }
    }
    try {
      outcomes = line.add(methods, codes.toArray(new Status.Code[0]));
    } catch (IllegalArgumentException e) {
      throw GrpcKitAutoConfiguration.refused(
          property,
          codes,
          new IllegalArgumentException(
              e.getMessage() + "; methods stand in brackets: outcomes." + kind + "[shop.Cart/Add]",
              e));
    }
  }
}

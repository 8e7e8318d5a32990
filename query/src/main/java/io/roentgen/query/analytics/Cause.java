// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.query.analytics;

import io.roentgen.filter.RootCause;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where faults, errors or the time of traces came from.
 *
 * @param key what the traces have in common
 * @param aCount traces of A with it
 * @param bCount traces of B with it
 */
public record Cause(Key key, int aCount, int bCount) {
  /** What came from there. */
  public enum Kind {
    FAULT("fault"),
    ERROR("error"),
    RESPONSE_TIME("responsetime");

    private final String keyword;

    Kind(String keyword) {
      this.keyword = keyword;
    }
  }

  /**
   * A way down.
   *
   * @param kind what came from there
   * @param steps services from the entry down to where it came from, at least one
   * @param exception the type or else message of what was thrown there first, or empty
   */
  public record Key(Kind kind, List<Step> steps, String exception) {
    public Key {
      steps = List.copyOf(steps);
    }
  }

  /**
   * A service on the way.
   *
   * @param service its name, or empty
   * @param operation the deepest span of it on the way
   */
  public record Step(String service, String operation) {}

  static Key key(Kind kind, RootCause cause) {
    List<Step> steps =
        cause.services().stream()
            .map(
                service ->
                    new Step(
                        service.node().name(),
                        service.entityPath().isEmpty()
                            ? ""
                            : service.entityPath().getLast().name()))
            .toList();
    String exception =
        cause.services().getLast().entityPath().stream()
            .flatMap(entity -> entity.exceptions().stream())
            .map(thrown -> thrown.name().isEmpty() ? thrown.message() : thrown.name())
            .findFirst()
            .orElse("");
    return new Key(kind, steps, exception);
  }

  /**
   * Returns an expression that matches the traces with a root cause of the kind in the last
   * service, or null if there is none.
   */
  public @Nullable String filterOrNull() {
    String name = Fields.quotedOrNull(key.steps().getLast().service());
    return name == null
        ? null
        : "rootcause." + key.kind().keyword + ".service { last AND name = " + name + " }";
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.model.NodeId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a fault, an error or the time came from: the way from the entry point of the trace down to
 * it.
 *
 * @param services the services on the way, at least one
 * @param clientImpacting whether the root of the trace had the fault or error too; true for time
 */
public record RootCause(List<CauseService> services, boolean clientImpacting) {
  public RootCause {
    services = List.copyOf(services);
  }

  /**
   * A service on the way.
   *
   * @param node its node
   * @param accountId the account that it said it runs in, or null
   * @param inferred whether it sent nothing and is known by its caller alone
   * @param entityPath its segment, then the spans below it on the way
   */
  public record CauseService(
      NodeId node, @Nullable String accountId, boolean inferred, List<Entity> entityPath) {
    public CauseService {
      entityPath = List.copyOf(entityPath);
    }
  }

  /**
   * A segment or subsegment on the way.
   *
   * @param name its name
   * @param coverage its duration divided by that of the root; null if it is not time that is looked
   *     for
   * @param remote whether it is the caller's side of a call to another host
   * @param exceptions what it said was thrown, in the order in which it said so
   */
  public record Entity(
      String name, @Nullable Double coverage, boolean remote, List<Thrown> exceptions) {
    public Entity {
      exceptions = List.copyOf(exceptions);
    }
  }

  /**
   * An exception.
   *
   * @param name its type, or empty
   * @param message its text, or empty
   */
  public record Thrown(String name, String message) {}
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.ServerBuilder;
import io.roentgen.ingest.RequestResult;
import io.roentgen.server.intake.Intake;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;

/**
 * Which operation answers at which path. An operation that is not in it is unknown to callers.
 *
 * <p>Operations are of three kinds. Those that bring spans share the admission of all spans. Those
 * that only look at small state answer at once. Those that search spans wait for each other: no
 * more than a bounded number of them run at a time, as each takes memory and a disk.
 */
public final class OperationTable {
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Semaphore searches;

  /** Makes an empty one, of whose operations that search {@code maxSearches} run at a time. */
  public OperationTable(int maxSearches) {
    searches = new Semaphore(maxSearches, true);
  }

  private record Entry(String name, XRayOperation<?> operation, boolean bringsSpans) {}

  /** Adds an operation that sends data in. */
  public OperationTable addIngest(String name, String path, XRayOperation<?> operation) {
    return add(path, new Entry(name, operation, true));
  }

  /** Adds an operation that answers from small state. */
  public OperationTable add(String name, String path, MembersOperation operation) {
    return add(path, new Entry(name, new Reading(operation), false));
  }

  /** Adds an operation that reads spans. */
  public OperationTable addSearch(String name, String path, MembersOperation operation) {
    return add(
        name,
        path,
        (request, json) -> {
          try {
            searches.acquire();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new XRayException(
                HttpStatus.SERVICE_UNAVAILABLE,
                "ServiceUnavailableException",
                "the server is stopping");
          }
          try {
            operation.answer(request, json);
          } finally {
            searches.release();
          }
        });
  }

  private OperationTable add(String path, Entry entry) {
    if (entries.putIfAbsent(path, entry) != null) {
      throw new IllegalStateException("path: " + path + " (expected: one that is free)");
    }
    return this;
  }

  /** Returns the name of the operation at each path, in the order in which they were added. */
  public Map<String, String> names() {
    var names = new LinkedHashMap<String, String>();
    entries.forEach((path, entry) -> names.put(path, entry.name));
    return Collections.unmodifiableMap(names);
  }

  /**
   * Adds the routes. They bound their requests themselves, so the server must not.
   *
   * @param spans runs what brings spans
   * @param questions runs everything else
   * @param access says who may call
   */
  public void addTo(ServerBuilder server, Intake spans, Intake questions, RequestAccess access) {
    entries.forEach(
        (path, entry) ->
            server
                .route()
                .path(path)
                .maxRequestLength(0)
                .build(
                    new XRayService<>(
                        entry.bringsSpans ? spans : questions, entry.operation, access)));
  }

  private record Reading(MembersOperation operation) implements XRayOperation<Members> {
    @Override
    public Members read(JsonParser json) throws IOException {
      return Members.read(json);
    }

    @Override
    public RequestResult answer(Members request, JsonGenerator json) throws IOException {
      operation.answer(request, json);
      return RequestResult.ACCEPTED;
    }
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Finds traces. Every method throws {@link StoreClosedException} if the store was closed. */
public interface TraceReader {
  /**
   * Returns all that is known of a trace; empty if nothing is. Its spans are equal to those written; only the
   * order of keys within attributes may be another.
   */
  Optional<Trace> find(TraceId traceId);

  /** Returns the traces among these that are known, in the order asked for, each once. */
  List<Trace> findAll(Collection<TraceId> traceIds);

  /**
   * Returns the traces that match, newest start first and for equal starts by descending id, at most as many
   * as the query's limit. Following {@link TracePage#next} to its end gives each trace that matched at the
   * start and did not change exactly once.
   *
   * @throws CursorException if the query's cursor was not made by this method for an equal query
   */
  TracePage search(TraceQuery query);

  /**
   * Returns the services that have a span starting in {@code range}, sorted by name as {@link String#compareTo}
   * does, each once; spans without a service left out. Stores may answer for a range that is rounded outwards to
   * what they keep together, and may count in spans that others of the same id have replaced.
   */
  List<String> services(TimeRange range);

  /**
   * Returns the operations of a service that have a span starting in {@code range}, sorted by name, then kind,
   * each once; empty if the service is not known. Rounded like {@link #services}.
   */
  List<Operation> operations(String service, TimeRange range);
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.common;

import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.ActiveSpan.Kind;
import java.util.concurrent.Callable;

/** Spans of what is no gRPC call, below the current span: databases, caches, tables, queues. */
public final class Spans {
  private Spans() {}

  /**
   * Starts the span of a call to a database, such as {@code service-c@mongodb}.
   *
   * @param system such as {@code mongodb}
   */
  public static ActiveSpan database(
      Tracing tracing, String system, String namespace, String collection, String operation) {
    return ActiveSpan.current()
        .startChild(
            tracing.spanName(namespace + "@" + system, operation + " " + collection), Kind.CLIENT)
        .annotate("db.system.name", system)
        .annotate("db.namespace", namespace)
        .annotate("db.collection.name", collection)
        .annotate("db.operation.name", operation);
  }

  /**
   * Starts the span of a command to a cache, such as {@code GET} to {@code redis}.
   *
   * @param system such as {@code redis}
   */
  public static ActiveSpan cache(Tracing tracing, String system, String command) {
    return ActiveSpan.current()
        .startChild(tracing.spanName(system, command), Kind.CLIENT)
        .annotate("db.system.name", system)
        .annotate("db.operation.name", command);
  }

  /** Starts the span of a call to a table as of DynamoDB, such as {@code GetItem}. */
  public static ActiveSpan table(Tracing tracing, String table, String operation) {
    return ActiveSpan.current()
        .startChild(tracing.spanName("DynamoDB", "DynamoDB." + operation), Kind.CLIENT)
        .annotate("xray.namespace", "aws")
        .annotate("rpc.system", "aws-api")
        .annotate("rpc.service", "DynamoDB")
        .annotate("rpc.method", operation)
        .annotate("aws.operation", operation)
        .annotate("aws.table_name", table);
  }

  /** Starts the span of a message that is put into a queue; its context goes into the headers. */
  public static ActiveSpan publish(Tracing tracing, String system, String queue) {
    return messaging(
        ActiveSpan.current().startChild(tracing.spanName(queue, queue + " publish"), Kind.PRODUCER),
        system,
        queue,
        "send");
  }

  /** Says of a span that it is about a message of a queue. */
  public static ActiveSpan messaging(
      ActiveSpan span, String system, String queue, String operation) {
    return span.annotate("messaging.system", system)
        .annotate("messaging.destination.name", queue)
        .annotate("messaging_destination", queue)
        .annotate("messaging.operation.type", operation);
  }

  /** Does the work in the span, which becomes a fault if it throws, and ends it. */
  @SuppressWarnings("try") // The scope is closed, and not used otherwise.
  public static <T> T in(ActiveSpan span, Callable<T> work) throws Exception {
    try (ActiveSpan.Scope scope = span.makeCurrent()) {
      return work.call();
    } catch (Exception e) {
      span.recordException(e);
      throw e;
    } finally {
      span.end();
    }
  }
}

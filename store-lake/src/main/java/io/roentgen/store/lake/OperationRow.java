// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.SpanKind;
import io.roentgen.store.Operation;

/**
 * How many spans of a part are of one operation.
 *
 * @param service the service, or empty
 * @param operation name and kind
 * @param spanCount how many
 */
record OperationRow(String service, Operation operation, long spanCount) {
  static final Table<OperationRow> TABLE =
      new Table<OperationRow>()
          .text("service", OperationRow::service)
          .text("name", row -> row.operation.name())
          .number("kind", row -> row.operation.kind().number())
          .number("span_count", OperationRow::spanCount);

  /** Identifies an operation of a service. */
  record Key(String service, String name, SpanKind kind) {}
}

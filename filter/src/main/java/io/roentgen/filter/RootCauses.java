// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.filter.Expression.CauseKind;
import io.roentgen.store.Trace;
import java.util.List;

/**
 * The root causes of a trace, as {@code rootcause} in filter expressions and X-Ray's trace
 * summaries have them.
 *
 * @param faults at most 50, in the order in which the spans that failed started; empty if none did
 * @param errors likewise
 * @param responseTimes one, or none while the root is in progress or if it took no time
 */
public record RootCauses(
    List<RootCause> faults, List<RootCause> errors, List<RootCause> responseTimes) {
  public RootCauses {
    faults = List.copyOf(faults);
    errors = List.copyOf(errors);
    responseTimes = List.copyOf(responseTimes);
  }

  /** Returns the root causes of a trace. */
  public static RootCauses of(Trace trace) {
    TraceView view = new TraceView(trace);
    return new RootCauses(
        view.rootCauses(CauseKind.FAULT),
        view.rootCauses(CauseKind.ERROR),
        view.rootCauses(CauseKind.RESPONSETIME));
  }
}

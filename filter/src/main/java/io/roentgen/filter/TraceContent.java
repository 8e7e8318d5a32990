// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.model.Span;
import io.roentgen.store.Trace;
import java.util.SortedSet;
import java.util.TreeSet;

/** A trace to read fields from, which looks at its spans once for all of them. */
public final class TraceContent {
  private final Trace trace;
  private final Evaluator evaluator;

  /** Reads from {@code trace}. */
  public TraceContent(Trace trace) {
    this.trace = trace;
    evaluator = new Evaluator(new TraceView(trace));
  }

  /** Returns the trace. */
  public Trace trace() {
    return trace;
  }

  Evaluator evaluator() {
    return evaluator;
  }

  /** Returns the keys that {@code annotation} may ask its spans for. */
  public SortedSet<String> annotationKeys() {
    SortedSet<String> keys = new TreeSet<>();
    for (Span span : trace.spans()) {
      keys.addAll(span.attributes().keySet());
    }
    keys.remove("");
    return keys;
  }

  /** Returns the keys that {@code attribute} may ask its spans and their resources for. */
  public SortedSet<String> attributeKeys() {
    SortedSet<String> keys = annotationKeys();
    for (Span span : trace.spans()) {
      keys.addAll(span.resourceScope().resource().attributes().keySet());
    }
    keys.remove("");
    return keys;
  }
}

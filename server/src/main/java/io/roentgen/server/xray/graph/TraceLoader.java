// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.graph;

import io.roentgen.model.TraceId;
import io.roentgen.server.intake.Deadline;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceReader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Loads traces by their ids a few at a time: as many as those before let expect to be of a bearable
 * size together, one by one where they are large. What was given is not held here. Not safe for use
 * by several threads.
 */
public final class TraceLoader implements Iterable<Trace> {
  private static final int FIRST_COUNT = 4;
  private static final int MAX_COUNT = 32;

  /** Spans that may be in memory at a time, if they are not of one trace. */
  private static final int MAX_SPANS = 10_000;

  private final TraceReader reader;
  private final Collection<TraceId> ids;
  private final Deadline deadline;

  /**
   * Makes one that gives the traces that are known, in the order of their ids.
   *
   * @param deadline is looked at before each loading
   */
  public TraceLoader(TraceReader reader, Collection<TraceId> ids, Deadline deadline) {
    this.reader = reader;
    this.ids = ids;
    this.deadline = deadline;
  }

  @Override
  public Iterator<Trace> iterator() {
    Iterator<TraceId> left = ids.iterator();
    return new Iterator<>() {
      private Iterator<Trace> loaded = List.<Trace>of().iterator();
      private int count = FIRST_COUNT;

      @Override
      public boolean hasNext() {
        while (!loaded.hasNext() && left.hasNext()) {
          load();
        }
        return loaded.hasNext();
      }

      @Override
      public Trace next() {
        if (!hasNext()) {
          throw new NoSuchElementException("no further trace");
        }
        return loaded.next();
      }

      private void load() {
        deadline.check();
        List<TraceId> some = new ArrayList<>(count);
        while (some.size() < count && left.hasNext()) {
          some.add(left.next());
        }
        List<Trace> traces = reader.findAll(some);
        int spans = 0;
        int largest = 0;
        for (Trace trace : traces) {
          spans += trace.spans().size();
          largest = Math.max(largest, trace.spans().size());
        }
        if (largest * 2L > MAX_SPANS) {
          count = 1;
        } else if (spans * 2L <= MAX_SPANS) {
          count = Math.min(MAX_COUNT, count * 2);
        } else {
          count = Math.max(1, count / 2);
        }
        // Given one by one, and let go of.
        List<Trace> rest = new ArrayList<>(traces.reversed());
        loaded =
            new Iterator<>() {
              @Override
              public boolean hasNext() {
                return !rest.isEmpty();
              }

              @Override
              public Trace next() {
                return rest.removeLast();
              }
            };
      }
    };
  }
}

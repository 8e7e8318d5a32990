// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The segments and subsegments that have started and not ended, so that long ones can be told of
 * while they go on. Several lists, each in the order of starting, so that threads seldom meet.
 */
final class OpenSpans {
  private static final int STRIPES = 16;

  private final Stripe[] stripes = new Stripe[STRIPES];

  /** A list linked through the spans themselves; its own monitor guards it. */
  private static final class Stripe {
    private @Nullable XRaySpan first;
    private @Nullable XRaySpan last;
    private int size;
  }

  OpenSpans() {
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new Stripe();
    }
  }

  void add(XRaySpan span) {
    Stripe stripe = of(span);
    synchronized (stripe) {
      span.toldNanos = span.startNanos;
      XRaySpan last = stripe.last;
      span.previousOpen = last;
      if (last == null) {
        stripe.first = span;
      } else {
        last.nextOpen = span;
      }
      stripe.last = span;
      stripe.size++;
    }
  }

  void remove(XRaySpan span) {
    Stripe stripe = of(span);
    synchronized (stripe) {
      XRaySpan previous = span.previousOpen;
      XRaySpan next = span.nextOpen;
      if (previous == null) {
        stripe.first = next;
      } else {
        previous.nextOpen = next;
      }
      if (next == null) {
        stripe.last = previous;
      } else {
        next.previousOpen = previous;
      }
      span.previousOpen = null;
      span.nextOpen = null;
      stripe.size--;
    }
  }

  int size() {
    int size = 0;
    for (Stripe stripe : stripes) {
      synchronized (stripe) {
        size += stripe.size;
      }
    }
    return size;
  }

  /**
   * Returns the spans that are to be told of: open since {@code firstNanos}, and not told of since
   * {@code againNanos} unless that is the first time.
   */
  List<XRaySpan> due(long now, long firstNanos, long againNanos) {
    List<XRaySpan> due = new ArrayList<>();
    for (Stripe stripe : stripes) {
      synchronized (stripe) {
        for (XRaySpan span = stripe.first; span != null; span = span.nextOpen) {
          if (now - span.startNanos < firstNanos) {
            break;
          }
          boolean told = span.toldNanos != span.startNanos;
          if (!told || now - span.toldNanos >= againNanos) {
            span.toldNanos = now;
            due.add(span);
          }
        }
      }
    }
    return due;
  }

  private Stripe of(XRaySpan span) {
    return stripes[(int) span.id & (STRIPES - 1)];
  }
}

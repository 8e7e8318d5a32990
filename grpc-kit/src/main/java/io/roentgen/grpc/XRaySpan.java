// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.roentgen.grpc.TraceContext.Decision;
import io.roentgen.model.Outcome;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A segment or subsegment. A subsegment that ends before its parent goes into its parent's
 * document, until that has {@link #MAX_EMBEDDED}; later ones are documents of their own.
 */
final class XRaySpan extends ActiveSpan {
  /** How many subsegments a document has; the X-Ray SDKs stream them from the same number on. */
  static final int MAX_EMBEDDED = 100;

  private static final int MAX_EXCEPTIONS = 8;
  private static final VarHandle CHILDREN;
  private static final VarHandle ENDED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      ENDED = lookup.findVarHandle(XRaySpan.class, "ended", boolean.class);
      CHILDREN = lookup.findVarHandle(XRaySpan.class, "children", XRaySpan.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Stands where children were once they have been taken, so that no more are put there. */
  private static final XRaySpan TAKEN = new XRaySpan();

  final String name;
  final Kind kind;
  final long id;
  final long parentId;
  final long startEpochNanos;
  final long startNanos;

  /** The call that this is the span of, if it is one. */
  final @Nullable GrpcCall call;

  private final @Nullable XRaySpans source;
  private final @Nullable XRaySpan parent;
  private final TraceContext incoming;

  /** Whether the segment around this was begun for it alone, and ends with it. */
  private boolean endsParent;

  // Guarded by this.
  private Object[] annotations = NONE;
  private @Nullable List<Throwable> exceptions;
  private @Nullable Outcome outcome;
  private static final Object[] NONE = {};

  private volatile boolean ended;
  private long endEpochNanos;

  // A stack of what has ended, linked by nextSibling.
  private volatile @Nullable XRaySpan children;
  private @Nullable XRaySpan nextSibling;
  private int siblings;

  /** The children once they are taken; used by the thread that writes documents alone. */
  private @Nullable XRaySpan embedded;

  // Guarded by the list of open spans that this is in.
  @Nullable XRaySpan nextOpen;
  @Nullable XRaySpan previousOpen;
  long toldNanos;

  private XRaySpan() {
    name = "";
    kind = Kind.INTERNAL;
    id = 0;
    parentId = 0;
    startEpochNanos = 0;
    startNanos = 0;
    call = null;
    source = null;
    parent = null;
    incoming = TraceContext.ofDecision(Decision.UNDECIDED);
  }

  /** Starts a segment, or with a parent a subsegment. */
  XRaySpan(
      XRaySpans source,
      String name,
      Kind kind,
      TraceContext incoming,
      @Nullable XRaySpan parent,
      @Nullable GrpcCall call,
      long startNanos,
      long startEpochNanos) {
    this.source = source;
    this.name = name;
    this.kind = kind;
    this.incoming = incoming;
    this.parentId = parent == null ? incoming.span : parent.id;
    this.parent = parent;
    this.call = call;
    this.startNanos = startNanos;
    this.startEpochNanos = startEpochNanos;
    long random = ThreadLocalRandom.current().nextLong();
    id = random == 0 ? 1 : random;
  }

  /** Returns what came with the request. */
  TraceContext incoming() {
    return incoming;
  }

  void endsParent() {
    endsParent = true;
  }

  boolean isSegment() {
    return parent == null;
  }

  /** Returns the name that callers know this process by, which remote subsegments of it lack. */
  boolean isRemote() {
    return parent != null && (kind == Kind.CLIENT || kind == Kind.PRODUCER);
  }

  @Override
  public TraceContext context() {
    return incoming.withSpan(id, Decision.SAMPLED);
  }

  @Override
  public boolean isSampled() {
    return true;
  }

  @Override
  protected synchronized void put(String key, Object value) {
    if (ended || key.isEmpty()) {
      return;
    }
    for (int i = 0; i < annotations.length; i += 2) {
      if (annotations[i].equals(key)) {
        Object[] changed = annotations.clone();
        changed[i + 1] = value;
        annotations = changed;
        return;
      }
    }
    Object[] more = Arrays.copyOf(annotations, annotations.length + 2);
    more[annotations.length] = key;
    more[annotations.length + 1] = value;
    annotations = more;
  }

  @Override
  public synchronized ActiveSpan recordException(Throwable thrown) {
    if (ended) {
      return this;
    }
    List<Throwable> known = exceptions;
    if (known == null) {
      known = new ArrayList<>(1);
      exceptions = known;
    }
    if (known.size() < MAX_EXCEPTIONS && !known.contains(thrown)) {
      known.add(thrown);
    }
    return this;
  }

  @Override
  protected synchronized void putOutcome(Outcome said) {
    if (!ended) {
      outcome = said;
    }
  }

  /** Returns what was said of how it went, or null. */
  synchronized @Nullable Outcome outcome() {
    return outcome;
  }

  /** Returns keys and values in turn; the array is not written to any more. */
  synchronized Object[] annotations() {
    return annotations;
  }

  /** Returns what was recorded, in order. */
  synchronized List<Throwable> exceptions() {
    return exceptions == null ? List.of() : List.copyOf(exceptions);
  }

  boolean isEnded() {
    return ended;
  }

  long endEpochNanos() {
    return endEpochNanos;
  }

  @Override
  protected ActiveSpan newChild(String childName, Kind childKind) {
    return source == null ? this : source.startChild(this, childName, childKind);
  }

  @Override
  protected void callEnded(GrpcCall endedCall, @Nullable Throwable thrown) {
    if (thrown != null) {
      recordException(thrown);
    }
    endAt(startEpochNanos + endedCall.durationNanos());
  }

  @Override
  public void end() {
    // A call's span ends with the call.
    if (call == null) {
      endAt(startEpochNanos + (System.nanoTime() - startNanos));
    }
  }

  private void endAt(long epochNanos) {
    synchronized (this) {
      if (ended) {
        return;
      }
      endEpochNanos = epochNanos;
      // Readers without the lock need to see no more than what was written before.
      ENDED.setRelease(this, true);
    }
    if (source == null) {
      return;
    }
    source.ended(this);
    if (parent == null || !parent.adopt(this)) {
      source.send(this);
    }
    if (parent != null && endsParent) {
      parent.endAt(epochNanos);
    }
  }

  /** Takes a subsegment into this document; returns false if that is too late or too full. */
  private boolean adopt(XRaySpan child) {
    XRaySpan head;
    do {
      head = children;
      if (head == TAKEN || (head != null && head.siblings >= MAX_EMBEDDED)) {
        return false;
      }
      child.nextSibling = head;
      child.siblings = head == null ? 1 : head.siblings + 1;
    } while (!CHILDREN.compareAndSet(this, head, child));
    return true;
  }

  /**
   * Returns the first subsegment of this document, in the order in which they ended; none join
   * later.
   */
  @Nullable XRaySpan takeChildren() {
    XRaySpan head = (XRaySpan) CHILDREN.getAndSet(this, TAKEN);
    if (head == TAKEN) {
      return embedded;
    }
    XRaySpan first = null;
    while (head != null) {
      XRaySpan next = head.nextSibling;
      head.nextSibling = first;
      first = head;
      head = next;
    }
    embedded = first;
    return first;
  }

  @Nullable XRaySpan nextSibling() {
    return nextSibling;
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import java.util.ArrayList;
import java.util.List;

/**
 * What the store consists of at one moment: each acknowledged span is in exactly one of these.
 *
 * @param chunks live chunks, oldest first; the last is the one that is written to
 * @param parts parts, in no order
 */
record State(List<LiveChunk> chunks, List<Part> parts) {
  State {
    chunks = List.copyOf(chunks);
    parts = List.copyOf(parts);
  }

  LiveChunk active() {
    return chunks.getLast();
  }

  /** Returns the chunks that were frozen before {@code chunk}. */
  List<LiveChunk> before(LiveChunk chunk) {
    return chunks.subList(0, chunks.indexOf(chunk));
  }

  State with(LiveChunk fresh) {
    List<LiveChunk> more = new ArrayList<>(chunks);
    more.add(fresh);
    return new State(more, parts);
  }

  /** Returns this with parts in place of a chunk. */
  State sealed(LiveChunk chunk, List<Part> fresh) {
    List<LiveChunk> rest = new ArrayList<>(chunks);
    rest.remove(chunk);
    List<Part> more = new ArrayList<>(parts);
    more.addAll(fresh);
    return new State(rest, more);
  }

  /** Returns this with other parts in place of some. */
  State replaced(List<Part> removed, List<Part> added) {
    List<Part> rest = new ArrayList<>(parts);
    rest.removeAll(removed);
    rest.addAll(added);
    return new State(chunks, rest);
  }
}

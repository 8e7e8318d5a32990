// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import io.roentgen.model.Rejection;
import org.jspecify.annotations.Nullable;

/** What became of one segment document. */
public sealed interface Decoded {
  /**
   * The document was taken: the segment or subsegment itself and every subsegment in it is a span of the batch.
   *
   * @param spanCount how many spans were added, at least 1
   */
  record Accepted(int spanCount) implements Decoded {}

  /**
   * The document was not taken and the batch is as before.
   *
   * @param segmentId the document's own id as its sender wrote it, at most 64 characters, or null if it could
   *     not be read; also when an embedded subsegment is at fault
   * @param reason the reason, for the answer and the metric
   * @param message X-Ray's form, {@code Invalid segment. ErrorCode: InvalidName, Cause: ...}, the cause saying
   *     what was found and what was expected
   */
  record Rejected(@Nullable String segmentId, Rejection reason, String message)
      implements Decoded {}
}

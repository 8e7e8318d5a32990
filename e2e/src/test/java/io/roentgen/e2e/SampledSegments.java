// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import com.amazonaws.xray.AWSXRay;

/**
 * A program on the unmodified X-Ray SDK for Java: a segment every 20 ms, traced or not as the
 * server's sampling rules say, until it is ended. The argument is the service's name.
 */
final class SampledSegments {
  private static final int PAUSE_MILLIS = 20;

  private SampledSegments() {}

  public static void main(String[] args) throws InterruptedException {
    while (true) {
      AWSXRay.beginSegmentWithSampling(args[0]);
      AWSXRay.endSegment();
      Thread.sleep(PAUSE_MILLIS);
    }
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

/**
 * A kind of request.
 *
 * @param name as the table shows it
 * @param weight how often it is made beside the others; above 0
 */
record Operation(String name, double weight, Call call) {
  Operation {
    if (!(weight > 0)) {
      throw new IllegalArgumentException("weight: " + weight + " (expected: > 0)");
    }
  }
}

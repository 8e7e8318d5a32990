// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.model.GrpcStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** gRPC's status codes, 0 to 16. */
final class GrpcCodes {
  private static final List<String> NAMES = GrpcStatus.names();

  private GrpcCodes() {}

  static List<String> names() {
    return NAMES;
  }

  /** Returns the code with that name in any case, or null. */
  static @Nullable Integer ofNameOrNull(String name) {
    int code = NAMES.indexOf(name.toUpperCase(Locale.ROOT));
    return code < 0 ? null : code;
  }

  /** Returns the texts by which senders spell a code: its name, in both cases, and its number. */
  static List<String> spellings(int code) {
    String name = NAMES.get(code);
    List<String> spellings =
        new ArrayList<>(List.of(name, name.toLowerCase(Locale.ROOT), Integer.toString(code)));
    if (code == 1) {
      // As the Connect protocol has it.
      spellings.add("canceled");
    }
    return spellings;
  }
}

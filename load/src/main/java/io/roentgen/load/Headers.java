// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Headers as the command line gives them: {@code name: value}. */
final class Headers {
  private Headers() {}

  static List<Map.Entry<String, String>> parse(List<String> texts) {
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    for (String text : texts) {
      int colon = text.indexOf(':');
      if (colon < 1 || text.chars().anyMatch(c -> c < ' ' || c > '~')) {
        // Not quoted: it may be a credential.
        throw new WrongUseException("header: not usable (expected: 'name: value' in ASCII)");
      }
      String name = text.substring(0, colon).strip().toLowerCase(Locale.ROOT);
      if (!name.matches("[0-9a-z!#$%&'*+.^_`|~-]+")) {
        throw new WrongUseException("header: bad name (expected: 'name: value')");
      }
      headers.add(Map.entry(name, text.substring(colon + 1).strip()));
    }
    return List.copyOf(headers);
  }
}

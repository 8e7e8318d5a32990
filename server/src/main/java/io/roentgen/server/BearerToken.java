// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the token that requests must carry. */
final class BearerToken {
  private static final int MIN_LENGTH = 16;
  private static final int MAX_LENGTH = 4096;

  private BearerToken() {}

  /**
   * Returns the only line of {@code file}.
   *
   * @throws ConfigException if it cannot be read or holds no usable token; the message does not
   *     quote it
   */
  static String read(Path file) {
    String token;
    try {
      if (Files.size(file) > MAX_LENGTH) {
        throw unusable(file, "more than " + MAX_LENGTH + " bytes");
      }
      token = Files.readString(file, StandardCharsets.US_ASCII).strip();
    } catch (CharacterCodingException _) {
      throw unusable(file, "not ASCII");
    } catch (IOException e) {
      throw new ConfigException(
          Setting.TOKEN_FILE.key()
              + ": cannot read "
              + file
              + " (expected: a file with a token): "
              + e,
          e);
    }
    if (token.length() < MIN_LENGTH) {
      throw unusable(file, token.length() + " characters");
    }
    if (!token.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
      throw unusable(file, "white space or control characters within");
    }
    return token;
  }

  private static ConfigException unusable(Path file, String found) {
    return new ConfigException(
        Setting.TOKEN_FILE.key()
            + ": "
            + file
            + " has "
            + found
            + " (expected: one line of at least "
            + MIN_LENGTH
            + " printable ASCII characters, such as `openssl rand -hex 32` prints)");
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import io.roentgen.sampling.RuleFile;
import io.roentgen.sampling.RuleFileException;
import io.roentgen.sampling.RuleSet;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The local rule file that the server was given. */
final class SamplingRulesFile {
  private static final int MAX_BYTES = 1 << 20;

  private SamplingRulesFile() {}

  /**
   * Returns its rules.
   *
   * @throws ConfigException if it cannot be read or is not as it has to be
   */
  static RuleSet read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw unusable(file, "more than " + MAX_BYTES + " bytes (expected: less)", null);
      }
      return RuleFile.parse(Files.readString(file, StandardCharsets.UTF_8));
    } catch (CharacterCodingException e) {
      throw unusable(file, "not UTF-8 (expected: a local rule file of the X-Ray SDKs)", e);
    } catch (IOException e) {
      throw unusable(file, "cannot be read (expected: a local rule file of the X-Ray SDKs)", e);
    } catch (RuleFileException e) {
      throw unusable(file, String.valueOf(e.getMessage()), e);
    }
  }

  private static ConfigException unusable(Path file, String what, @Nullable Exception cause) {
    String message = Setting.SAMPLING_RULES.key() + ": " + file + ": " + what;
    return cause == null ? new ConfigException(message) : new ConfigException(message, cause);
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Where this machine has a Java 17, which libraries for users' programs have to run on. */
final class Java17 {
  private static final String VARIABLE = "JAVA17_HOME";
  private static final Path FOLDER = Path.of("/usr/lib/jvm");

  private Java17() {}

  /** Returns its home; a test that needs it fails if there is none, as it must not be skipped. */
  static Path find() throws IOException {
    List<Path> candidates = new ArrayList<>();
    String home = System.getenv(VARIABLE);
    if (home != null) {
      candidates.add(Path.of(home));
    } else if (Files.isDirectory(FOLDER)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(FOLDER)) {
        all.forEach(candidates::add);
      }
      Collections.sort(candidates);
    }
    for (Path candidate : candidates) {
      if (isJava17(candidate)) {
        return candidate;
      }
    }
    throw new AssertionError(
        "no Java 17 found; looked at "
            + (home == null ? FOLDER + "/*: " + candidates : VARIABLE + ": " + home)
            + " (expected: one, as tests run the kit there); on Debian: sudo apt-get install"
            + " openjdk-17-jre-headless, elsewhere set "
            + VARIABLE);
  }

  private static boolean isJava17(Path home) throws IOException {
    Path release = home.resolve("release");
    return Files.isExecutable(home.resolve("bin").resolve("java"))
        && Files.isRegularFile(release)
        && Files.readAllLines(release).stream()
            .anyMatch(line -> line.matches("JAVA_VERSION=\"17[.\"].*"));
  }
}

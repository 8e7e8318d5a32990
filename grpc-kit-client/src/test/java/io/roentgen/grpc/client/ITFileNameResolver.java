// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ITFileNameResolver {
  private final Resolving resolving = new Resolving();
  private @TempDir Path folder;

  @Test
  void file_changed_isReadAgain() throws Exception {
    Path file = Files.writeString(folder.resolve("back ends"), "10.0.0.1:1\n");
    resolving.start(FileNameResolverProvider.create(), file.toUri().toString());
    assertThat(resolving.backends).containsExactly("[/10.0.0.1:1]");
    assertThat(resolving.resolver.getServiceAuthority()).isEqualTo("back-ends");

    Files.writeString(file, "10.0.0.1:1\n10.0.0.2:2\n");
    resolving.clock.advance(Duration.ofSeconds(5));
    resolving.clock.advance(Duration.ofSeconds(5));
    assertThat(resolving.backends).containsExactly("[/10.0.0.1:1]", "[/10.0.0.1:1] [/10.0.0.2:2]");

    // Who writes them in another order prefers another one first.
    Files.writeString(file, "10.0.0.2:2\n10.0.0.1:1\n");
    resolving.clock.advance(Duration.ofSeconds(5));
    assertThat(resolving.backends).last().isEqualTo("[/10.0.0.2:2] [/10.0.0.1:1]");
  }

  @Test
  void file_wrongOrGone_keepsBackends() throws Exception {
    Path file = Files.writeString(folder.resolve("f"), "10.0.0.1:1\n");
    resolving.start(FileNameResolverProvider.create(), file.toUri().toString());
    try (LogLines log = new LogLines(PollingNameResolver.class)) {
      Files.writeString(file, "half a li");
      resolving.clock.advance(Duration.ofSeconds(5));
      Files.delete(file);
      resolving.clock.advance(Duration.ofSeconds(5));
      assertThat(log.lines()).hasSize(1);
    }
    assertThat(resolving.backends).containsExactly("[/10.0.0.1:1]");
    assertThat(resolving.errors).isEmpty();
  }

  @Test
  void file_missingAtFirst_isReportedAndFoundLater() throws Exception {
    Path file = folder.resolve("f");
    resolving.start(FileNameResolverProvider.create(), file.toUri().toString());
    assertThat(resolving.errors.get(0).getDescription())
        .startsWith("cannot resolve file:///")
        .contains("NoSuchFileException");
    Files.writeString(file, "10.0.0.1:1\n");
    resolving.clock.advance(Duration.ofSeconds(5));
    assertThat(resolving.backends).containsExactly("[/10.0.0.1:1]");
  }

  @Test
  void file_huge_isRefused() throws Exception {
    Path file = Files.write(folder.resolve("f"), new byte[(1 << 20) + 1]);
    resolving.start(FileNameResolverProvider.create(), file.toUri().toString());
    assertThat(resolving.errors.get(0).getDescription())
        .endsWith("size: over 1 MiB (expected: 1 MiB at most)");
  }
}

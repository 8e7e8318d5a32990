// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The lines that the kit's documentation shows are those of the programs, and no more. */
class ReadmeTest {
  private static final Path README = Path.of("../../grpc-kit/README.md");
  private static final Path SOURCES = Path.of("src/main/java/io/roentgen/examples/kit");

  @ParameterizedTest
  @CsvSource({"PlainShop,0", "ArmeriaPayments,1"})
  void threeLines_areAllThatAProgramSaysOfTheKit(String program, int block) throws IOException {
    List<String> said = new ArrayList<>();
    for (String line : Files.readAllLines(SOURCES.resolve(program + ".java"))) {
      // To close it is said beside the three lines.
      if (line.matches(".*\\bkit[.) ].*")
          && !line.contains("kit.close")
          && !line.contains("kit::close")) {
        said.add(line.strip());
      }
    }
    assertThat(blocks("java").get(block)).hasSize(3).isEqualTo(said);
  }

  @Test
  void threeLines_ofSpring_areTheDependencyOfTheProgram() throws IOException {
    List<String> lines = blocks("xml").get(0);
    assertThat(lines).hasSize(3);
    String pom = Files.readString(Path.of("pom.xml")).replaceAll("\\s+", "");
    assertThat(pom).contains("<dependency>" + lines.get(0) + lines.get(1));
    assertThat(pom).contains("<artifactId>roentgen-parent</artifactId>" + lines.get(2));
    assertThat(Files.readString(SOURCES.resolve("SpringStock.java")))
        .doesNotContain("roentgen.grpc");
    assertThat(Files.readString(Path.of("../../spring-boot-starter/README.md")))
        .contains(lines.stream().map(line -> "  " + line).toList());
  }

  /** Returns the blocks of code in one language, in order. */
  private static List<List<String>> blocks(String language) throws IOException {
    List<List<String>> blocks = new ArrayList<>();
    List<String> block = null;
    for (String line : Files.readAllLines(README)) {
      if (line.startsWith("```")) {
        block = line.equals("```" + language) ? new ArrayList<>() : null;
        if (block != null) {
          blocks.add(block);
        }
      } else if (block != null) {
        block.add(line);
      }
    }
    return blocks;
  }
}

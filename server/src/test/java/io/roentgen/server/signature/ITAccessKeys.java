// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ITAccessKeys {
  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("keys");
  }

  @Test
  void read_lines_areKeysAndSecrets() throws Exception {
    Files.writeString(
        file, "# who\n\nAKIAONE  secret/of+one=0123456\n \tAKIATWO\tsecret-of-two-0123\r\n");
    AccessKeys keys = AccessKeys.read(file);
    assertThat(keys.secret("AKIAONE")).isEqualTo("secret/of+one=0123456");
    assertThat(keys.secret("AKIATWO")).isEqualTo("secret-of-two-0123");
    assertThat(keys.secret("who")).isNull();
  }

  @Test
  void look_fileChanged_takesItAndKeepsTheOldKeysWhileItIsBad() throws Exception {
    Files.writeString(file, "AKIAONE secret-of-one-0123");
    AccessKeys keys = AccessKeys.read(file);
    Files.writeString(file, "AKIATWO secret-of-two-01234");
    keys.look();
    assertThat(keys.secret("AKIAONE")).isNull();
    assertThat(keys.secret("AKIATWO")).isNotNull();

    Files.writeString(file, "AKIATHREE");
    keys.look();
    assertThat(keys.secret("AKIATWO")).isNotNull();
    Files.delete(file);
    keys.look();
    assertThat(keys.secret("AKIATWO")).isNotNull();
    Files.writeString(file, "AKIATHREE secret-of-three-0123");
    keys.look();
    assertThat(keys.secret("AKIATWO")).isNull();
    assertThat(keys.secret("AKIATHREE")).isNotNull();
  }

  @Test
  void look_badFileThatIsRepairedUnseen_isTaken() throws Exception {
    Files.writeString(file, "AKIAONE secret-of-one-0123");
    AccessKeys keys = AccessKeys.read(file);
    FileTime time = Files.getLastModifiedTime(file);
    Files.writeString(file, "AKIATWO,secret-of-two-01234");
    Files.setLastModifiedTime(file, time);
    keys.look();
    assertThat(keys.secret("AKIAONE")).isNotNull();

    Files.writeString(file, "AKIATWO secret-of-two-01234");
    Files.setLastModifiedTime(file, time);
    keys.look();
    assertThat(keys.secret("AKIAONE")).isNull();
    assertThat(keys.secret("AKIATWO")).isNotNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|has no access key",
        "# only this|has no access key",
        "AKIAONE|line 1: not an access key id and its secret",
        "AKIAONE tooshort|line 1: not an access key id and its secret",
        "AKIAONE,secret-of-one-0123|line 1: not an access key id and its secret",
        "AKIAONE secret-of-one-0123 more|line 1: not an access key id and its secret"
      })
  void read_anotherForm_isToldByTheLineWithoutTheSecret(String text, String message)
      throws IOException {
    Files.writeString(file, text);
    assertThatThrownBy(() -> AccessKeys.read(file))
        .isInstanceOf(AccessKeys.UnusableException.class)
        .hasMessageContainingAll(file.toString(), message, "expected: ")
        .message()
        .doesNotContain("secret-of-one-0123", "tooshort");
  }

  @Test
  void read_sameKeyTwiceOrNoFile_isTold() throws IOException {
    assertThatThrownBy(() -> AccessKeys.read(file)).hasMessageContaining("cannot read " + file);
    Files.writeString(file, "AKIAONE secret-of-one-0123\nAKIAONE secret-of-two-0123\n");
    assertThatThrownBy(() -> AccessKeys.read(file))
        .hasMessageContaining("line 2: an access key id that another line has");
  }
}

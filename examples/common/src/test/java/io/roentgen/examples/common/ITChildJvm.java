// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ITChildJvm {
  private final ChildJvm child = new ChildJvm("fixed", Fixed.class, "first");

  @Test
  void start_ofAnApplication_hasItsPortsAndSettings_andCloseEndsIt() throws Exception {
    Settings settings = Settings.of(Map.of(), "--second-port=7").with("FIRST_PORT", 5);
    long before = children();
    try (Running running = child.start(settings)) {
      assertThat(running.ports()).containsExactly(Map.entry("a", 5), Map.entry("b", 7));
      assertThat(children()).isEqualTo(before + 1);
    }
    assertThat(children()).isEqualTo(before);
  }

  @Test
  void start_ofAnApplicationThatEnds_saysSo() {
    Settings settings = Settings.of(Map.of()).with("FIRST_PORT", 99_999);
    assertThatThrownBy(() -> child.start(settings))
        .isInstanceOf(IOException.class)
        .hasMessage("fixed: ended before it had started");
  }

  private static long children() {
    return ProcessHandle.current().children().filter(ProcessHandle::isAlive).count();
  }

  /** Has the ports that its settings say, and listens on none. */
  static final class Fixed implements Application {
    public static void main(String[] arguments) throws InterruptedException {
      assertThat(arguments[0]).isEqualTo("first");
      Launcher.run(new Fixed(), Arrays.copyOfRange(arguments, 1, arguments.length));
    }

    @Override
    public String name() {
      return "fixed";
    }

    @Override
    public Running start(Settings settings) {
      Map<String, Integer> ports = new LinkedHashMap<>();
      ports.put("a", settings.number("FIRST_PORT", 0, 0, 65_535));
      ports.put("b", settings.number("SECOND_PORT", 0, 0, 65_535));
      return Launcher.together(ports, List.of());
    }
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The files of the console, as its build has left them on the class path: {@code console.index}
 * lists them, and the paths that are pages.
 */
final class ConsoleFiles {
  static final String INDEX_PAGE = "index.html";
  private static final String FOLDER = "/io/roentgen/console/";

  /**
   * A file.
   *
   * @param name its path below {@code /}
   * @param hash of what it holds
   */
  record ConsoleFile(String name, String hash, Content plain, @Nullable Content gzip) {}

  /** Bytes that are not changed once read. */
  static final class Content {
    private final byte[] bytes;

    private Content(byte[] bytes) {
      this.bytes = bytes;
    }

    /** Returns the bytes themselves, to be sent and not changed. */
    byte[] bytes() {
      return bytes;
    }
  }

  private final List<String> pages;
  private final Map<String, ConsoleFile> files;

  private ConsoleFiles(List<String> pages, Map<String, ConsoleFile> files) {
    this.pages = List.copyOf(pages);
    this.files = files;
  }

  /** Reads the files into memory, where they take about a megabyte. */
  static ConsoleFiles load() {
    List<String> pages = new ArrayList<>();
    Map<String, ConsoleFile> files = new LinkedHashMap<>();
    for (String line : new String(read("console.index"), StandardCharsets.UTF_8).lines().toList()) {
      String[] words = line.split(" ", 3);
      switch (words[0]) {
        case "page" -> pages.add(words[1]);
        case "file" -> files.put(words[2], file(words[2], words[1], null));
        case "gzip" ->
            files.put(words[2], file(words[2], words[1], new Content(read(words[2] + ".gz"))));
        default ->
            throw new IllegalStateException(
                "console.index: '" + line + "' (expected: page, file or gzip)");
      }
    }
    if (!files.containsKey(INDEX_PAGE)) {
      throw new IllegalStateException(
          "console.index: no " + INDEX_PAGE + " (expected: it is listed)");
    }
    return new ConsoleFiles(pages, files);
  }

  private static ConsoleFile file(String name, String hash, @Nullable Content gzip) {
    return new ConsoleFile(name, hash, new Content(read(name)), gzip);
  }

  private static byte[] read(String name) {
    try (InputStream in =
        Objects.requireNonNull(ConsoleFiles.class.getResourceAsStream(FOLDER + name), name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name + " from the class path", e);
    }
  }

  /** Returns the paths that are pages; {@code *} at the end stands for one segment. */
  List<String> pages() {
    return pages;
  }

  Iterable<ConsoleFile> all() {
    return files.values();
  }

  ConsoleFile indexPage() {
    return Objects.requireNonNull(files.get(INDEX_PAGE), INDEX_PAGE);
  }
}

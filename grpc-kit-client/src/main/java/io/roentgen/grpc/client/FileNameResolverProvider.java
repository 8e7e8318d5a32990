// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Resolves {@code file:///PATH} to the backends listed in a file: one {@code host:port} a line,
 * empty lines and those that start with {@code #} aside. The file is read again every few seconds;
 * while it is missing or wrong the backends read before stay, and the log says so once.
 *
 * <pre>{@code
 * NameResolverRegistry.getDefaultRegistry().register(FileNameResolverProvider.create());
 * ManagedChannelBuilder.forTarget("file:///etc/orders/backends")
 * }</pre>
 */
public final class FileNameResolverProvider extends NameResolverProvider {
  /** How often the file is read: every 5 s. */
  public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(5);

  private static final String SCHEME = "file";
  private static final int MAX_BYTES = 1 << 20;

  private final Duration interval;

  private FileNameResolverProvider(Duration interval) {
    this.interval = interval;
  }

  /** Returns a provider that reads files every 5 s. */
  public static FileNameResolverProvider create() {
    return every(DEFAULT_INTERVAL);
  }

  /**
   * Returns a provider that reads files every {@code interval}.
   *
   * @throws IllegalArgumentException if it is under 0.1 s
   */
  public static FileNameResolverProvider every(Duration interval) {
    Arguments.check(
        interval.compareTo(Duration.ofMillis(100)) >= 0, "interval", interval, "0.1 s or more");
    return new FileNameResolverProvider(interval);
  }

  @Override
  protected boolean isAvailable() {
    return true;
  }

  @Override
  protected int priority() {
    return 5;
  }

  @Override
  public String getDefaultScheme() {
    return SCHEME;
  }

  @Override
  public Set<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
    return Set.of(InetSocketAddress.class);
  }

  /**
   * Returns a resolver of a {@code file} target, null for others.
   *
   * @throws IllegalArgumentException if the target is no absolute path
   */
  @Override
  @SuppressWarnings("NullAway") // The contract wants null, the base class is not annotated.
  public NameResolver newNameResolver(URI target, NameResolver.Args args) {
    if (!SCHEME.equals(target.getScheme())) {
      return null;
    }
    String text = target.getPath();
    Arguments.check(
        text != null && text.length() > 1 && target.getAuthority() == null,
        "target",
        Arguments.quoted(target.toString()),
        "file:/// and an absolute path");
    Path path = Path.of(text);
    Path fileName = path.getFileName();
    return new PollingNameResolver(
        target.toString(),
        fileName == null ? "file" : authority(fileName.toString()),
        args,
        () -> read(path),
        new PollingNameResolver.Pace(interval, interval),
        System::nanoTime);
  }

  /** A file name may hold what an authority must not; users who need TLS override it anyway. */
  private static String authority(String fileName) {
    return fileName.replaceAll("[^A-Za-z0-9._-]", "-");
  }

  private static List<EquivalentAddressGroup> read(Path path) throws IOException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(path)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    }
    Arguments.check(bytes.length <= MAX_BYTES, path + " size", "over 1 MiB", "1 MiB at most");
    return StaticNameResolverProvider.resolved(parse(new String(bytes, StandardCharsets.UTF_8)));
  }

  /**
   * Reads the text of a backends file.
   *
   * @throws IllegalArgumentException if a line is no address, naming the line, or there is none
   */
  static List<InetSocketAddress> parse(String text) {
    List<InetSocketAddress> addresses = new ArrayList<>();
    String[] lines = text.split("\r\n|\r|\n", -1);
    for (int i = 0; i < lines.length; i++) {
      String line = lines[i].strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      try {
        addresses.add(Addresses.parse(line, 0));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("line " + (i + 1) + " " + e.getMessage(), e);
      }
    }
    Arguments.check(!addresses.isEmpty(), "backends", "none", "at least one HOST:PORT line");
    return addresses;
  }
}

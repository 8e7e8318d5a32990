// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.common;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a process gets its settings from: the environment first, then flags, then a default. {@code
 * SERVICE_NAME} is {@code --service-name} as a flag. Immutable.
 *
 * <p>A value that cannot be used is an {@link IllegalArgumentException} whose message is {@code
 * PORT: 99999 (expected: 0 to 65535); from the environment}.
 */
public final class Settings {
  private final Map<String, String> overrides;
  private final Map<String, String> environment;
  private final Map<String, String> flags;

  private Settings(
      Map<String, String> overrides, Map<String, String> environment, Map<String, String> flags) {
    this.overrides = Map.copyOf(overrides);
    this.environment = Map.copyOf(environment);
    this.flags = Map.copyOf(flags);
  }

  /**
   * Reads flags: {@code --name=value}, {@code --name value}, or {@code --name} alone for true.
   *
   * @throws IllegalArgumentException if an argument is no flag
   */
  public static Settings of(Map<String, String> environment, String... arguments) {
    Map<String, String> flags = new HashMap<>();
    for (int i = 0; i < arguments.length; i++) {
      String argument = arguments[i];
      if (!argument.startsWith("--") || argument.length() == 2) {
        throw new IllegalArgumentException("argument: " + argument + " (expected: --name=value)");
      }
      int equals = argument.indexOf('=');
      String name = argument.substring(2, equals < 0 ? argument.length() : equals);
      String value = "true";
      if (equals >= 0) {
        value = argument.substring(equals + 1);
      } else if (i + 1 < arguments.length && !arguments[i + 1].startsWith("--")) {
        i++;
        value = arguments[i];
      }
      flags.put(name.toUpperCase(Locale.ROOT).replace('-', '_'), value);
    }
    return new Settings(Map.of(), environment, flags);
  }

  /** Returns these with one that counts before all others, for a process of many applications. */
  public Settings with(String name, Object value) {
    Map<String, String> more = new HashMap<>(overrides);
    more.put(name, value.toString());
    return new Settings(more, environment, flags);
  }

  /** Returns what {@link #with} has set. */
  Map<String, String> overrides() {
    return overrides;
  }

  /** Returns the flags by the names of their settings. */
  Map<String, String> flags() {
    return flags;
  }

  /** Returns whether there is a value for it, and not an empty one. */
  public boolean has(String name) {
    return find(name) != null;
  }

  /** Returns a text. */
  public String text(String name, String otherwise) {
    String value = find(name);
    return value == null ? otherwise : value;
  }

  /** Returns the parts of a list with commas. */
  public List<String> list(String name, String otherwise) {
    List<String> parts = new ArrayList<>();
    for (String part : text(name, otherwise).split(",", -1)) {
      if (!part.isBlank()) {
        parts.add(part.strip());
      }
    }
    return List.copyOf(parts);
  }

  /** Returns a number. */
  public int number(String name, int otherwise, int min, int max) {
    String value = find(name);
    if (value == null) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(value);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw bad(name, min + " to " + max, e);
    }
    throw bad(name, min + " to " + max, null);
  }

  /** Returns a number that need not be whole. */
  public double decimal(String name, double otherwise, double min, double max) {
    String value = find(name);
    if (value == null) {
      return otherwise;
    }
    try {
      double number = Double.parseDouble(value);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw bad(name, min + " to " + max, e);
    }
    throw bad(name, min + " to " + max, null);
  }

  /** Returns a time given in milliseconds. */
  public Duration millis(String name, int otherwise) {
    return Duration.ofMillis(number(name, otherwise, 0, Integer.MAX_VALUE));
  }

  /** Returns true or false. */
  public boolean flag(String name, boolean otherwise) {
    String value = find(name);
    if (value == null) {
      return otherwise;
    }
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true", "1", "yes" -> true;
      case "false", "0", "no" -> false;
      default -> throw bad(name, "true or false", null);
    };
  }

  /**
   * Returns where to listen: {@code :50051} and {@code 50051} are on every address, {@code
   * 127.0.0.1:50051} on one. Port 0 is any free one.
   */
  public InetSocketAddress listen(String name, String otherwise) {
    String value = text(name, otherwise);
    int colon = value.lastIndexOf(':');
    String host = colon <= 0 ? "" : value.substring(0, colon);
    String digits = value.substring(colon + 1);
    boolean valid = digits.matches("\\d{1,5}") && Integer.parseInt(digits) <= 65535;
    if (!valid) {
      throw bad(name, "a port from 0 to 65535, with or without an address before it", null);
    }
    int port = Integer.parseInt(digits);
    if (host.isEmpty()) {
      return new InetSocketAddress(port);
    }
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw bad(name, "an address of this machine", null);
    }
    return address;
  }

  /** Returns a {@code host:port} of somebody else. */
  public String target(String name, String otherwise) {
    String value = text(name, otherwise);
    int colon = value.lastIndexOf(':');
    if (colon <= 0
        || !value.substring(colon + 1).matches("\\d{1,5}")
        || Integer.parseInt(value.substring(colon + 1)) > 65535) {
      throw bad(name, "host:port", null);
    }
    return value;
  }

  /** Returns what to throw about a value that cannot be used. */
  public IllegalArgumentException bad(String name, String expected, @Nullable Throwable cause) {
    String value = find(name);
    String shown = value == null ? "none" : value.length() > 64 ? value.substring(0, 64) : value;
    String source =
        value == null
            ? ""
            : overrides.containsKey(name) || environment.containsKey(name)
                ? "; from the environment"
                : flags.containsKey(name) ? "; from a flag" : "";
    return new IllegalArgumentException(
        name + ": " + shown + " (expected: " + expected + ")" + source, cause);
  }

  private @Nullable String find(String name) {
    for (Map<String, String> source : List.of(overrides, environment, flags)) {
      String value = source.get(name);
      if (value != null && !value.isBlank()) {
        return value.strip();
      }
    }
    return null;
  }
}

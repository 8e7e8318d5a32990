// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import java.util.Locale;

/**
 * Where the X-Ray daemon listens: UDP for segments, TCP for sampling rules.
 *
 * <p>As text it is {@code host:port} for both, or {@code tcp:host:port udp:host:port} in either
 * order, as in the variable {@value #VARIABLE} of the X-Ray SDKs. An IPv6 address stands in
 * brackets.
 */
public record DaemonAddress(String udpHost, int udpPort, String tcpHost, int tcpPort) {
  /** The environment variable that the X-Ray SDKs read. */
  public static final String VARIABLE = "AWS_XRAY_DAEMON_ADDRESS";

  /** Where the daemon listens unless told otherwise. */
  public static final DaemonAddress DEFAULT =
      new DaemonAddress("127.0.0.1", 2000, "127.0.0.1", 2000);

  private static final String EXPECTED =
      " (expected: host:port, or tcp:host:port udp:host:port; an IPv6 address in brackets)";

  private record HostPort(String host, int port) {}

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException if it is none; the message quotes it
   */
  public static DaemonAddress parse(String text) {
    String[] parts = text.strip().split("\\s+");
    if (parts.length == 1 && !hasProtocol(parts[0])) {
      HostPort both = hostPort(parts[0], text);
      return new DaemonAddress(both.host, both.port, both.host, both.port);
    }
    HostPort udp = null;
    HostPort tcp = null;
    for (String part : parts) {
      String protocol = hasProtocol(part) ? part.substring(0, 3).toLowerCase(Locale.ROOT) : "";
      if (protocol.equals("udp") && udp == null) {
        udp = hostPort(part.substring(4), text);
      } else if (protocol.equals("tcp") && tcp == null) {
        tcp = hostPort(part.substring(4), text);
      } else {
        throw refused(text);
      }
    }
    if (udp == null || tcp == null) {
      throw refused(text);
    }
    return new DaemonAddress(udp.host, udp.port, tcp.host, tcp.port);
  }

  private static boolean hasProtocol(String part) {
    return part.regionMatches(true, 0, "udp:", 0, 4) || part.regionMatches(true, 0, "tcp:", 0, 4);
  }

  private static HostPort hostPort(String part, String text) {
    int colon = part.lastIndexOf(':');
    if (colon <= 0) {
      throw refused(text);
    }
    String host = part.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]") && host.length() > 2) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0 || host.startsWith("[")) {
      throw refused(text);
    }
    String port = part.substring(colon + 1);
    if (port.isEmpty() || port.length() > 5 || !port.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw refused(text);
    }
    int number = Integer.parseInt(port);
    if (number < 1 || number > 65_535) {
      throw refused(text);
    }
    return new HostPort(host, number);
  }

  private static IllegalArgumentException refused(String text) {
    return new IllegalArgumentException("daemon address: '" + text + "'" + EXPECTED);
  }
}

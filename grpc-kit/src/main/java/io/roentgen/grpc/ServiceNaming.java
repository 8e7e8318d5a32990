// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.roentgen.sampling.Wildcard;
import java.util.Objects;

/**
 * Names the service that serves a call, which is the name of its segment and of its node in the
 * service map. For a process that is several services, such as one that serves several hosts. Must
 * be quick, and safe for use by several threads.
 *
 * <p>Sampling rules match it as the name of the service, as those of the X-Ray SDKs do. It is asked
 * once for each call that rules decide about, and once for each that is recorded. Calls that nobody
 * asked for know the process by the one name of its kit.
 */
@FunctionalInterface
public interface ServiceNaming {
  /**
   * Returns the name of the service that serves a call; characters that X-Ray does not take are
   * left out, and an empty name stands for {@code service}.
   *
   * @param service the name of the kit
   * @param method the full name of the method, such as {@code shop.Cart/Add}
   * @param authority what the caller said whom it calls, such as {@code cart.shop.example:443}; may
   *     be empty
   */
  String name(String service, String method, String authority);

  /**
   * Returns one that names a service by the host that callers say, if that is like a pattern, as
   * the dynamic naming of the X-Ray SDKs. Callers choose what they say, so the pattern should take
   * no more than there are services.
   *
   * @param pattern in any case; {@code *} stands for any characters, {@code ?} for one
   */
  static ServiceNaming byHost(String pattern) {
    Objects.requireNonNull(pattern, "pattern");
    return (service, method, authority) -> {
      int colon = authority.lastIndexOf(':');
      // A colon within brackets is part of an IPv6 address.
      String host = colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
      return Wildcard.matches(pattern, host) ? host : service;
    };
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The load that the reference applications are meant for. */
public final class Profiles {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Shape SHOP_USERS =
      new Shape.Closed(2, Duration.ofSeconds(5), Duration.ofSeconds(20));
  private static final Shape SHOP_RATE = new Shape.Open(20 / 60.0);
  private static final Shape ORDER_RATE = new Shape.Open(20);
  private static final Shape FETCH_RATE = new Shape.Open(5);

  private Profiles() {}

  /** Returns requests of a platform's gateway, by {@code users} who do not wait. */
  public static Scenario hey(URI url, int users) {
    return HttpCalls.scenario(
        calls(), "hey" + users, new Shape.Closed(users), url, "GET", new byte[0]);
  }

  /** Returns customers of a shop's front end, two of them by default. */
  public static Scenario shop(URI frontend) {
    return shop("shop2", calls(), SHOP_USERS, frontend);
  }

  /**
   * Returns all kinds of call of an order service, 20 a second by default.
   *
   * @param target {@code host:port}
   * @param token for the {@code authorization} header
   * @throws IllegalStateException if the service does not answer as it should
   */
  public static Scenario orderMix(String target, String token) throws InterruptedException {
    GrpcCalls calls =
        new GrpcCalls(
            target,
            false,
            TIMEOUT,
            List.of(Map.entry("authorization", "Bearer " + token)),
            TraceStart.NONE);
    try {
      return OrderMix.scenario(calls, ORDER_RATE);
    } catch (WrongUseException e) {
      calls.close();
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /**
   * Returns pages to fetch for a fetcher, 5 a second by default; a site of this machine has them.
   *
   * @throws IOException if the site cannot be served
   */
  public static Scenario fetchLoop(URI fetcher) throws IOException {
    return FetchLoop.scenario(calls(), FETCH_RATE, fetcher);
  }

  static Scenario shop(String name, HttpCalls calls, Shape shape, URI frontend) {
    return Shop.scenario(calls, name, shape, frontend, 2);
  }

  static Shape shopUsers() {
    return SHOP_USERS;
  }

  static Shape shopRate() {
    return SHOP_RATE;
  }

  static Shape orderRate() {
    return ORDER_RATE;
  }

  static Shape fetchRate() {
    return FETCH_RATE;
  }

  private static HttpCalls calls() {
    return new HttpCalls(TIMEOUT, List.of(), TraceStart.NONE);
  }
}

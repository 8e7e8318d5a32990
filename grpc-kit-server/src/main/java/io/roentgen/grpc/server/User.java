// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import io.grpc.Context;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Who calls, as {@link Authentication} found out. Immutable. */
public final class User {
  static final Context.Key<User> KEY = Context.key("roentgen-user");

  private final String id;
  private final Map<String, String> claims;

  private User(String id, Map<String, String> claims) {
    this.id = Objects.requireNonNull(id, "id");
    this.claims = Collections.unmodifiableMap(new LinkedHashMap<>(claims));
  }

  /** Returns a user of whom no more than an id is known. */
  public static User of(String id) {
    return new User(id, Map.of());
  }

  /** Returns a user with what else the token says, such as roles; keeps their order. */
  public static User of(String id, Map<String, String> claims) {
    return new User(id, claims);
  }

  /**
   * Returns the user of the current gRPC {@link Context}, or null if the call is not authenticated:
   * its method is on the skip list, or no {@link Authentication} is installed.
   */
  public static @Nullable User current() {
    return KEY.get();
  }

  /** Returns the user's id. */
  public String id() {
    return id;
  }

  /** Returns what else the token says. */
  public Map<String, String> claims() {
    return claims;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof User user && id.equals(user.id) && claims.equals(user.claims);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  /** Returns the id; claims may be nobody's business. */
  @Override
  public String toString() {
    return "User[" + id + "]";
  }
}

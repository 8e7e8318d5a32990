// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Finds out who calls, from the {@code authorization} header, for {@link Slot#AUTH}. The user is in
 * the call's {@link Context}: {@link User#current}.
 *
 * <p>A call is refused with {@link Status#UNAUTHENTICATED} if it has no such header or several, if
 * the header has another scheme or no token, if the token is no good, and if the validator fails;
 * the description says which, and nothing of the token.
 *
 * <p>{@code grpc.health.v1.Health/Check} goes through without a token, as those who probe have
 * none. Safe for use by several threads.
 */
public final class Authentication implements ServerInterceptor {
  private static final System.Logger LOG = System.getLogger(Authentication.class.getName());
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final TokenValidator validator;
  private final String scheme;
  private final Set<String> skipped;
  private final boolean skipReflection;
  private final RateLimitedWarning failures = new RateLimitedWarning(LOG);

  private Authentication(Builder builder) {
    this.validator = builder.validator;
    this.scheme = builder.scheme;
    this.skipped = Collections.unmodifiableSet(new HashSet<>(builder.skipped));
    this.skipReflection = builder.skipReflection;
  }

  /** Returns a builder for headers of the form {@code Bearer <token>} (RFC 6750). */
  public static Builder bearer(TokenValidator validator) {
    return scheme("Bearer", validator);
  }

  /** Returns a builder for headers of another scheme; case does not matter (RFC 9110, 11.1). */
  public static Builder scheme(String scheme, TokenValidator validator) {
    if (scheme.isEmpty() || scheme.indexOf(' ') >= 0) {
      throw new IllegalArgumentException(
          "scheme: \"" + scheme + "\" (expected: one word, such as Bearer)");
    }
    return new Builder(scheme, Objects.requireNonNull(validator, "validator"));
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    String method = call.getMethodDescriptor().getFullMethodName();
    if (skipped.contains(method) || (skipReflection && WellKnownMethods.isReflection(method))) {
      return next.startCall(call, headers);
    }
    Iterable<String> values = headers.getAll(AUTHORIZATION);
    if (values == null) {
      return refuse(call, "authorization: missing (expected: " + scheme + " and a token)");
    }
    Iterator<String> each = values.iterator();
    String value = each.next();
    if (each.hasNext()) {
      // Which of them a proxy in front has checked, nobody knows.
      return refuse(call, "authorization: several values (expected: one)");
    }
    if (!isOfScheme(value)) {
      return refuse(call, "authorization: another scheme (expected: " + scheme + ")");
    }
    String token = value.substring(scheme.length()).strip();
    if (token.isEmpty()) {
      return refuse(call, "authorization: no token (expected: " + scheme + " and a token)");
    }
    User user;
    try {
      user = validator.validate(token, method);
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      failures.log("token validator failed method=" + method, e);
      return refuse(call, "authorization: the token could not be checked; try again later");
    }
    if (user == null) {
      return refuse(call, "authorization: the token is not valid");
    }
    return proceed(call, headers, next, user);
  }

  private static <ReqT, RespT> ServerCall.Listener<ReqT> proceed(
      ServerCall<ReqT, RespT> call,
      Metadata headers,
      ServerCallHandler<ReqT, RespT> next,
      User user) {
    Context context = Context.current().withValue(User.KEY, user);
    return Contexts.interceptCall(context, call, headers, next);
  }

  private boolean isOfScheme(String value) {
    return value.regionMatches(true, 0, scheme, 0, scheme.length())
        && (value.length() == scheme.length() || value.charAt(scheme.length()) == ' ');
  }

  private static <ReqT> ServerCall.Listener<ReqT> refuse(
      ServerCall<ReqT, ?> call, String description) {
    return RefusableCall.refuseAtStart(
        call, Status.UNAUTHENTICATED.withDescription(description), new Metadata());
  }

  /** Collects what is not to be asked for a token. Not safe for use by several threads. */
  public static final class Builder {
    private final String scheme;
    private final TokenValidator validator;
    private final Set<String> skipped = new HashSet<>(Set.of(WellKnownMethods.HEALTH_CHECK));
    private boolean skipReflection;

    private Builder(String scheme, TokenValidator validator) {
      this.scheme = scheme;
      this.validator = validator;
    }

    /** Lets more methods through without a token, by full name: {@code package.Service/Method}. */
    public Builder skip(String... fullMethodNames) {
      skipped.addAll(List.of(fullMethodNames));
      return this;
    }

    /** Lets {@code grpc.health.v1.Health/Watch} through, which clients that balance load use. */
    public Builder skipHealthWatch() {
      return skip(WellKnownMethods.HEALTH_WATCH);
    }

    /** Lets server reflection through: everybody may see which services there are. */
    public Builder skipReflection() {
      skipReflection = true;
      return this;
    }

    /** Returns the interceptor. */
    public Authentication build() {
      return new Authentication(this);
    }
  }
}

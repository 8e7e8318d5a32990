// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.intake;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.SimpleDecoratingHttpService;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Lets only requests pass that carry {@code Authorization: Bearer <token>}; in gRPC that is the
 * metadata key {@code authorization}.
 */
public final class TokenAuthentication extends SimpleDecoratingHttpService {
  private static final String SCHEME = "Bearer ";

  private final byte[] tokenDigest;
  private final RefusalWriter refusals;
  private final Predicate<ServiceRequestContext> open;

  private TokenAuthentication(
      HttpService delegate,
      byte[] tokenDigest,
      RefusalWriter refusals,
      Predicate<ServiceRequestContext> open) {
    super(delegate);
    this.tokenDigest = tokenDigest;
    this.refusals = refusals;
    this.open = open;
  }

  /**
   * Returns what puts a service behind {@code token}, all requests but those that are {@code open}.
   */
  public static Function<HttpService, HttpService> decorator(
      String token, RefusalWriter refusals, Predicate<ServiceRequestContext> open) {
    byte[] digest = digest(token);
    return delegate -> new TokenAuthentication(delegate, digest, refusals, open);
  }

  @Override
  public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) throws Exception {
    String problem = problem(request.headers().get(HttpHeaderNames.AUTHORIZATION));
    if (problem == null || open.test(ctx)) {
      return unwrap().serve(ctx, request);
    }
    RequestBody.forget(ctx, request);
    return refusals.refuse(request, new Refusal.Unauthenticated(problem));
  }

  private @Nullable String problem(@Nullable String header) {
    if (header == null) {
      return "authorization: missing (expected: Bearer and the token of this server)";
    }
    if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return "authorization: not a bearer token (expected: Bearer and the token of this server)";
    }
    // Digests have one length and are compared in constant time, so the time taken tells nothing of
    // the token.
    boolean same =
        MessageDigest.isEqual(tokenDigest, digest(header.substring(SCHEME.length()).strip()));
    return same ? null : "authorization: another token (expected: the token of this server)";
  }

  private static byte[] digest(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256: missing (expected: every Java has it)", e);
    }
  }
}

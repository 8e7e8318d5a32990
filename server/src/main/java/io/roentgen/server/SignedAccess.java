// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.roentgen.server.intake.Refusal;
import io.roentgen.server.intake.RefusedException;
import io.roentgen.server.signature.SignatureException;
import io.roentgen.server.signature.SignatureVerifier;
import io.roentgen.server.signature.SignedRequest;
import io.roentgen.server.xray.protocol.RequestAccess;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lets only requests pass that are signed with a known access key, at every listener but that of
 * the X-Ray daemon: SDKs do not sign what they ask a daemon.
 */
final class SignedAccess implements RequestAccess {
  private final SignatureVerifier verifier;
  private volatile @Nullable InetSocketAddress daemon;

  SignedAccess(SignatureVerifier verifier) {
    this.verifier = verifier;
  }

  /** Says where requests need not be signed; before that, all have to be. */
  void exempt(InetSocketAddress listener) {
    daemon = listener;
  }

  /** Returns whether the listener of a request wants signatures. */
  boolean covers(ServiceRequestContext ctx) {
    InetSocketAddress exempt = daemon;
    InetSocketAddress local = ctx.localAddress();
    return exempt == null
        || local.getPort() != exempt.getPort()
        || !(exempt.getAddress().isAnyLocalAddress()
            || exempt.getAddress().equals(local.getAddress()));
  }

  @Override
  public BodyCheck check(ServiceRequestContext ctx, HttpRequest request) {
    if (!covers(ctx)) {
      return OPEN.check(ctx, request);
    }
    try {
      SignatureVerifier.Claim claim = verifier.claim(signed(request.headers()));
      return (bytes, offset, length) -> {
        try {
          claim.check(bytes, offset, length);
        } catch (SignatureException e) {
          throw refused(e);
        }
      };
    } catch (SignatureException e) {
      throw refused(e);
    }
  }

  private static RefusedException refused(SignatureException e) {
    return new RefusedException(
        new Refusal.Unsigned(e.reason().code(), String.valueOf(e.getMessage())));
  }

  private static SignedRequest signed(RequestHeaders headers) {
    Map<String, List<String>> byName = new HashMap<>();
    headers.names().forEach(name -> byName.put(name.toString(), headers.getAll(name)));
    // HTTP/2 has it under another name.
    String authority = headers.authority();
    if (authority != null) {
      byName.put(HttpHeaderNames.HOST.toString(), List.of(authority));
    }
    String path = headers.path();
    int question = path.indexOf('?');
    return new SignedRequest(
        headers.method().name(),
        question < 0 ? path : path.substring(0, question),
        question < 0 ? "" : path.substring(question + 1),
        byName);
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolver.ResolutionResult;
import io.grpc.ProxyDetector;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.SynchronizationContext;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A resolver as a channel runs it, on one thread and a fake clock; keeps what it reported. */
final class Resolving extends NameResolver.Listener2 {
  final FakeClock clock = new FakeClock();
  final List<String> backends = new ArrayList<>();
  final List<Status> errors = new ArrayList<>();
  ProxyDetector proxies = target -> null;
  Status answer = Status.OK;
  NameResolver resolver;

  private final SynchronizationContext context =
      new SynchronizationContext(
          (thread, e) -> {
            throw new AssertionError(e);
          });

  NameResolver create(NameResolver.Factory factory, String target) {
    resolver = factory.newNameResolver(URI.create(target), args());
    return resolver;
  }

  Resolving start(NameResolver.Factory factory, String target) {
    create(factory, target);
    context.execute(() -> resolver.start((NameResolver.Listener2) this));
    return this;
  }

  void refresh() {
    context.execute(resolver::refresh);
  }

  void shutdown() {
    context.execute(resolver::shutdown);
  }

  NameResolver.Args args() {
    return NameResolver.Args.newBuilder()
        .setDefaultPort(80)
        .setProxyDetector(proxies)
        .setSynchronizationContext(context)
        .setScheduledExecutorService(clock)
        .setOffloadExecutor(Runnable::run)
        .setServiceConfigParser(
            new NameResolver.ServiceConfigParser() {
              @Override
              public NameResolver.ConfigOrError parseServiceConfig(Map<String, ?> raw) {
                return NameResolver.ConfigOrError.fromConfig(raw);
              }
            })
        .build();
  }

  @Override
  public void onResult(ResolutionResult result) {
    onResult2(result);
  }

  @Override
  public Status onResult2(ResolutionResult result) {
    StatusOr<List<EquivalentAddressGroup>> found = result.getAddressesOrError();
    if (found.hasValue()) {
      StringBuilder text = new StringBuilder();
      found.getValue().forEach(group -> text.append(group.getAddresses()).append(' '));
      backends.add(text.toString().strip());
    } else {
      errors.add(found.getStatus());
    }
    return answer;
  }

  @Override
  public void onError(Status error) {
    errors.add(error);
  }
}

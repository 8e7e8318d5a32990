// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.platform;

import io.grpc.ManagedChannel;
import io.roentgen.examples.common.Application;
import io.roentgen.examples.common.Channels;
import io.roentgen.examples.common.Endpoint;
import io.roentgen.examples.common.GrpcService;
import io.roentgen.examples.common.Launcher;
import io.roentgen.examples.common.Running;
import io.roentgen.examples.common.Settings;
import io.roentgen.examples.common.Tracing;
import io.roentgen.grpc.server.Slot;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One of the services A to H. */
final class Service implements Application {
  private final Member member;

  Service(Member member) {
    this.member = member;
  }

  @Override
  public String name() {
    return member.host();
  }

  @Override
  public Running start(Settings settings) throws Exception {
    Tracing tracing = Tracing.start(settings, settings.text("SERVICE_NAME", member.title()));
    List<AutoCloseable> parts = new ArrayList<>();
    parts.add(tracing);
    try {
      Map<String, ManagedChannel> callees = new LinkedHashMap<>();
      Duration deadline = settings.millis("RPC_TIMEOUT_MS", 5_000);
      for (Member callee : member.callees()) {
        ManagedChannel channel =
            Channels.to(tracing, settings.target(callee.url(), callee.host() + ":50051"), deadline);
        parts.add(0, () -> Channels.close(channel));
        callees.put(callee.name(), channel);
      }
      Keeper keeper = keeper(settings, tracing);
      if (keeper != null) {
        parts.add(0, keeper);
        if (member == Member.F) {
          parts.add(0, Consumer.start(settings, Broker.of(settings), tracing, keeper));
        }
      }
      GrpcService server =
          GrpcService.start(
              settings,
              tracing,
              ":50051",
              List.of(new Greeter(manner(settings, tracing), callees, keeper)),
              slots -> slots.add(Slot.HANDLER, new Partial()));
      parts.add(0, server);
      Endpoint endpoint = Endpoint.start(settings, tracing.registry());
      if (endpoint != null) {
        parts.add(0, endpoint);
      }
      return Launcher.together(Map.of("grpc", server.port()), parts);
    } catch (Exception e) {
      Launcher.together(Map.of(), parts).close();
      throw e;
    }
  }

  private @Nullable Keeper keeper(Settings settings, Tracing tracing) {
    if (member == Member.D) {
      return new Publisher(Broker.of(settings), tracing);
    }
    return member.hasDatabase() ? Database.of(settings, tracing, member) : null;
  }

  private Greeter.Manner manner(Settings settings, Tracing tracing) {
    List<String> optional = new ArrayList<>();
    for (String callee : settings.list("OPTIONAL_CALLEES", "")) {
      optional.add(callee.toUpperCase(Locale.ROOT));
    }
    return new Greeter.Manner(
        tracing.service(),
        settings.text("GREETING", member.greeting),
        hostname(),
        new HashSet<>(optional),
        settings.flag("STRICT_STORE", false),
        member == Member.D,
        fanOut(settings));
  }

  private static boolean fanOut(Settings settings) {
    return switch (settings.text("FANOUT", "sequential")) {
      case "sequential" -> false;
      case "parallel" -> true;
      default -> throw settings.bad("FANOUT", "sequential or parallel", null);
    };
  }

  private static String hostname() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // A machine that does not know its own name.
      return "localhost";
    }
  }
}

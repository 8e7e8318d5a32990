// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.roentgen.examples.common.Settings;
import io.roentgen.examples.shop.v1.Capacity;
import io.roentgen.examples.shop.v1.Fault;
import io.roentgen.examples.shop.v1.FaultAdminServiceGrpc;
import io.roentgen.examples.shop.v1.GetCapacityRequest;
import io.roentgen.examples.shop.v1.TableAdminServiceGrpc;
import io.roentgen.model.TraceId;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Does to the shop what {@link Chaos} says, and marks it on Roentgen's time line. Services are
 * killed by their supervisor, and told by a call of everything else.
 */
final class ChaosRunner implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ChaosRunner.class.getName());
  private static final int MIN_DELAY_MILLIS = 50;
  private static final int MAX_DELAY_MILLIS = 500;

  private final Chaos.Config config;
  private final Chaos chaos;
  private final Supervisor supervisor;
  private final Settings settings;
  private final @Nullable TimelineMarks marks;

  /** Rounds, and the end of what goes on for a while. */
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "chaos");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * Makes one that does nothing yet.
   *
   * @param settings say where the services are
   * @param marks where actions are marked, or null
   */
  ChaosRunner(
      Chaos.Config config,
      Supervisor supervisor,
      Settings settings,
      @Nullable TimelineMarks marks) {
    this.config = config;
    this.supervisor = supervisor;
    this.settings = settings;
    this.marks = marks;
    chaos = new Chaos(config);
  }

  /** Begins, with a pause first: there must be something to see that is whole. */
  void start() {
    LOG.log(
        System.Logger.Level.INFO,
        "chaos begins seed={0} kinds={1}",
        Long.toString(config.seed()),
        config.kinds());
    later(this::round, config.minPause());
  }

  private void later(Runnable work, Duration after) {
    var unused = timer.schedule(work, after.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void round() {
    Chaos.Round round = chaos.next(supervisor.live());
    for (Chaos.Action action : round.actions()) {
      act(action);
    }
    later(this::round, round.pause());
  }

  /** Does one thing; that it cannot be done is logged, and no reason to stop. */
  void act(Chaos.Action action) {
    LOG.log(System.Logger.Level.INFO, "chaos: {0} {1}", action.kind().label(), action.victim());
    Instant time = Instant.now();
    try {
      String text =
          switch (action.kind()) {
            case KILL -> {
              supervisor.kill(action.victim());
              yield "comes back after " + config.restart().toSeconds() + " s";
            }
            case LATENCY -> {
              inject(
                  action.victim(),
                  fault(Fault.Kind.KIND_LATENCY)
                      .setMinDelayMs(MIN_DELAY_MILLIS)
                      .setMaxDelayMs(MAX_DELAY_MILLIS));
              yield MIN_DELAY_MILLIS + " to " + MAX_DELAY_MILLIS + " ms more for each call";
            }
            case STATUS -> {
              inject(action.victim(), fault(Fault.Kind.KIND_STATUS).setPercent(config.percent()));
              yield config.percent() + " % of the calls fail as UNAVAILABLE";
            }
            case BLACKHOLE -> {
              inject(action.victim(), fault(Fault.Kind.KIND_BLACKHOLE));
              yield "calls are not answered";
            }
            case CAPACITY -> dropCapacity();
          };
      if (marks != null) {
        boolean kill = action.kind() == Chaos.Kind.KILL;
        marks.mark(action, time, kill ? config.restart() : config.effect(), text);
      }
    } catch (StatusRuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "chaos cannot " + action, e);
    } catch (InterruptedException e) {
      // The chaos is over.
      Thread.currentThread().interrupt();
    }
  }

  private Fault.Builder fault(Fault.Kind kind) {
    return Fault.newBuilder().setKind(kind).setDurationMs((int) config.effect().toMillis());
  }

  private void inject(String victim, Fault.Builder fault) {
    call(
        victim,
        channel -> {
          var unused =
              FaultAdminServiceGrpc.newBlockingStub(channel)
                  .withInterceptors(untraced())
                  .withDeadlineAfter(5, TimeUnit.SECONDS)
                  .injectFault(fault.build());
        });
  }

  private String dropCapacity() {
    call(
        ShopService.CATALOG.name(),
        channel -> {
          Capacity before = table(channel).getCapacity(GetCapacityRequest.getDefaultInstance());
          set(channel, before.toBuilder().setReadUnits(config.capacity()).build());
          // One that goes on already has the right value in its keeping.
          if (before.getReadUnits() != config.capacity()) {
            later(
                () -> call(ShopService.CATALOG.name(), again -> set(again, before)),
                config.effect());
          }
        });
    return config.capacity() + " read units a second";
  }

  private static void set(ManagedChannel channel, Capacity capacity) {
    try {
      var unused = table(channel).setCapacity(capacity);
    } catch (StatusRuntimeException e) {
      // Killed meanwhile, it comes back with the capacity that it is set to.
      LOG.log(System.Logger.Level.WARNING, "chaos cannot set the capacity", e);
    }
  }

  private static TableAdminServiceGrpc.TableAdminServiceBlockingStub table(ManagedChannel channel) {
    return TableAdminServiceGrpc.newBlockingStub(channel)
        .withInterceptors(untraced())
        .withDeadlineAfter(5, TimeUnit.SECONDS);
  }

  private void call(String service, Consumer<ManagedChannel> work) {
    ShopService callee =
        ShopService.ALL.stream()
            .filter(each -> each.name().equals(service))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("service: " + service));
    // Seldom enough for a channel of its own, which knows nothing of how the service was before.
    ManagedChannel channel =
        NettyChannelBuilder.forTarget(callee.target(settings)).usePlaintext().build();
    try {
      work.accept(channel);
    } finally {
      channel.shutdownNow();
    }
  }

  /** Chaos is no part of the shop's work: the decision that it is not recorded is followed. */
  private static ClientInterceptor untraced() {
    String trace =
        new TraceId(Instant.now().getEpochSecond() << 32, ThreadLocalRandom.current().nextLong())
            .toXRay();
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("x-amzn-trace-id", Metadata.ASCII_STRING_MARSHALLER),
        "Root=" + trace + ";Sampled=0");
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  /** Ends at once, in the middle of a pause, too. */
  @Override
  public void close() {
    timer.shutdownNow();
  }
}

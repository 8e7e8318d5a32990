// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.platform;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.roentgen.examples.greeting.v3.Greeting;
import io.roentgen.examples.greeting.v3.GreetingRequest;
import io.roentgen.examples.greeting.v3.GreetingResponse;
import io.roentgen.examples.greeting.v3.GreetingServiceGrpc;
import io.roentgen.grpc.ActiveSpan;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Answers with its own greeting and those of the services it asks, in turn. What it keeps, if
 * anything, is the greeting of who asked; a service with a queue passes its own on.
 */
final class Greeter extends GreetingServiceGrpc.GreetingServiceImplBase {
  /** Tells the edge which services are missing from the answer. */
  static final Metadata.Key<String> PARTIAL =
      Metadata.Key.of("x-partial", Metadata.ASCII_STRING_MARSHALLER);

  private static final System.Logger LOG = System.getLogger(Greeter.class.getName());

  /**
   * How a service answers.
   *
   * @param service its name
   * @param message what it says
   * @param hostname the machine it is on
   * @param optional names of callees without whom the answer is still one
   * @param strictStore whether a greeting that cannot be kept is an error
   * @param passesOn whether it keeps its own greeting, and not that of who asks
   * @param parallel whether it asks all callees at once, and not one after the other
   */
  record Manner(
      String service,
      String message,
      String hostname,
      Set<String> optional,
      boolean strictStore,
      boolean passesOn,
      boolean parallel) {
    Manner {
      optional = Set.copyOf(optional);
    }
  }

  private final Manner manner;
  private final Map<String, GreetingServiceGrpc.GreetingServiceFutureStub> callees =
      new LinkedHashMap<>();
  private final @Nullable Keeper keeper;

  /**
   * Makes one.
   *
   * @param callees by name, in the order in which they are asked
   * @param keeper null if it keeps nothing
   */
  Greeter(Manner manner, Map<String, ManagedChannel> callees, @Nullable Keeper keeper) {
    this.manner = manner;
    this.keeper = keeper;
    callees.forEach(
        (name, channel) -> this.callees.put(name, GreetingServiceGrpc.newFutureStub(channel)));
  }

  @Override
  public void greeting(GreetingRequest request, StreamObserver<GreetingResponse> out) {
    Greeting asked = request.getGreeting();
    LOG.log(System.Logger.Level.DEBUG, "greeting asked by=" + asked.getService());
    Greeting own =
        Greeting.newBuilder()
            .setId(UUID.randomUUID().toString())
            .setService(manner.service())
            .setMessage(manner.message())
            .setCreated(Instant.now().toString())
            .setHostname(manner.hostname())
            .build();
    GreetingResponse.Builder answer = GreetingResponse.newBuilder().addGreeting(own);
    Set<String> missing = new TreeSet<>();
    try {
      keep(manner.passesOn() ? own : asked);
      GreetingRequest onward = GreetingRequest.newBuilder().setGreeting(own).build();
      if (manner.parallel()) {
        Map<String, Asked> all = new LinkedHashMap<>();
        callees.forEach((name, stub) -> all.put(name, Asked.of(stub, onward)));
        all.forEach((name, one) -> hear(name, one, answer, missing));
      } else {
        callees.forEach((name, stub) -> hear(name, Asked.of(stub, onward), answer, missing));
      }
    } catch (StatusRuntimeException e) {
      out.onError(e);
      return;
    }
    Partial.tell(missing);
    out.onNext(answer.build());
    out.onCompleted();
  }

  private void keep(Greeting greeting) {
    if (keeper == null) {
      return;
    }
    try {
      keeper.keep(greeting);
    } catch (Exception e) {
      LOG.log(System.Logger.Level.WARNING, "greeting is not kept: " + e);
      ActiveSpan.current().annotate("not_kept", true);
      if (manner.strictStore()) {
        throw Status.UNAVAILABLE
            .withDescription(manner.service() + ": cannot keep the greeting")
            .withCause(e)
            .asRuntimeException();
      }
    }
  }

  /** A callee that is asked, and may not have answered yet. */
  private record Asked(Partial.Heard heard, Future<GreetingResponse> response) {
    static Asked of(GreetingServiceGrpc.GreetingServiceFutureStub stub, GreetingRequest request) {
      Partial.Heard heard = new Partial.Heard();
      return new Asked(heard, stub.withInterceptors(heard).greeting(request));
    }

    /** Waits for the answer; throws what the call ended with if there is none. */
    GreetingResponse await() {
      try {
        return response.get();
      } catch (ExecutionException e) {
        throw Status.fromThrowable(e).asRuntimeException();
      } catch (InterruptedException e) {
        response.cancel(true);
        Thread.currentThread().interrupt();
        throw Status.CANCELLED.withDescription("interrupted").asRuntimeException();
      }
    }
  }

  private void hear(
      String name, Asked asked, GreetingResponse.Builder answer, Set<String> missing) {
    try {
      answer.addAllGreeting(asked.await().getGreetingList());
      missing.addAll(asked.heard().missing());
    } catch (StatusRuntimeException e) {
      if (manner.optional().contains(name)) {
        LOG.log(System.Logger.Level.WARNING, "answer is partial missing=" + name + ": " + e);
        ActiveSpan.current().annotate("partial", name);
        missing.add(name);
        return;
      }
      String description = e.getStatus().getDescription();
      String text = description == null ? "" : description;
      // Who passes a failure on names the hop where it is, once.
      throw (text.startsWith("Service ")
              ? e.getStatus()
              : e.getStatus().withDescription("Service " + name + ": " + text))
          .withCause(e)
          .asRuntimeException();
    }
  }
}

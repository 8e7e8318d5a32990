// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import io.grpc.BindableService;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.roentgen.grpc.CallOutcomes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The interceptors of a server in the order in which calls go through them. grpc-java runs the
 * interceptor first that was added last; here each has a {@link Slot}, and in which order they are
 * added matters within a slot only: earlier is further outside.
 *
 * <pre>{@code
 * ServerSlots.builder()
 *     .defaults()
 *     .add(Slot.TRACE, kit.serverInterceptor())
 *     .add(Slot.AUTH, Authentication.bearer(validator).build())
 *     .build()
 *     .installOn(serverBuilder);
 * }</pre>
 *
 * <p>Immutable.
 */
public final class ServerSlots {
  private static final System.Logger LOG = System.getLogger(ServerSlots.class.getName());

  private record Entry(Slot slot, String name, ServerInterceptor interceptor) {}

  private final List<Entry> outermostFirst;

  private ServerSlots(List<Entry> outermostFirst) {
    this.outermostFirst = List.copyOf(outermostFirst);
  }

  /** Returns a builder whose slots are all empty. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Adds the interceptors to a server and logs their order. Interceptors that the builder already
   * has run inside of these, those added later run outside.
   */
  public <T extends ServerBuilder<?>> T installOn(T server) {
    for (int i = outermostFirst.size() - 1; i >= 0; i--) {
      server.intercept(outermostFirst.get(i).interceptor());
    }
    LOG.log(System.Logger.Level.INFO, "gRPC server interceptors order={0}", this);
    return server;
  }

  /**
   * Puts the interceptors around one service, for servers that are not made by a {@link
   * ServerBuilder}, such as Armeria's.
   */
  public ServerServiceDefinition around(BindableService service) {
    return around(service.bindService());
  }

  /** Puts the interceptors around one service. */
  public ServerServiceDefinition around(ServerServiceDefinition service) {
    return ServerInterceptors.interceptForward(service, interceptors());
  }

  /** Returns the interceptors, outermost first. */
  public List<ServerInterceptor> interceptors() {
    List<ServerInterceptor> interceptors = new ArrayList<>(outermostFirst.size());
    outermostFirst.forEach(entry -> interceptors.add(entry.interceptor()));
    return Collections.unmodifiableList(interceptors);
  }

  /**
   * Returns slots and names, outermost first: {@code LOG CallLogInterceptor > AUTH Authentication}.
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Entry entry : outermostFirst) {
      text.append(text.isEmpty() ? "" : " > ").append(entry.slot()).append(' ');
      text.append(entry.name());
    }
    return text.isEmpty() ? "none" : text.toString();
  }

  /** Collects interceptors. Not safe for use by several threads. */
  public static final class Builder {
    private final Map<Slot, List<Entry>> bySlot = new EnumMap<>(Slot.class);

    private Builder() {}

    /**
     * Adds what every server wants, each in its slot: {@link CallLog}, {@link ErrorMapping}, {@link
     * DeadlineCheck} of calls whose time is over, {@link Validation} of {@link SelfValidating}
     * requests and {@link ResponseLimit}.
     */
    public Builder defaults() {
      return defaults(CallOutcomes.defaults());
    }

    /** Adds the same, with a log that goes by a table of one's own, as {@link CallLog.Builder}. */
    public Builder defaults(CallOutcomes outcomes) {
      return add(Slot.LOG, CallLog.builder().outcomes(outcomes).build().interceptor())
          .add(Slot.ERROR_MAPPING, ErrorMapping.builder().build())
          .add(Slot.DEADLINE, DeadlineCheck.refusingExpired())
          .add(Slot.VALIDATION, Validation.of(SelfValidating.VALIDATOR))
          .add(Slot.HANDLER, ResponseLimit.ofBytes(ServerTransport.DEFAULT_MAX_MESSAGE_BYTES));
    }

    /** Adds an interceptor, any, to a slot; it is called by its class in the printed order. */
    public Builder add(Slot slot, ServerInterceptor interceptor) {
      return add(slot, nameOf(interceptor.getClass()), interceptor);
    }

    /** Adds an interceptor under a name of its own in the printed order. */
    public Builder add(Slot slot, String name, ServerInterceptor interceptor) {
      Objects.requireNonNull(slot, "slot");
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(interceptor, "interceptor");
      bySlot.computeIfAbsent(slot, s -> new ArrayList<>()).add(new Entry(slot, name, interceptor));
      return this;
    }

    /** Returns the slots as they are now. */
    public ServerSlots build() {
      List<Entry> outermostFirst = new ArrayList<>();
      bySlot.values().forEach(outermostFirst::addAll);
      return new ServerSlots(outermostFirst);
    }

    private static String nameOf(Class<?> type) {
      if (type.isHidden() || type.isAnonymousClass()) {
        // A lambda's or anonymous class's own name says nothing; where it was written does.
        String name = type.getName().substring(type.getName().lastIndexOf('.') + 1);
        int end = name.indexOf('$');
        return (end < 0 ? name : name.substring(0, end)) + "$";
      }
      return type.getSimpleName();
    }
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingClientCall;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.roentgen.codec.xray.SegmentNames;
import io.roentgen.sampling.RuleFile;
import io.roentgen.sampling.RuleFileException;
import io.roentgen.sampling.RuleSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Traces the gRPC calls of a process: those it serves and those it makes. One object for the whole
 * process, closed when that ends.
 *
 * <pre>{@code
 * GrpcKit kit = GrpcKit.create("orders");
 * Server server = kit.instrument(ServerBuilder.forPort(50051)).addService(orders).build().start();
 * ManagedChannel users = kit.instrument(ManagedChannelBuilder.forTarget("dns:///users:50051")).build();
 * }</pre>
 *
 * <p>Unless told otherwise, segments go to the X-Ray daemon that the environment names, and its
 * sampling rules decide. Whether that is there makes no difference to any call.
 */
public final class GrpcKit implements AutoCloseable {
  /** How many spans wait to be sent unless told otherwise. */
  public static final int DEFAULT_QUEUE_CAPACITY = 16_384;

  /** After how long a span that goes on is told of. */
  public static final Duration DEFAULT_IN_PROGRESS_AFTER = Duration.ofSeconds(1);

  /** After how long a span that goes on is told of again. */
  public static final Duration DEFAULT_IN_PROGRESS_EVERY = Duration.ofSeconds(30);

  /** The variable by which the X-Ray SDKs let an operator name the service. */
  public static final String NAME_VARIABLE = "AWS_XRAY_TRACING_NAME";

  /** What the X-Ray SDKs do without a rule file: one call a second, and of the others 5 %. */
  private static final String DEFAULT_RULES =
      "{\"version\":2,\"default\":{\"fixed_target\":1,\"rate\":0.05}}";

  private final @Nullable SpanSource source;
  private final @Nullable Calls calls;
  private final Propagation propagation;
  private final ServerInterceptor server;
  private final ClientInterceptor client;
  private final @Nullable OtherTracers others;

  private GrpcKit(Builder builder, @Nullable SpanSource source, KitClock clock) {
    this.source = source;
    propagation = builder.propagation;
    if (source == null) {
      calls = null;
      others = null;
      server = new RelayServer(propagation);
      client = new RelayClient();
    } else {
      others = OtherTracers.find();
      calls = new Calls(source, propagation, clock, builder.observers);
      server = new KitServerInterceptor(calls, others);
      client = new KitClientInterceptor(calls, others, null);
    }
  }

  /**
   * Returns a kit with all defaults, and what the environment says.
   *
   * @param service the name of this service in the map
   * @throws IllegalArgumentException if the name or a variable of the environment cannot be used
   */
  public static GrpcKit create(String service) {
    return builder(service).build();
  }

  /** Returns what a kit is made with. */
  public static Builder builder(String service) {
    return new Builder(service);
  }

  /** Returns the interceptor for calls that are served; to be the outermost. */
  public ServerInterceptor serverInterceptor() {
    return server;
  }

  /** Returns the interceptor for calls that are made; to be the outermost. */
  public ClientInterceptor clientInterceptor() {
    return client;
  }

  /**
   * Returns the interceptor for calls that are made to one service; to be the outermost. Their
   * X-Ray subsegments have its name, so that it is this node of the map also while it does not
   * answer.
   *
   * @param callee what the service calls itself; not empty
   */
  public ClientInterceptor clientInterceptor(String callee) {
    if (callee.isEmpty()) {
      throw new IllegalArgumentException("callee: '' (expected: the name of a service)");
    }
    return calls == null || others == null
        ? client
        : new KitClientInterceptor(calls, others, callee);
  }

  /**
   * Has a server's calls traced, with the bytes of their messages; returns the builder.
   * Interceptors that are added to it later run outside this one.
   */
  public <T extends ServerBuilder<?>> T instrument(T builder) {
    countBytes(builder).intercept(server);
    return builder;
  }

  /**
   * Has the bytes of a server's messages counted; returns the builder. For frameworks that are
   * given the interceptor by itself: {@link #instrument} does both.
   */
  public <T extends ServerBuilder<?>> T countBytes(T builder) {
    if (calls != null) {
      builder.addStreamTracerFactory(new ServerSizes.Factory(calls));
    }
    return builder;
  }

  /** Has a channel's calls traced; returns the builder. */
  public <T extends ManagedChannelBuilder<?>> T instrument(T builder) {
    builder.intercept(client);
    return builder;
  }

  /**
   * Has the calls of a channel to one service traced under its name, see {@link
   * #clientInterceptor(String)}; returns the builder.
   */
  public <T extends ManagedChannelBuilder<?>> T instrument(T builder, String callee) {
    builder.intercept(clientInterceptor(callee));
    return builder;
  }

  /** Returns how headers are read and written, for protocols other than gRPC. */
  public Propagation propagation() {
    return propagation;
  }

  /**
   * Starts work that no gRPC call asked for, such as an HTTP request or a message from a queue,
   * which must be ended.
   *
   * @param name what is asked for or done; a segment of X-Ray has it as the annotation {@code
   *     operation}, as it is named after its service itself
   * @param incoming what {@link Propagation#extract} found, or null
   */
  public ActiveSpan start(String name, ActiveSpan.Kind kind, @Nullable TraceContext incoming) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("name: '' (expected: what is done)");
    }
    return source == null ? UnsampledSpan.NONE : source.start(name, kind, incoming);
  }

  /**
   * Starts a request that came by another protocol, such as HTTP at a gateway, which must be ended.
   * It is part of the trace that its headers name, and calls made for it get the headers that the
   * kit's {@link Propagation} relays and those that {@code annotator} gives.
   *
   * @param name as for {@link #start(String, ActiveSpan.Kind, TraceContext)}
   * @param headers returns the value of the header with a name in lower case, or null
   */
  public ActiveSpan start(
      String name,
      ActiveSpan.Kind kind,
      Function<String, @Nullable String> headers,
      HeaderAnnotator annotator) {
    ActiveSpan span = start(name, kind, propagation.extract(headers));
    if (span == UnsampledSpan.NONE) {
      span = ActiveSpan.unsampled(null);
    }
    span.relayed = propagation.relayed(headers, annotator);
    return span;
  }

  /**
   * Says what a request or message by another protocol carries that is made for a span: its
   * context, and the headers that are relayed.
   *
   * @param span usually one of kind CLIENT or PRODUCER that {@link ActiveSpan#startChild} made
   * @param set takes a name in lower case and a value, in place of any that is there
   */
  public void inject(ActiveSpan span, BiConsumer<String, String> set) {
    TraceContext context = span.context();
    if (context != null) {
      propagation.inject(context, set);
    }
    Object[] relayed = span.relayed;
    for (int i = 0; relayed != null && i < relayed.length; i += 2) {
      set.accept(((Metadata.Key<?>) relayed[i]).name(), (String) relayed[i + 1]);
    }
  }

  /** Returns how many calls go on that are traced or observed. */
  public long openCalls() {
    return calls == null ? 0 : calls.open();
  }

  /** Returns what became of the spans so far. */
  public SpanStatistics statistics() {
    return source == null ? new SpanStatistics(0, 0, 0) : source.statistics();
  }

  /** Waits until what has ended is handed to the network; returns whether it was in time. */
  public boolean flush(Duration timeout) throws InterruptedException {
    return source == null || source.flush(timeout);
  }

  /** Sends what has ended, and stops. Calls go on untraced. May be called twice. */
  @Override
  public void close() {
    if (source != null) {
      try {
        source.close();
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException("cannot close " + source, e);
      }
    }
  }

  /** What a kit is made with. */
  public static final class Builder {
    private final String service;
    private Map<String, String> environment = System.getenv();
    private @Nullable DaemonAddress daemon;
    private @Nullable SegmentTransport transport;
    private @Nullable SpanSource source;
    private @Nullable CallSampler sampler;
    private @Nullable String samplingRules;
    private @Nullable Boolean pollSamplingRules;
    private Propagation propagation = Propagation.defaults();
    private final List<CallObserver> observers = new ArrayList<>();
    private @Nullable RpcNames names;
    private CallOutcomes outcomes = CallOutcomes.defaults();
    private @Nullable ServiceNaming naming;
    private String origin = "";
    private String version = "";
    private int queueCapacity = DEFAULT_QUEUE_CAPACITY;
    private Duration inProgressAfter = DEFAULT_IN_PROGRESS_AFTER;
    private Duration inProgressEvery = DEFAULT_IN_PROGRESS_EVERY;
    private int messageTicks;
    private boolean relayOnly;
    private final Set<String> tracing = new LinkedHashSet<>();

    /** What was said that only the sending of X-Ray segments knows. */
    private final Set<String> xray = new LinkedHashSet<>();

    private Builder(String service) {
      this.service = Objects.requireNonNull(service, "service");
    }

    /** Sets where segments are sent, in place of what the environment says. */
    public Builder daemon(DaemonAddress address) {
      daemon = address;
      return xray("daemon");
    }

    /** Sets what makes and sends spans, in place of X-Ray; the kit closes it. */
    public Builder spans(SpanSource newSource) {
      source = newSource;
      return tracing("spans");
    }

    /**
     * Sets what decides about calls that nobody has decided about, in place of rules; the kit
     * closes it.
     */
    public Builder sampler(CallSampler newSampler) {
      sampler = newSampler;
      samplingRules = null;
      return xray("sampler");
    }

    /**
     * Decides by local rules in the format of the X-Ray SDKs, versions 1 and 2, and by no others
     * unless {@link #pollSamplingRules} is set.
     *
     * @throws IllegalArgumentException if they are not valid; the message says where
     */
    public Builder samplingRules(String json) {
      localRules(json);
      samplingRules = json;
      sampler = null;
      return xray("samplingRules");
    }

    /**
     * Sets whether rules are fetched from the daemon, and what they did is reported to it. Unless
     * set they are, if segments go there and neither {@link #sampler} nor {@link #samplingRules} is
     * given. Rules that are given decide while the daemon's are not known, or too old.
     */
    public Builder pollSamplingRules(boolean poll) {
      pollSamplingRules = poll;
      return xray("pollSamplingRules");
    }

    /** Sets which headers are read, written and relayed. */
    public Builder propagation(Propagation newPropagation) {
      propagation = newPropagation;
      return tracing("propagation");
    }

    /**
     * Makes no spans and only relays headers, for services whose mesh makes the spans; see {@link
     * Propagation#MESH_HEADERS}. Excludes everything that has to do with spans.
     *
     * @throws IllegalArgumentException if a name is none of a text header
     */
    public Builder relayOnly(Collection<String> headers) {
      propagation = Propagation.relayOnly(headers);
      relayOnly = true;
      return this;
    }

    /** Adds somebody who is told of calls; they are told in the order in which they are added. */
    public Builder observer(CallObserver observer) {
      observers.add(Objects.requireNonNull(observer, "observer"));
      return this;
    }

    /** Sets how the facts of calls are called, in place of what the environment says. */
    public Builder rpcNames(RpcNames newNames) {
      names = newNames;
      return xray("rpcNames");
    }

    /** Sets which statuses are errors, faults and throttles, for all methods or some. */
    public Builder outcomes(CallOutcomes newOutcomes) {
      outcomes = Objects.requireNonNull(newOutcomes, "newOutcomes");
      return xray("outcomes");
    }

    /** Sets what names the segments of served calls, in place of the one name of the kit. */
    public Builder serviceNaming(ServiceNaming newNaming) {
      naming = Objects.requireNonNull(newNaming, "newNaming");
      return xray("serviceNaming");
    }

    /** Sets what this process runs on, such as {@code AWS::EKS::Container}. */
    public Builder origin(String newOrigin) {
      origin = newOrigin;
      return xray("origin");
    }

    /** Sets the version of this service. */
    public Builder version(String newVersion) {
      version = newVersion;
      return xray("version");
    }

    /** Sets how many spans may wait to be sent; more are dropped and counted. */
    public Builder queueCapacity(int spans) {
      if (spans < 1 || spans > 1 << 24) {
        throw new IllegalArgumentException(
            "queueCapacity: " + spans + " (expected: 1 to 16777216)");
      }
      queueCapacity = spans;
      return xray("queueCapacity");
    }

    /** Sets after how long a span that goes on is sent as being in progress, and then how often. */
    public Builder inProgress(Duration after, Duration every) {
      inProgressAfter = positive("after", after);
      inProgressEvery = positive("every", every);
      return xray("inProgress");
    }

    /** Has the times of a call's first messages kept, of at most this many; 0 unless set. */
    public Builder messageTicks(int max) {
      if (max < 0 || max > 1000) {
        throw new IllegalArgumentException("messageTicks: " + max + " (expected: 0 to 1000)");
      }
      messageTicks = max;
      return xray("messageTicks");
    }

    /** Sets what takes segments to where they belong, in place of the daemon; the kit closes it. */
    public Builder transport(SegmentTransport newTransport) {
      transport = newTransport;
      return xray("transport");
    }

    /** Sets what is taken for the environment of the process. */
    public Builder environment(Map<String, String> variables) {
      environment = Map.copyOf(variables);
      return this;
    }

    /**
     * Makes the kit.
     *
     * @throws IllegalArgumentException if the service's name or a variable of the environment
     *     cannot be used
     * @throws IllegalStateException if {@link #relayOnly} was asked for beside tracing, or other
     *     things that exclude each other
     */
    public GrpcKit build() {
      KitClock clock = new KitClock();
      if (relayOnly) {
        if (!tracing.isEmpty() || !observers.isEmpty()) {
          throw new IllegalStateException(
              "relayOnly: with "
                  + (tracing.isEmpty() ? "observer" : String.join(", ", tracing))
                  + " (expected: either the mesh makes the spans or this kit)");
        }
        return new GrpcKit(this, null, clock);
      }
      SpanSource spans = source;
      if (spans == null) {
        spans = xray(clock);
      } else if (!xray.isEmpty()) {
        throw new IllegalStateException(
            "spans: with "
                + String.join(", ", xray)
                + " (expected: "
                + spans.getClass().getSimpleName()
                + " is told itself what it needs; these are for X-Ray)");
      }
      return new GrpcKit(this, spans, clock);
    }

    private SpanSource xray(KitClock clock) {
      String name = environment.getOrDefault(NAME_VARIABLE, "");
      if (name.isEmpty()) {
        name = service;
      }
      if (!SegmentNames.isValid(name)) {
        throw new IllegalArgumentException(
            "service: '"
                + name
                + "' (expected: 1 to 200 letters, digits, spaces and _ . : / % & # = + \\ - @)");
      }
      DaemonAddress address = daemon;
      if (address == null) {
        String value = environment.getOrDefault(DaemonAddress.VARIABLE, "");
        address = value.isEmpty() ? DaemonAddress.DEFAULT : DaemonAddress.parse(value);
      }
      RpcNames rpcNames =
          names == null ? RpcNames.ofOptIn(environment.get(RpcNames.VARIABLE)) : names;
      if (sampler != null && Boolean.TRUE.equals(pollSamplingRules)) {
        throw new IllegalStateException(
            "pollSamplingRules: with sampler (expected: one that decides)");
      }
      XRayExporter exporter =
          new XRayExporter(
              queueCapacity,
              new SegmentEncoder(
                  UdpTransport.MAX_DOCUMENT_BYTES, rpcNames, outcomes, origin, version),
              transport == null ? udp(address) : transport,
              clock,
              inProgressAfter.toNanos(),
              inProgressEvery.toNanos());
      return new XRaySpans(name, naming, decides(address), clock, exporter, messageTicks);
    }

    private CallSampler decides(DaemonAddress address) {
      if (sampler != null) {
        return sampler;
      }
      RuleSampler rules =
          new RuleSampler(
              localRules(samplingRules == null ? DEFAULT_RULES : samplingRules), origin);
      boolean poll =
          pollSamplingRules == null
              ? samplingRules == null && transport == null
              : pollSamplingRules;
      if (!poll) {
        return rules;
      }
      return new DaemonRules(
              rules,
              new DaemonHttp(address.tcpHost(), address.tcpPort(), DaemonHttp.TIMEOUT),
              InstantSource.system(),
              System::nanoTime,
              () -> ThreadLocalRandom.current().nextDouble())
          .start();
    }

    private static UdpTransport udp(DaemonAddress address) {
      try {
        return new UdpTransport(
            address.udpHost(), address.udpPort(), InetAddress::getByName, System::nanoTime);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot open a datagram socket", e);
      }
    }

    private Builder tracing(String what) {
      tracing.add(what);
      return this;
    }

    private Builder xray(String what) {
      xray.add(what);
      return tracing(what);
    }

    private static RuleSet localRules(String json) {
      try {
        return RuleFile.parse(json);
      } catch (RuleFileException e) {
        throw new IllegalArgumentException("samplingRules: " + e.getMessage(), e);
      }
    }

    private static Duration positive(String name, Duration value) {
      if (value.isNegative() || value.isZero()) {
        throw new IllegalArgumentException(name + ": " + value + " (expected: more than 0)");
      }
      return value;
    }
  }

  /** Keeps the headers of a call that is served for those that are made for it. */
  private static final class RelayServer implements ServerInterceptor {
    private final Propagation propagation;

    RelayServer(Propagation propagation) {
      this.propagation = propagation;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      Object[] relayed = propagation.relayed(headers);
      if (relayed == null) {
        return next.startCall(call, headers);
      }
      ActiveSpan span = ActiveSpan.unsampled(null);
      span.relayed = relayed;
      return Contexts.interceptCall(
          Context.current().withValue(ActiveSpan.KEY, span), call, headers, next);
    }
  }

  /** Puts those headers on calls that are made. */
  private static final class RelayClient implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      Object[] relayed = ActiveSpan.current().relayed;
      ClientCall<Q, A> call = next.newCall(method, options);
      return relayed == null ? call : new Relaying<>(relayed, call);
    }
  }

  private static final class Relaying<Q, A>
      extends ForwardingClientCall.SimpleForwardingClientCall<Q, A> {
    private final Object[] relayed;

    Relaying(Object[] relayed, ClientCall<Q, A> call) {
      super(call);
      this.relayed = relayed;
    }

    @Override
    public void start(Listener<A> listener, Metadata headers) {
      Propagation.relay(relayed, headers);
      super.start(listener, headers);
    }
  }
}

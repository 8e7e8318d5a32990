// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.common.metric.NoopMeterRegistry;
import com.linecorp.armeria.common.util.BlockingTaskExecutor;
import com.linecorp.armeria.server.RequestTimeoutException;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServerPort;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.ingest.Admission;
import io.roentgen.ingest.Ingest;
import io.roentgen.ingest.IngestMetrics;
import io.roentgen.ingest.Transport;
import io.roentgen.ingest.udp.UdpCollector;
import io.roentgen.sampling.RuleSet;
import io.roentgen.server.ServerConfig.Security;
import io.roentgen.server.api.ApiRoutes;
import io.roentgen.server.api.ServerStatus;
import io.roentgen.server.console.ConsoleRoutes;
import io.roentgen.server.console.ConsoleSession;
import io.roentgen.server.console.SessionRoutes;
import io.roentgen.server.intake.Intake;
import io.roentgen.server.intake.Refusal;
import io.roentgen.server.intake.RequestBody;
import io.roentgen.server.intake.TokenAuthentication;
import io.roentgen.server.otlp.OtlpRoutes;
import io.roentgen.server.sample.SampleData;
import io.roentgen.server.sample.SampleStore;
import io.roentgen.server.signature.AccessKeys;
import io.roentgen.server.signature.SignatureVerifier;
import io.roentgen.server.xray.XRayApi;
import io.roentgen.server.xray.insights.InsightMonitor;
import io.roentgen.server.xray.protocol.RequestAccess;
import io.roentgen.server.xray.sums.KeptSums;
import io.roentgen.store.StoreClosedException;
import io.roentgen.store.TraceStore;
import io.roentgen.store.lake.LakeStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server process: all listeners over one store.
 *
 * <pre>{@code
 * ServerConfig config = new ServerSettings().set(Setting.HTTP, "0", "example").toConfig();
 * try (RoentgenServer server = RoentgenServer.start(config, MemoryStore::new)) {
 *   server.address(ListenerName.HTTP);
 * }
 * }</pre>
 */
public final class RoentgenServer implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(RoentgenServer.class);

  private static final String HEALTH_PATH = "/healthz";
  private static final String SUMS_FOLDER = "group-sums";
  private static final String METRICS_PATH = "/metrics";
  private static final String API_PATH = "/api/";
  private static final String SEGMENTS_PATH = "/TraceSegments";

  /** Requests that are not ours to stream, such as those of the reading API, are small. */
  private static final long MAX_OTHER_REQUEST_BYTES = 10L << 20;

  private static final int QUERY_THREADS = 16;
  private static final long QUESTION_BYTES = 16L << 20;
  private static final int QUESTION_DECODERS = 2;
  private static final int CONNECTION_WINDOW_BYTES = 4 << 20;
  private static final int STREAM_WINDOW_BYTES = 1 << 20;
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration UDP_DRAIN_TIMEOUT = Duration.ofSeconds(4);
  private static final Duration INTAKE_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration UNHEALTHY_AFTER_REFUSAL = Duration.ofSeconds(30);
  private static final long RETRY_LATE_MILLIS = 1_000;
  private static final int RATE_PERIOD_SECONDS = 5;

  private final ServerConfig config;
  private final long startEpochNanos;
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final IngestMetrics metrics = new IngestMetrics(registry);
  private final Map<ListenerName, InetSocketAddress> addresses = new EnumMap<>(ListenerName.class);
  private final IngestRate rate = new IngestRate(System.nanoTime());
  private volatile @Nullable UdpCollector udp;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Object lock = new Object();

  /** What to do to end, the last first. */
  @GuardedBy("lock")
  private final Deque<Step> steps = new ArrayDeque<>();

  private interface Step {
    void run() throws Exception;
  }

  private RoentgenServer(ServerConfig config) {
    this.config = config;
    startEpochNanos = Math.multiplyExact(Clock.systemUTC().millis(), 1_000_000L);
  }

  /**
   * Starts a server over the durable store in the configured folder; throws as {@link
   * #start(ServerConfig, Supplier)}.
   */
  public static RoentgenServer start(ServerConfig config) {
    return start(
        config,
        () -> LakeStore.open(config.storage().toLakeConfig()),
        config.storage().path().resolve(SUMS_FOLDER));
  }

  /**
   * Starts a server over the store that {@code opener} opens, and which the server closes. All
   * addresses are looked at before the store is opened; when this throws nothing stays open.
   *
   * @throws ConfigException if the configuration cannot be
   * @throws ServerStartException if an address cannot be bound
   * @throws io.roentgen.store.StoreException if the store cannot be opened
   */
  public static RoentgenServer start(ServerConfig config, Supplier<TraceStore> opener) {
    return start(config, opener, null);
  }

  private static RoentgenServer start(
      ServerConfig config, Supplier<TraceStore> opener, @Nullable Path sumsFolder) {
    var server = new RoentgenServer(config);
    boolean started = false;
    try {
      server.open(opener, sumsFolder);
      started = true;
      return server;
    } finally {
      if (!started) {
        server.close();
      }
    }
  }

  private void open(Supplier<TraceStore> opener, @Nullable Path sumsFolder) {
    long startNanos = System.nanoTime();
    Path tokenFile = config.security().tokenFile();
    String token = tokenFile == null ? null : BearerToken.read(tokenFile);
    SignedAccess signedAccess = signedAccess();
    RuleSet samplingRules = samplingRules();
    Ports.check(config);
    UdpCollector collector = bindUdp();
    onClose(metrics::flushLog);

    TraceStore received = opener.get();
    var store = new SampleStore(received);
    onClose(store::close);
    KeptSums sums = sumsFolder == null ? null : keptSums(store, sumsFolder);
    var sampleData =
        new SampleData(
            store,
            sums == null ? (_, change) -> change.run() : sums::around,
            InstantSource.system());
    var ingest = new Ingest(sums == null ? store.writer() : sums.writer(), metrics);
    var admission = new Admission(config.limits().maxAdmittedBytes());
    metrics.admission(admission);
    registry.register(new StoreMetrics(received, config.storage().path().toAbsolutePath()));
    ProcessMetrics.register(registry);

    var intake = new Intake(admission, metrics, Runtime.getRuntime().availableProcessors());
    onClose(() -> intake.close(INTAKE_TIMEOUT));
    // Apart from what brings spans: neither is to take the other's room.
    var questions = new Intake(new Admission(QUESTION_BYTES), metrics, QUESTION_DECODERS);
    onClose(() -> questions.close(INTAKE_TIMEOUT));
    startHttp(
        store,
        sampleData,
        sums,
        samplingRules,
        ingest,
        intake,
        questions,
        token,
        signedAccess,
        collector);
    if (collector != null) {
      startUdp(collector, ingest);
    }
    watchRate();
    logStart(received, collector, System.nanoTime() - startNanos);
  }

  private KeptSums keptSums(TraceStore store, Path folder) {
    KeptSums sums =
        KeptSums.open(folder, store, config.storage().retention(), InstantSource.system());
    onClose(sums::close);
    return sums;
  }

  private @Nullable SignedAccess signedAccess() {
    Path file = config.security().accessKeysFile();
    if (file == null) {
      return null;
    }
    try {
      return new SignedAccess(new SignatureVerifier(AccessKeys.read(file), InstantSource.system()));
    } catch (AccessKeys.UnusableException e) {
      throw new ConfigException(Setting.ACCESS_KEYS_FILE.key() + ": " + e.getMessage(), e);
    }
  }

  private @Nullable RuleSet samplingRules() {
    Path file = config.samplingRules();
    return file == null ? null : SamplingRulesFile.read(file);
  }

  private void onClose(Step step) {
    synchronized (lock) {
      steps.push(step);
    }
  }

  private @Nullable UdpCollector bindUdp() {
    InetSocketAddress address = config.listeners().get(ListenerName.XRAY_UDP);
    if (address == null) {
      return null;
    }
    UdpCollector collector;
    try {
      collector = UdpCollector.bind(config.udp().at(address));
    } catch (IOException e) {
      throw Ports.failed(ListenerName.XRAY_UDP, address, e);
    }
    // Until it is started; then it is closed earlier, while the store still takes what it holds.
    onClose(collector::close);
    addresses.put(ListenerName.XRAY_UDP, collector.address());
    udp = collector;
    return collector;
  }

  private void startUdp(UdpCollector collector, Ingest ingest) {
    try {
      collector.start(ingest, metrics);
    } catch (IOException e) {
      throw new ServerStartException("cannot read from UDP " + Ports.text(collector.address()), e);
    }
  }

  private void startHttp(
      TraceStore store,
      SampleData sampleData,
      @Nullable KeptSums sums,
      @Nullable RuleSet samplingRules,
      Ingest ingest,
      Intake intake,
      Intake questions,
      @Nullable String token,
      @Nullable SignedAccess signedAccess,
      @Nullable UdpCollector collector) {
    List<ListenerName> names = new ArrayList<>();
    ServerBuilder builder = Server.builder();
    SessionProtocol protocol =
        config.security().tls() == null ? SessionProtocol.HTTP : SessionProtocol.HTTPS;
    config
        .listeners()
        .forEach(
            (name, address) -> {
              if (name.tcp()) {
                names.add(name);
                builder.port(new ServerPort(address, protocol));
              }
            });
    configure(builder);
    ApiRoutes api =
        addRoutes(
            builder,
            store,
            sampleData,
            sums,
            samplingRules,
            ingest,
            intake,
            questions,
            token,
            signedAccess);
    Server server = builder.build();
    onClose(() -> stop(server, collector));
    // Or stopping would wait for who listens to them.
    onClose(api::endStreams);
    start(server);
    // Armeria starts ports one by one and lists them in that order, which is ours.
    Iterator<ServerPort> ports = server.activePorts().values().iterator();
    for (ListenerName name : names) {
      addresses.put(name, ports.next().localAddress());
    }
    InetSocketAddress daemon = addresses.get(ListenerName.XRAY_TCP);
    if (signedAccess != null && daemon != null) {
      signedAccess.exempt(daemon);
    }
  }

  private void configure(ServerBuilder builder) {
    ServerConfig.Tls tls = config.security().tls();
    if (tls != null) {
      try {
        builder.tls(TlsKeyPair.of(tls.key().toFile(), tls.certificate().toFile()));
      } catch (RuntimeException e) {
        throw new ConfigException(
            Setting.TLS_CERT.key()
                + ": "
                + tls.certificate()
                + " with key "
                + tls.key()
                + " (expected: PEM certificate chain and its PKCS #8 key without a password): "
                + e.getMessage(),
            e);
      }
    }
    builder
        .meterRegistry(NoopMeterRegistry.get())
        .requestTimeout(config.limits().requestTimeout())
        .errorHandler(this::tooLate)
        .maxRequestLength(MAX_OTHER_REQUEST_BYTES)
        .maxNumConnections(config.limits().maxConnections())
        .http2InitialConnectionWindowSize(CONNECTION_WINDOW_BYTES)
        .http2InitialStreamWindowSize(STREAM_WINDOW_BYTES)
        .gracefulShutdownTimeout(Duration.ofMillis(50), DRAIN_TIMEOUT)
        .blockingTaskExecutor(
            BlockingTaskExecutor.builder()
                .numThreads(QUERY_THREADS)
                .threadNamePrefix("query")
                .build(),
            true);
  }

  private ApiRoutes addRoutes(
      ServerBuilder builder,
      TraceStore store,
      SampleData sampleData,
      @Nullable KeptSums sums,
      @Nullable RuleSet samplingRules,
      Ingest ingest,
      Intake intake,
      Intake questions,
      @Nullable String token,
      @Nullable SignedAccess signedAccess) {
    ServerConfig.Limits limits = config.limits();
    new OtlpRoutes(intake, ingest, metrics, limits.maxRequestBytes()).addTo(builder);
    var xray =
        new XRayApi(
            store,
            ingest,
            metrics,
            registry,
            new XRayApi.Limits(limits.maxRequestBytes(), limits.maxDocuments()),
            config.account(),
            sums,
            samplingRules,
            Clock.systemUTC());
    InsightMonitor insights = xray.insightMonitor();
    onClose(insights::close);
    insights.start();
    xray.addTo(
        builder, intake, questions, signedAccess == null ? RequestAccess.OPEN : signedAccess);
    var api =
        new ApiRoutes(
            store,
            xray.graphs(),
            xray.groups(),
            this::status,
            sampleData,
            xray.insights(),
            xray.sampling());
    api.addTo(builder);
    ConsoleSession session =
        token == null
            ? null
            : new ConsoleSession(token, config.security().tls() != null, InstantSource.system());
    new SessionRoutes(session).addTo(builder);
    ConsoleRoutes console = ConsoleRoutes.load();
    console.addTo(builder);
    builder.service(METRICS_PATH, this::metrics);
    builder.service(HEALTH_PATH, (_, _) -> health(store, ingest));
    builder.serviceUnder(
        "/",
        (ctx, request) -> {
          RequestBody.forget(ctx, request);
          return refuse(
              request,
              new Refusal.UnknownPath(
                  request.method() + " " + request.path() + ": nothing answers here"));
        });
    if (token != null && session != null) {
      Set<String> xrayPaths = xray.operations().keySet();
      builder.decorator(
          TokenAuthentication.decorator(
              token,
              (request, refusal) -> {
                noteSender(request, refusal);
                return refuse(request, refusal);
              },
              // A signature takes the token's place: there is one header for either.
              ctx ->
                  ctx.path().equals(HEALTH_PATH)
                      || ctx.path().equals(SessionRoutes.PATH)
                      || console.covers(ctx)
                      // The cookie is for what the console's pages ask for, not for senders.
                      || (ctx.path().startsWith(API_PATH)
                          && session.covers(ctx.request().headers()))
                      || (signedAccess != null
                          && xrayPaths.contains(ctx.path())
                          && signedAccess.covers(ctx))));
    }
    return api;
  }

  /** Notes that a sender was refused, so that the console can tell who sets one up. */
  private void noteSender(HttpRequest request, Refusal refusal) {
    Transport transport =
        OtlpRoutes.isGrpc(request)
            ? Transport.OTLP_GRPC
            : OtlpRoutes.isHttp(request)
                ? Transport.OTLP_HTTP
                : request.path().equals(SEGMENTS_PATH) ? Transport.XRAY_HTTP : null;
    if (transport != null) {
      metrics.refused(transport, refusal.result(), refusal.message());
    }
  }

  /**
   * Returns the answer to a POST that took too long, in the form that its sender understands; null
   * for all else that went wrong, which Armeria answers.
   */
  private @Nullable HttpResponse tooLate(ServiceRequestContext ctx, Throwable cause) {
    HttpRequest request = ctx.request();
    if (!(cause instanceof RequestTimeoutException) || request.method() != HttpMethod.POST) {
      return null;
    }
    return refuse(
        request,
        new Refusal.Unavailable(
            "request: not done within "
                + config.limits().requestTimeout()
                + " (expected: less to do; "
                + Setting.REQUEST_TIMEOUT.key()
                + " says how long it may take)",
            RETRY_LATE_MILLIS));
  }

  /** Refuses a request in the form that its sender understands. */
  private static HttpResponse refuse(HttpRequest request, Refusal refusal) {
    if (OtlpRoutes.isGrpc(request)) {
      return OtlpRoutes.refuseGrpc(refusal);
    }
    if (OtlpRoutes.isHttp(request)) {
      return OtlpRoutes.refuseHttp(request, refusal);
    }
    if (request.path().startsWith(API_PATH)) {
      return ApiRoutes.refuse(refusal);
    }
    if (request.method() == HttpMethod.POST) {
      // All operations of the X-Ray API are POST, and nothing else beside our own API is.
      return XRayApi.refuse(refusal);
    }
    HttpStatus status =
        refusal instanceof Refusal.Unauthenticated ? HttpStatus.UNAUTHORIZED : HttpStatus.NOT_FOUND;
    return HttpResponse.of(status, MediaType.PLAIN_TEXT_UTF_8, refusal.message() + "\n");
  }

  private HttpResponse metrics(ServiceRequestContext ctx, HttpRequest request) {
    return HttpResponse.of(
        CompletableFuture.supplyAsync(
            () -> {
              ExpositionFormatWriter writer =
                  ExpositionFormats.init()
                      .findWriter(request.headers().get(HttpHeaderNames.ACCEPT));
              var text = new ByteArrayOutputStream(16 * 1024);
              try {
                writer.write(text, registry.scrape());
              } catch (IOException e) {
                throw new UncheckedIOException("cannot write metrics to memory", e);
              }
              return HttpResponse.of(
                  ResponseHeaders.of(
                      HttpStatus.OK, HttpHeaderNames.CONTENT_TYPE, writer.getContentType()),
                  HttpData.wrap(text.toByteArray()));
            },
            ctx.blockingTaskExecutor()));
  }

  private static HttpResponse health(TraceStore store, Ingest ingest) {
    String problem = ingest.refusalWithin(UNHEALTHY_AFTER_REFUSAL);
    if (problem == null) {
      try {
        var _ = store.status();
      } catch (StoreClosedException e) {
        problem = e.getMessage();
      }
    }
    return problem == null
        ? HttpResponse.of(HttpStatus.OK, MediaType.PLAIN_TEXT_UTF_8, "ok\n")
        : HttpResponse.of(
            HttpStatus.SERVICE_UNAVAILABLE, MediaType.PLAIN_TEXT_UTF_8, problem + "\n");
  }

  private void start(Server server) {
    try {
      server.start().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException io) {
        // Taken since it was looked at; which one, the cause tells.
        throw new ServerStartException("cannot listen: " + io.getMessage(), io);
      }
      throw e;
    }
  }

  private void watchRate() {
    ScheduledExecutorService watch =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("ingest-rate").factory());
    var _ =
        watch.scheduleAtFixedRate(
            () -> rate.sample(System.nanoTime(), acceptedSpans()),
            RATE_PERIOD_SECONDS,
            RATE_PERIOD_SECONDS,
            TimeUnit.SECONDS);
    onClose(watch::shutdownNow);
  }

  private long acceptedSpans() {
    return metrics.acceptedSpans().values().stream().mapToLong(Long::longValue).sum();
  }

  private void logStart(TraceStore store, @Nullable UdpCollector collector, long nanos) {
    var listeners = new StringBuilder();
    addresses.forEach(
        (name, address) ->
            listeners.append(' ').append(name.label()).append('=').append(Ports.text(address)));
    Security security = config.security();
    logger.info(
        "started version={}{} store={} type={} retention={} tls={} token={} accessKeys={} maxRequestBytes={} maxAdmittedBytes={}"
            + " udpQueueBytes={} udpSockets={} udpReceiveBufferBytes={} millis={}",
        version(),
        listeners,
        config.storage().path().toAbsolutePath().normalize(),
        store.getClass().getSimpleName(),
        config.storage().retention(),
        security.tls() != null,
        security.tokenFile() != null,
        security.accessKeysFile() != null,
        config.limits().maxRequestBytes(),
        config.limits().maxAdmittedBytes(),
        config.udp().queueBytes(),
        collector == null ? 0 : collector.socketCount(),
        collector == null ? 0 : collector.receiveBufferBytes(),
        TimeUnit.NANOSECONDS.toMillis(nanos));
    boolean open = config.listeners().keySet().stream().anyMatch(config::isOpen);
    if (open && security.tokenFile() == null) {
      logger.warn(
          "INSECURE: anyone who reaches this machine can read and write all traces; use"
              + " --token-file, or bind to 127.0.0.1");
    } else if (security.tokenFile() != null && config.isOpen(ListenerName.XRAY_UDP)) {
      logger.warn(
          "UDP carries no token: anyone who reaches {} can send segments; set {} to a local"
              + " address or off",
          Ports.text(address(ListenerName.XRAY_UDP)),
          Setting.XRAY_UDP.key());
    }
    if (security.accessKeysFile() != null && config.isOpen(ListenerName.XRAY_TCP)) {
      logger.warn(
          "{} takes requests without a signature, as an X-Ray daemon does; set {} to a local"
              + " address or off",
          Ports.text(address(ListenerName.XRAY_TCP)),
          Setting.XRAY_TCP.key());
    }
  }

  /** Returns the version of this program. */
  public static String version() {
    String version = RoentgenServer.class.getPackage().getImplementationVersion();
    return version == null ? "unpackaged" : version;
  }

  /**
   * Returns where a listener is bound, with its true port.
   *
   * @throws IllegalStateException if it is off
   */
  public InetSocketAddress address(ListenerName name) {
    InetSocketAddress address = addresses.get(name);
    if (address == null) {
      throw new IllegalStateException(name.label() + ": off (expected: a listener that is on)");
    }
    return address;
  }

  /** Returns what the server knows of itself. */
  ServerStatus status() {
    List<ServerStatus.Listener> listeners = new ArrayList<>();
    addresses.forEach(
        (name, address) ->
            listeners.add(
                new ServerStatus.Listener(
                    name.label(),
                    Ports.text(address),
                    name.tcp() && config.security().tls() != null)));
    listeners.sort(Comparator.comparing(ServerStatus.Listener::name));
    List<ServerStatus.Drop> drops = new ArrayList<>();
    metrics
        .rejectedSpans()
        .forEach(
            (transport, reasons) ->
                reasons.forEach(
                    (reason, count) ->
                        drops.add(
                            new ServerStatus.Drop(transport.label(), reason.label(), count))));
    UdpCollector collector = udp;
    if (collector != null && collector.kernelDrops() > 0) {
      drops.add(
          new ServerStatus.Drop(
              Transport.XRAY_UDP.label(), "kernel_buffer_full", collector.kernelDrops()));
    }
    long count = acceptedSpans();
    return new ServerStatus(
        version(),
        startEpochNanos,
        listeners,
        new ServerStatus.Ingest(
            count,
            rate.perSecond(System.nanoTime(), count),
            drops,
            metrics.acceptedSpans(),
            metrics.arrivals(),
            metrics.recentlyRefused()),
        disk(),
        config.settings());
  }

  private ServerStatus.@Nullable Disk disk() {
    Path path = config.storage().path().toAbsolutePath().normalize();
    long total = path.toFile().getTotalSpace();
    return total == 0
        ? null
        : new ServerStatus.Disk(path.toString(), total, path.toFile().getUsableSpace());
  }

  /**
   * Has the server end in order when the process is told to (SIGTERM, SIGINT), and waits until it
   * has. What was acknowledged is kept; requests in work get up to five seconds, datagrams four.
   */
  public void awaitShutdown() throws InterruptedException {
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(this::close));
    closed.await();
  }

  /**
   * Takes no more, finishes what is in work, closes the store. A second call does nothing but wait.
   */
  @Override
  public void close() {
    synchronized (lock) {
      long startNanos = System.nanoTime();
      boolean any = !steps.isEmpty();
      while (!steps.isEmpty()) {
        try {
          steps.pop().run();
        } catch (InterruptedException e) {
          // Go on: what is left to close is quick, and the store must be closed.
          logger.warn("interrupted while stopping", e);
          Thread.currentThread().interrupt();
        } catch (Exception e) {
          logger.error("cannot stop a part of the server, going on with the others", e);
        }
      }
      if (any) {
        logger.info(
            "stopped millis={}", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
      }
    }
    closed.countDown();
  }

  private static void stop(Server server, @Nullable UdpCollector collector) throws Exception {
    CompletableFuture<Void> stopped = server.stop();
    if (collector != null) {
      collector.close(UDP_DRAIN_TIMEOUT);
    }
    try {
      stopped.get(DRAIN_TIMEOUT.toSeconds() + 1, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      logger.warn("connections did not end in time", e);
    }
  }
}

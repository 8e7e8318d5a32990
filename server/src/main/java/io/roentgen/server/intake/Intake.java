// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.intake;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.roentgen.ingest.Admission;
import io.roentgen.ingest.IngestMetrics;
import io.roentgen.ingest.OverloadedException;
import io.roentgen.ingest.RequestResult;
import io.roentgen.ingest.Transport;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs requests that bring spans: reads the body within bounds, decodes it, has it written,
 * answers, counts.
 *
 * <p>Three kinds of threads take turns, so that none does another's work. Event loops only move
 * bytes: a large body that is decompressed there would hold up every other connection of that loop.
 * Decompressing and decoding is pure computing: as many platform threads as there are processors
 * ({@code decode-N}), with a queue that cannot be longer than the admitted requests. Waiting for
 * the store is done on a virtual thread for each request, since thousands may wait for one fsync.
 */
public final class Intake implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(Intake.class);

  /** As {@link Admission} charges for a request at least. */
  private static final int REQUEST_BYTES = 16 * 1024;

  private final Admission admission;
  private final IngestMetrics metrics;
  private final ThreadPoolExecutor decoders;
  private final ExecutorService writers =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("request-", 0).factory());

  /** Starts the threads. */
  public Intake(Admission admission, IngestMetrics metrics, int decoderCount) {
    this.admission = admission;
    this.metrics = metrics;
    long requests = admission.limitBytes() / REQUEST_BYTES + decoderCount + 1;
    decoders =
        new ThreadPoolExecutor(
            decoderCount,
            decoderCount,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>((int) Math.min(Integer.MAX_VALUE, requests)),
            Thread.ofPlatform().name("decode-", 0).factory());
  }

  /** Handles a request; the answer comes later. */
  public <T> HttpResponse handle(
      ServiceRequestContext ctx, HttpRequest request, RequestHandler<T> handler) {
    long arrivedNanos = System.nanoTime();
    CompletableFuture<RequestBody> read =
        RequestBody.read(ctx, request, admission, handler.maxBodyBytes());
    CompletableFuture<HttpResponse> response =
        read.thenCompose(body -> run(ctx, body, handler))
            .exceptionally(e -> refused(handler, arrivedNanos, e));
    return HttpResponse.of(response);
  }

  private <T> CompletableFuture<HttpResponse> run(
      ServiceRequestContext ctx, RequestBody body, RequestHandler<T> handler) {
    long startNanos = System.nanoTime();
    Transport transport = handler.transport();
    if (transport != null) {
      metrics.received(transport, body.length());
    }
    CompletableFuture<HttpResponse> answered;
    try {
      answered =
          CompletableFuture.supplyAsync(() -> handler.decode(body), decoders)
              .thenApplyAsync(decoded -> complete(ctx, handler, decoded), writers)
              .thenApply(
                  reply -> {
                    count(transport, reply.result(), startNanos);
                    return reply.response();
                  });
    } catch (RejectedExecutionException e) {
      // Only while stopping: the queue has room for all that is admitted.
      answered = CompletableFuture.failedFuture(e);
    }
    return answered.whenComplete((_, _) -> body.close());
  }

  private static <T> Reply complete(
      ServiceRequestContext ctx, RequestHandler<T> handler, T decoded) {
    // So that who works long can look whether the client is still there.
    try (var _ = ctx.push()) {
      return handler.complete(decoded);
    }
  }

  private HttpResponse refused(RequestHandler<?> handler, long arrivedNanos, Throwable e) {
    Refusal refusal = refusal(Exceptions.peel(e));
    count(handler.transport(), refusal.result(), arrivedNanos);
    Transport transport = handler.transport();
    if (transport != null && isOfSender(refusal)) {
      metrics.refused(transport, refusal.result(), refusal.message());
    }
    return handler.refuse(refusal);
  }

  /** Whether the sender must change something, and spans were not refused one by one already. */
  private static boolean isOfSender(Refusal refusal) {
    return refusal instanceof Refusal.TooLarge
        || refusal instanceof Refusal.UnsupportedType
        || refusal instanceof Refusal.WrongMethod
        || refusal instanceof Refusal.Unauthenticated
        || refusal instanceof Refusal.Unsigned;
  }

  private void count(@Nullable Transport transport, RequestResult result, long sinceNanos) {
    if (transport != null) {
      metrics.request(transport, result, System.nanoTime() - sinceNanos);
    }
  }

  private static Refusal refusal(Throwable e) {
    return switch (e) {
      case RefusedException refused -> refused.refusal();
      case OverloadedException overloaded ->
          new Refusal.Overloaded(
              String.valueOf(overloaded.getMessage()), overloaded.retryAfterMillis());
      case RejectedExecutionException _ ->
          new Refusal.Unavailable("server: stopping (expected: running)", 1_000);
      default -> {
        if (Exceptions.isExpected(e)) {
          logger.debug("sender went away before its request was complete", e);
        } else {
          logger.error("cannot handle request", e);
        }
        yield new Refusal.Failed("server failed on this request; its log says why");
      }
    };
  }

  /** Ends the threads, after what runs has ended or {@code timeout} has passed. */
  public void close(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    decoders.shutdown();
    writers.shutdown();
    try {
      if (!decoders.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)
          || !writers.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        logger.warn("requests still running after {}, interrupting them", timeout);
        decoders.shutdownNow();
        writers.shutdownNow();
      }
    } catch (InterruptedException _) {
      decoders.shutdownNow();
      writers.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /** Closes with a limit of five seconds. */
  @Override
  public void close() {
    close(Duration.ofSeconds(5));
  }
}

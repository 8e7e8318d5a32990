// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.roentgen.grpc.ActiveSpan.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of spans once they end, or while they do not. */
class XRayExporterTest {
  private final Rig rig = new Rig();
  private final Documents documents = new Documents();

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void span_thatGoesOn_isSentInProgressThenWhole() {
    GrpcKit kit =
        rig.kit(
            "slow",
            documents,
            builder -> builder.inProgress(Duration.ofMillis(1), Duration.ofMillis(1)));
    ActiveSpan span = kit.start("archive", Kind.INTERNAL, null);
    await()
        .untilAsserted(
            () -> assertThat(documents.all(kit)).anyMatch(node -> node.has("in_progress")));
    span.end();
    JsonNode first = documents.all(kit).get(0);
    JsonNode last = documents.all(kit).get(documents.all(kit).size() - 1);
    assertThat(first.get("id")).isEqualTo(last.get("id"));
    assertThat(first.has("end_time")).isFalse();
    assertThat(last.has("in_progress")).isFalse();
    assertThat(last.has("end_time")).isTrue();
  }

  @Test
  void queue_full_dropsAndCountsAndNeverWaits() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    SegmentTransport blocked =
        new SegmentTransport() {
          @Override
          public void send(byte[] document, int length) {
            try {
              assertThat(go.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }

          @Override
          public void close() {}
        };
    GrpcKit kit =
        GrpcKit.builder("full")
            .environment(Map.of())
            .transport(blocked)
            .sampler(CallSampler.ALWAYS)
            .queueCapacity(8)
            .build();
    rig.kits.add(kit);
    for (int i = 0; i < 100; i++) {
      kit.start("work", Kind.INTERNAL, null).end();
    }
    // One may be in the transport's hands.
    assertThat(kit.statistics().dropped()).isBetween(91L, 92L);
    assertThat(kit.flush(Duration.ofMillis(1))).isFalse();
    go.countDown();
    assertThat(kit.flush(Duration.ofSeconds(20))).isTrue();
    assertThat(kit.statistics().sent() + kit.statistics().dropped()).isEqualTo(100);
    assertThat(kit.statistics().open()).isZero();
  }

  @Test
  void document_overADatagram_isSplitAndNothingIsLost() {
    GrpcKit kit = rig.kit("large", documents);
    ActiveSpan segment = kit.start("work", Kind.INTERNAL, null);
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 90; i++) {
      ActiveSpan child = segment.startChild("child " + i);
      ids.add(child.spanId().toHex());
      ActiveSpan grandchild = child.startChild("grandchild");
      grandchild.annotate("text", "x".repeat(2000));
      ids.add(grandchild.spanId().toHex());
      grandchild.end();
      child.end();
    }
    ids.add(segment.spanId().toHex());
    segment.end();

    List<JsonNode> sent = documents.all(kit);
    assertThat(sent.size()).isBetween(2, 91);
    List<String> found = new ArrayList<>();
    documents.find(kit, node -> found.add(node.get("id").asText()));
    assertThat(found).containsExactlyInAnyOrderElementsOf(ids);
    for (JsonNode document : sent) {
      assertThat(document.toString().length()).isLessThanOrEqualTo(65_507);
      assertThat(document.get("trace_id").asText()).isEqualTo(segment.traceId().toXRay());
      if (document.get("name").asText().startsWith("child")) {
        assertThat(document.get("type").asText()).isEqualTo("subsegment");
        assertThat(document.get("parent_id").asText()).isEqualTo(segment.spanId().toHex());
      }
    }
    assertThat(kit.statistics().dropped()).isZero();
  }

  @Test
  void subsegments_over100OrLate_areDocumentsOfTheirOwn() {
    GrpcKit kit = rig.kit("many", documents);
    ActiveSpan segment = kit.start("work", Kind.INTERNAL, null);
    for (int i = 0; i < 150; i++) {
      segment.startChild("child").end();
    }
    ActiveSpan late = segment.startChild("late");
    segment.end();
    late.end();
    assertThat(documents.only(kit, "many").get("subsegments")).hasSize(100);
    assertThat(documents.all(kit)).hasSize(1 + 50 + 1);
    assertThat(documents.only(kit, "late").get("parent_id").asText())
        .isEqualTo(segment.spanId().toHex());
    assertThat(documents.find(kit, node -> node.path("name").asText().equals("child")))
        .hasSize(150);
  }

  @Test
  void span_withMoreThanADatagram_losesItsStacksButIsSent() {
    GrpcKit kit = rig.kit("deep", documents);
    ActiveSpan span = kit.start("work", Kind.INTERNAL, null);
    for (int i = 0; i < 8; i++) {
      Exception thrown = new IllegalStateException("no " + i);
      StackTraceElement[] stack = new StackTraceElement[100];
      Arrays.fill(
          stack, new StackTraceElement("a.Class" + "x".repeat(100), "method", "File.java", 1));
      thrown.setStackTrace(stack);
      span.recordException(thrown);
    }
    span.end();
    JsonNode segment = documents.only(kit, "deep");
    assertThat(segment.at("/cause/exceptions")).hasSize(8);
    assertThat(segment.at("/cause/exceptions/0").has("stack")).isFalse();
    assertThat(segment.at("/cause/exceptions/0/truncated").asInt()).isEqualTo(100);
  }

  @Test
  void children_ofManyThreads_areAllSentOnce() throws Exception {
    GrpcKit kit = rig.kit("threads", documents);
    ActiveSpan segment = kit.start("work", Kind.INTERNAL, null);
    ExecutorService pool = Executors.newFixedThreadPool(8);
    for (int i = 0; i < 2000; i++) {
      pool.execute(() -> segment.startChild("child").end());
      if (i == 60) {
        pool.execute(segment::end);
      }
    }
    pool.shutdown();
    assertThat(pool.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    assertThat(documents.find(kit, node -> node.path("name").asText().equals("child")))
        .extracting(node -> node.get("id").asText())
        .doesNotHaveDuplicates()
        .hasSize(2000);
    assertThat(kit.statistics().open()).isZero();
  }

  @Test
  void close_sendsWhatIsThereAndCountsWhatComesLater() {
    GrpcKit kit = rig.kit("closing", documents);
    kit.start("first", Kind.INTERNAL, null).end();
    ActiveSpan late = kit.start("late", Kind.INTERNAL, null);
    kit.close();
    kit.close();
    assertThat(kit.statistics().sent()).isEqualTo(1);
    late.end();
    assertThat(kit.statistics().dropped()).isEqualTo(1);
  }

  @Test
  void daemon_thatMoves_isFoundAfterAMinuteAndOneThatIsNotIsNoMatter() throws Exception {
    long[] now = {0};
    List<String> lookedUp = new ArrayList<>();
    boolean[] known = {false};
    UdpTransport transport =
        new UdpTransport(
            "daemon.test",
            9,
            host -> {
              lookedUp.add(host);
              if (!known[0]) {
                throw new UnknownHostException(host);
              }
              return InetAddress.getLoopbackAddress();
            },
            () -> now[0]);
    byte[] document = {'{', '}'};
    assertThatThrownBy(() -> transport.send(document, 2)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> transport.send(document, 2)).isInstanceOf(IOException.class);
    assertThat(lookedUp).hasSize(1);
    known[0] = true;
    now[0] += TimeUnit.SECONDS.toNanos(5);
    transport.send(document, 2);
    transport.send(document, 2);
    assertThat(lookedUp).hasSize(2);
    now[0] += TimeUnit.SECONDS.toNanos(60);
    transport.send(document, 2);
    assertThat(lookedUp).hasSize(3);
    known[0] = false;
    now[0] += TimeUnit.SECONDS.toNanos(60);
    transport.send(document, 2);
    transport.close();
  }

  /** Starts nothing: only there to be refused. */
  private record Spans(GrpcKit kit) implements SpanSource {
    @Override
    public ActiveSpan startServer(GrpcCall call, @Nullable TraceContext incoming) {
      return kit.start("x", Kind.SERVER, incoming);
    }

    @Override
    public ActiveSpan startClient(GrpcCall call, ActiveSpan parent) {
      return kit.start("x", Kind.CLIENT, null);
    }

    @Override
    public ActiveSpan start(String name, Kind kind, @Nullable TraceContext incoming) {
      return kit.start(name, kind, incoming);
    }

    @Override
    public boolean flush(Duration timeout) throws InterruptedException {
      return kit.flush(timeout);
    }

    @Override
    public void close() {
      kit.close();
    }

    @Override
    public SpanStatistics statistics() {
      return kit.statistics();
    }
  }

  @Test
  void kit_badlyConfigured_isRefusedWithWhatIsExpected() {
    assertThatThrownBy(() -> GrpcKit.builder("a*b").environment(Map.of()).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("service: 'a*b' (expected: 1 to 200 letters");
    assertThatThrownBy(
            () ->
                GrpcKit.builder("a").environment(Map.of(DaemonAddress.VARIABLE, "nowhere")).build())
        .hasMessageStartingWith("daemon address: 'nowhere'");
    assertThatThrownBy(() -> GrpcKit.builder("a").samplingRules("{\"version\":3}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("version");
    assertThatThrownBy(
            () ->
                GrpcKit.builder("a")
                    .relayOnly(Propagation.MESH_HEADERS)
                    .sampler(CallSampler.ALWAYS)
                    .build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "relayOnly: with sampler (expected: either the mesh makes the spans or this kit)");
    GrpcKit other = rig.kit("other", documents);
    assertThatThrownBy(
            () ->
                GrpcKit.builder("a")
                    .spans(new Spans(other))
                    .daemon(DaemonAddress.DEFAULT)
                    .messageTicks(3)
                    .build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "spans: with daemon, messageTicks (expected: Spans is told itself what it needs;"
                + " these are for X-Ray)");
    assertThatThrownBy(() -> GrpcKit.builder("a").queueCapacity(0))
        .hasMessage("queueCapacity: 0 (expected: 1 to 16777216)");
  }
}

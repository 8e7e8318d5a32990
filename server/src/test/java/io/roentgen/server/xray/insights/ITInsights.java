// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.insights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.roentgen.model.NodeId;
import io.roentgen.model.Outcome;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.TraceId;
import io.roentgen.query.insight.Insight;
import io.roentgen.server.xray.graph.Graphs;
import io.roentgen.server.xray.groups.Filters;
import io.roentgen.server.xray.groups.Group;
import io.roentgen.server.xray.groups.Groups;
import io.roentgen.server.xray.state.Account;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceStore;
import io.roentgen.store.lake.LakeConfig;
import io.roentgen.store.lake.LakeStore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An hour of requests of two services, of which the lower fails from then on, on the real store.
 */
class ITInsights {
  private static final long FIRST_MINUTE = 28_000_000;
  private static final int HOUR = 60;
  private static final long SECOND = 1_000_000_000L;
  private static final int PER_MINUTE = 12;

  @TempDir private Path folder;
  private TraceStore store;
  private Groups groups;
  private InsightDocuments documents;
  private InsightMonitor monitor;
  private Instant now = Instant.EPOCH;
  private volatile Runnable atNow;

  private void open() {
    store = LakeStore.open(LakeConfig.of(folder));
    groups = new Groups(store.documents(), new Account("us-east-1", "000000000000"));
    documents = new InsightDocuments(store.documents());
    monitor =
        new InsightMonitor(
            groups,
            new Filters(groups),
            new Graphs(store, null),
            documents,
            new InsightExamples(store.reader()),
            this::now);
  }

  @AfterEach
  void close() {
    monitor.close();
    store.close();
  }

  private Instant now() {
    if (atNow != null) {
      atNow.run();
    }
    return now;
  }

  private void watch(String name, String filter) {
    Group group =
        new Group(
            name,
            "ID",
            filter,
            Instant.EPOCH,
            new Group.Insights(true, false),
            new TreeMap<>(Map.of()));
    groups.create(group);
  }

  private void write(int minute, boolean fails) {
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < PER_MINUTE; i++) {
      long start = ((FIRST_MINUTE + minute) * 60 + i) * SECOND;
      TraceId trace = new TraceId(start, i + 1);
      Outcome outcome = new Outcome(false, fails && i % 3 != 0, false);
      spans.add(segment(trace, 1, "shop", start, start + SECOND / 2, outcome).build());
      spans.add(
          Span.builder(trace, new SpanId(2))
              .parentSpanId(new SpanId(1))
              .service("shop")
              .name("stock")
              .kind(SpanKind.CLIENT)
              .startEpochNanos(start)
              .endEpochNanos(start + SECOND / 3)
              .outcome(outcome)
              .build());
      spans.add(
          segment(trace, 3, "stock", start, start + SECOND / 4, outcome)
              .parentSpanId(new SpanId(2))
              .build());
    }
    store.writer().write(SpanBatch.of(spans));
  }

  private static Span.Builder segment(
      TraceId trace, long id, String service, long start, long end, Outcome outcome) {
    return Span.builder(trace, new SpanId(id))
        .service(service)
        .name(service)
        .kind(SpanKind.SERVER)
        .segment(true)
        .startEpochNanos(start)
        .endEpochNanos(end)
        .outcome(outcome);
  }

  /** Has the monitor look when a minute is over by twenty seconds. */
  private void lookAfter(int minute) {
    now = Instant.ofEpochSecond((FIRST_MINUTE + minute + 1) * 60 + 20);
    monitor.look();
  }

  @Test
  void replayedHour_plantedFault_isFoundWithinThreeMinutes() {
    open();
    watch("shop-only", "service(\"shop\")");
    for (int minute = 0; minute < HOUR; minute++) {
      write(minute, false);
    }
    lookAfter(HOUR - 1);
    assertThat(documents.all()).isEmpty();

    write(HOUR, true);
    lookAfter(HOUR);
    write(HOUR + 1, true);
    lookAfter(HOUR + 1);

    assertThat(documents.all()).hasSize(1);
    GroupInsight found = documents.all().getFirst();
    assertThat(found.groupName()).isEqualTo("shop-only");
    Insight insight = found.insight();
    assertThat(insight.state()).isEqualTo(Insight.State.ACTIVE);
    assertThat(insight.rootCause()).isEqualTo(new NodeId("stock", ""));
    assertThat(insight.startEpochNanos()).isEqualTo((FIRST_MINUTE + HOUR) * 60 * SECOND);
    assertThat(now.getEpochSecond() * SECOND - insight.startEpochNanos()).isLessThan(180 * SECOND);
    assertThat(insight.rootCauseImpact().faultCount()).isEqualTo(2 * PER_MINUTE * 2 / 3);
    assertThat(found.examples()).hasSize(InsightExamples.PER_CATEGORY);
    assertThat(found.examples())
        .allSatisfy(
            example -> {
              assertThat(example.category()).isEqualTo(Insight.Category.FAULT);
              assertThat(example.startEpochNanos())
                  .isGreaterThanOrEqualTo(insight.startEpochNanos());
              Trace trace = store.reader().find(TraceId.parse(example.traceId())).orElseThrow();
              assertThat(trace.spans())
                  .anyMatch(span -> span.service().equals("stock") && span.outcome().fault());
            });

    // After a restart the last hours are replayed: the same insight goes on, and ends.
    monitor.close();
    store.close();
    open();
    assertThat(documents.find(insight.id())).contains(found);
    for (int minute = HOUR + 2; minute < HOUR + 20; minute++) {
      write(minute, false);
    }
    lookAfter(HOUR + 19);
    assertThat(documents.all()).hasSize(1);
    Insight closed = documents.all().getFirst().insight();
    assertThat(closed.id()).isEqualTo(insight.id());
    assertThat(closed.state()).isEqualTo(Insight.State.CLOSED);
    assertThat(documents.all().getFirst().examples()).isEqualTo(found.examples());
  }

  @Test
  void slowService_examples_areTheTracesThatTookLongestThere() {
    open();
    watch("all", "");
    for (int minute = 0; minute < HOUR; minute++) {
      writeLasting(minute, 250);
    }
    lookAfter(HOUR - 1);
    assertThat(documents.all()).isEmpty();
    for (int minute = HOUR; minute < HOUR + 3; minute++) {
      writeLasting(minute, 900);
      lookAfter(minute);
    }
    assertThat(documents.all()).hasSize(1);
    GroupInsight found = documents.all().getFirst();
    assertThat(found.insight().categories()).containsExactly(Insight.Category.LATENCY);
    assertThat(found.insight().slowNanos()).isBetween(300_000_000L, 500_000_000L);
    assertThat(found.examples()).hasSize(InsightExamples.PER_CATEGORY);
    assertThat(found.examples())
        .allMatch(example -> example.category() == Insight.Category.LATENCY)
        .allMatch(example -> example.startEpochNanos() >= found.insight().startEpochNanos());
  }

  /** Requests of one service, every second one of which lasts so long, the others a tenth of it. */
  private void writeLasting(int minute, long millis) {
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < PER_MINUTE; i++) {
      long start = ((FIRST_MINUTE + minute) * 60 + i) * SECOND;
      long end = start + millis * 1_000_000 / (i % 2 == 0 ? 1 : 10);
      Outcome fine = new Outcome(false, false, false);
      spans.add(segment(new TraceId(start, i + 1), 1, "stock", start, end, fine).build());
    }
    store.writer().write(SpanBatch.of(spans));
  }

  @Test
  void close_whileLooking_waitsUntilItIsDone() throws Exception {
    open();
    watch("all", "");
    var looking = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var interrupted = new AtomicBoolean();
    atNow =
        () -> {
          looking.countDown();
          try {
            goOn.await();
          } catch (InterruptedException e) {
            interrupted.set(true);
          }
        };
    monitor.start();
    looking.await();
    Thread closing = Thread.ofPlatform().start(monitor::close);
    await().until(() -> closing.getState() == Thread.State.TIMED_WAITING);
    goOn.countDown();
    closing.join();
    assertThat(interrupted).isFalse();
  }

  private Insight.State stateOfTheOne() {
    assertThat(documents.all()).hasSize(1);
    return documents.all().getFirst().insight().state();
  }

  private void writeAnHourAndAFault() {
    for (int minute = 0; minute < HOUR; minute++) {
      write(minute, false);
    }
    write(HOUR, true);
    write(HOUR + 1, true);
    lookAfter(HOUR + 1);
  }

  @Test
  void groupThatCannotBeLookedAt_waits_andTheOthersGoOn() {
    open();
    watch("a-bad", "service(\"shop\"");
    watch("all", "");
    writeAnHourAndAFault();
    assertThat(stateOfTheOne()).isEqualTo(Insight.State.ACTIVE);

    groups.delete(Objects.requireNonNull(groups.find("a-bad")));
    watch("a-bad", "service(\"shop\")");
    lookAfter(HOUR + 1);
    assertThat(documents.all()).hasSize(1);
    lookAfter(HOUR + 3);
    assertThat(documents.all())
        .extracting(GroupInsight::groupName)
        .containsExactlyInAnyOrder("a-bad", "all");
  }

  @Test
  void activeInsight_serverWasAwayForDays_isEnded() {
    open();
    watch("all", "");
    writeAnHourAndAFault();
    assertThat(stateOfTheOne()).isEqualTo(Insight.State.ACTIVE);

    monitor.close();
    store.close();
    open();
    lookAfter(HOUR + 3 * 24 * 60);
    assertThat(stateOfTheOne()).isEqualTo(Insight.State.CLOSED);
    assertThat(documents.all().getFirst().insight().summary())
        .isEqualTo("stock: not seen any more when the last hours were looked at again.");
  }

  @Test
  void activeInsight_groupIsDeleted_isEnded() {
    open();
    watch("all", "");
    writeAnHourAndAFault();
    groups.delete(Objects.requireNonNull(groups.find("all")));
    lookAfter(HOUR + 2);
    assertThat(stateOfTheOne()).isEqualTo(Insight.State.CLOSED);
    assertThat(documents.all().getFirst().insight().summary())
        .isEqualTo("stock: group all is no longer watched.");
  }

  @Test
  void clockSetBack_looksOnFromThere() {
    open();
    watch("all", "");
    lookAfter(HOUR + 24 * 60);
    writeAnHourAndAFault();
    assertThat(stateOfTheOne()).isEqualTo(Insight.State.ACTIVE);
  }

  @Test
  void groupWithoutInsights_isNotWatched_andOldOnesAreForgotten() {
    open();
    for (int minute = 0; minute < HOUR; minute++) {
      write(minute, false);
    }
    write(HOUR, true);
    write(HOUR + 1, true);
    lookAfter(HOUR + 1);
    assertThat(documents.all()).isEmpty();

    watch("all", "");
    lookAfter(HOUR + 1);
    assertThat(documents.all()).hasSize(1);
    lookAfter(HOUR + 30);
    assertThat(documents.all())
        .extracting(each -> each.insight().state())
        .containsExactly(Insight.State.CLOSED);
    lookAfter(HOUR + 31 * 24 * 60);
    assertThat(documents.all()).isEmpty();
  }
}

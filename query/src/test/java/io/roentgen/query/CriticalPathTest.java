// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import io.roentgen.store.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CriticalPathTest {
  private static final TraceId TRACE = TraceId.parse("1-5759e988-bd862e3fe1be46a994272793");
  private static final long BASE = 1_700_000_000_000_000_000L;

  @Test
  void path_callsOneAfterTheOther_goesThroughBothAndTheTimeBetween() {
    assertThat(path(span(1, 0, 0, 100), span(2, 1, 10, 40), span(3, 1, 50, 90)))
        .containsExactly("1:0-10", "2:10-40", "1:40-50", "3:50-90", "1:90-100");
  }

  @Test
  void path_callsSideBySide_goesThroughTheOneThatEndedLast() {
    assertThat(path(span(1, 0, 0, 100), span(2, 1, 10, 60), span(3, 1, 10, 90)))
        .containsExactly("1:0-10", "3:10-90", "1:90-100");
  }

  @Test
  void path_nestedCalls_goesDown() {
    assertThat(path(span(1, 0, 0, 100), span(2, 1, 10, 90), span(3, 2, 20, 80)))
        .containsExactly("1:0-10", "2:10-20", "3:20-80", "2:80-90", "1:90-100");
  }

  @Test
  void path_childThatOutlastsItsParent_endsWithTheParent() {
    assertThat(path(span(1, 0, 0, 100), span(2, 1, 50, 300), span(3, 2, 60, 200)))
        .containsExactly("1:0-50", "2:50-60", "3:60-100");
  }

  @Test
  void path_childThatBeganAfterItsParentEnded_isNotOnIt() {
    assertThat(path(span(1, 0, 0, 100), span(2, 1, 150, 300), span(3, 1, 20, 40)))
        .containsExactly("1:0-20", "3:20-40", "1:40-100");
  }

  @Test
  void path_inProgressAndEmptySpans_areNotOnIt() {
    Span open =
        Span.builder(TRACE, new SpanId(4))
            .parentSpanId(new SpanId(1))
            .service("s")
            .inProgress(true)
            .startEpochNanos(BASE + 10)
            .build();

    assertThat(path(span(1, 0, 0, 100), span(2, 1, 50, 50), open)).containsExactly("1:0-100");
    assertThat(path(open)).isEmpty();
  }

  @Test
  void path_ofRandomTraces_coversTheRootOnceWithoutGaps() {
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      List<Span> spans = new ArrayList<>(List.of(span(1, 0, 0, 1_000)));
      for (int i = 2; i < 40; i++) {
        long start = random.nextInt(1_200);
        spans.add(span(i, 1 + random.nextInt(i - 1), start, start + random.nextInt(400)));
      }
      TraceTree tree = TraceTree.assemble(Trace.ofWritten(spans));
      long at = BASE;
      for (CriticalPath.Stretch stretch : CriticalPath.of(tree, 0)) {
        assertThat(stretch.startEpochNanos()).isEqualTo(at);
        assertThat(stretch.endEpochNanos()).isGreaterThan(at);
        at = stretch.endEpochNanos();
      }
      assertThat(at).isEqualTo(BASE + 1_000);
    }
  }

  @Test
  void path_veryDeepTrace_doesNotOverflowTheStack() {
    List<Span> spans = new ArrayList<>();
    int depth = 50_000;
    for (int i = 0; i < depth; i++) {
      spans.add(span(i + 1, i, i, 200_000L - i));
    }

    assertThat(CriticalPath.of(TraceTree.assemble(Trace.ofWritten(spans)), 0))
        .hasSize(2 * depth - 1);
  }

  private static List<String> path(Span... spans) {
    TraceTree tree = TraceTree.assemble(Trace.ofWritten(List.of(spans)));
    return CriticalPath.of(tree, 0).stream()
        .map(
            stretch ->
                tree.nodes().get(stretch.node()).span().spanId().value()
                    + ":"
                    + (stretch.startEpochNanos() - BASE)
                    + "-"
                    + (stretch.endEpochNanos() - BASE))
        .toList();
  }

  private static Span span(long id, long parent, long start, long end) {
    return Span.builder(TRACE, new SpanId(id))
        .parentSpanId(parent == 0 ? null : new SpanId(parent))
        .service("s")
        .name("n" + id)
        .startEpochNanos(BASE + start)
        .endEpochNanos(BASE + end)
        .build();
  }
}

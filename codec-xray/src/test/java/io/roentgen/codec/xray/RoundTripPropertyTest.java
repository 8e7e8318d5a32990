// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.Span;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

class RoundTripPropertyTest {
  @Property(tries = 3000, shrinking = ShrinkingMode.OFF)
  void documents_ofDecodedDocument_areTheSameJson(@ForAll long seed) {
    String document = new RandomDocument(seed).next();

    List<SegmentDocument> written = SegmentWriter.documents(RoundTrip.spans(document));

    assertThat(written).hasSize(1);
    assertThat(TestJson.parse(written.get(0).document()))
        .as(document)
        .isEqualTo(TestJson.parse(document));
    assertThat(written.get(0).document()).doesNotContain("\n", "\r");
  }

  @Property(tries = 300, shrinking = ShrinkingMode.OFF)
  void documents_ofSpansInAnyOrder_areTheSame(@ForAll long seed) {
    List<Span> spans = RoundTrip.spans(new RandomDocument(seed).next());
    List<Span> shuffled = new ArrayList<>(spans);
    Collections.shuffle(shuffled, new Random(seed));

    assertThat(SegmentWriter.documents(shuffled)).isEqualTo(SegmentWriter.documents(spans));
  }

  @Property(tries = 300, shrinking = ShrinkingMode.OFF)
  void decode_cutAnywhere_isRejected(@ForAll long seed) {
    String document = new RandomDocument(seed).next();
    int end = Math.floorMod(seed, document.length());

    assertThat(RoundTrip.rejected(document.substring(0, end)).message()).isNotEmpty();
  }
}

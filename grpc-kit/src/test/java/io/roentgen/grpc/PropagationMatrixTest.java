// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Services that write each a format of its own, in one trace nevertheless. */
class PropagationMatrixTest {
  private final Rig rig = new Rig();

  @AfterEach
  void close() {
    rig.close();
  }

  static List<Arguments> formats() {
    List<Arguments> pairs = new ArrayList<>();
    for (TraceFormat client : TraceFormat.values()) {
      for (TraceFormat server : TraceFormat.values()) {
        pairs.add(arguments(client, server));
      }
    }
    return pairs;
  }

  /** The one in the middle reads all formats; the last one knows only what that one writes. */
  @ParameterizedTest
  @MethodSource("formats")
  void call_inOneFormat_andOnInAnother_isOneTrace(TraceFormat client, TraceFormat server) {
    Documents front = new Documents();
    Documents middle = new Documents();
    Documents back = new Documents();
    GrpcKit frontKit = kit("front", front, List.of(TraceFormat.values()), client);
    GrpcKit middleKit = kit("middle", middle, List.of(TraceFormat.values()), server);
    GrpcKit backKit = kit("back", back, List.of(server), server);
    Channel toBack = rig.connect(middleKit, rig.serve(backKit, EchoService.echo()));
    Channel toMiddle =
        rig.connect(
            frontKit, rig.serve(middleKit, EchoService.answering(text -> Rig.call(toBack, text))));

    assertThat(Rig.call(toMiddle, "hello")).isEqualTo("hello");

    JsonNode first = front.only(frontKit, "front");
    JsonNode second = middle.only(middleKit, "middle");
    JsonNode third = back.only(backKit, "back");
    assertThat(List.of(second, third))
        .allSatisfy(
            segment -> assertThat(segment.get("trace_id")).isEqualTo(first.get("trace_id")));
    assertThat(second.get("parent_id")).isEqualTo(first.at("/subsegments/0/id"));
    assertThat(third.get("parent_id")).isEqualTo(second.at("/subsegments/0/id"));
  }

  private GrpcKit kit(
      String service, Documents documents, List<TraceFormat> read, TraceFormat written) {
    return rig.kit(
        service,
        documents,
        builder -> builder.propagation(Propagation.of(read, List.of(written), List.of())));
  }
}

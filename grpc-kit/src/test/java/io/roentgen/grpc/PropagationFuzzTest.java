// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.grpc.Metadata;
import java.util.List;

/** Any header is a context or none; and what is read is written so that it is read again. */
class PropagationFuzzTest {
  @FuzzTest(maxDuration = "1m")
  void headers_any_areAContextOrNone(FuzzedDataProvider data) {
    TraceFormat format = data.pickValue(TraceFormat.values());
    Metadata headers = new Metadata();
    for (Metadata.Key<String> key : format.keys) {
      if (data.consumeBoolean()) {
        headers.put(key, data.consumeAsciiString(120));
      }
    }
    if (format.binaryKey != null) {
      headers.put(format.binaryKey, data.consumeBytes(40));
    }
    Propagation propagation = Propagation.of(List.of(format), List.of(format), List.of());
    TraceContext context = propagation.extract(headers);
    if (context == null) {
      return;
    }
    Metadata again = new Metadata();
    propagation.inject(context, again);
    TraceContext read = propagation.extract(again);
    assertThat(read).isNotNull();
    assertThat(read.traceId()).isEqualTo(context.traceId());
    assertThat(read.traceState).isEqualTo(context.traceState);
    if (context.spanId() != null) {
      assertThat(read.spanId()).isEqualTo(context.spanId());
    }
  }
}

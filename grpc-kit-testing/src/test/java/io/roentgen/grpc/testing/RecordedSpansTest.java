// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.ActiveSpan.Kind;
import io.roentgen.grpc.GrpcKit;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

class RecordedSpansTest {
  private final RecordedSpans spans = new RecordedSpans(Duration.ofMillis(50));

  private GrpcKit kit() {
    return GrpcKit.builder("test").spans(spans).build();
  }

  @Test
  void inProcess_call_recordsBothSidesAsOneTrace() {
    EchoService annotating =
        EchoService.answering(
            text -> {
              ActiveSpan.current().annotate("order", 7).annotate("express", true);
              return text;
            });
    try (InProcess echo = InProcess.of(annotating)) {
      assertThat(EchoService.call(echo.channel(), "a")).isEqualTo("a");
      RecordedSpan client = echo.spans().take(Kind.CLIENT);
      RecordedSpan server = echo.spans().take(Kind.SERVER, "test.Echo/Unary");
      assertThat(client.name()).isEqualTo("test.Echo/Unary");
      assertThat(client.parentId()).isNull();
      assertThat(server.traceId()).isEqualTo(client.traceId());
      assertThat(server.parentId()).isEqualTo(client.spanId());
      assertThat(server.status()).isEqualTo(Status.OK);
      assertThat(server.annotations())
          .containsExactly(Map.entry("order", 7L), Map.entry("express", true));
      assertThat(server.messagesReceived()).isEqualTo(1);
      assertThat(server.messagesSent()).isEqualTo(1);
      assertThat(client.attempts()).isEqualTo(1);
      assertThat(server.exceptions()).isEmpty();
      assertThat(echo.kit().openCalls()).isZero();
    }
  }

  @Test
  void inProcess_failure_recordsStatusAndException() {
    IllegalStateException thrown = new IllegalStateException("out of stock");
    EchoService failing =
        EchoService.streaming(
            out ->
                out.onError(
                    Status.NOT_FOUND.withDescription("gone").withCause(thrown).asException()));
    try (InProcess echo = InProcess.of(failing)) {
      assertThatThrownBy(
              () ->
                  ClientCalls.blockingServerStreamingCall(
                          echo.channel(), EchoService.SERVER, CallOptions.DEFAULT, "a")
                      .next())
          .isInstanceOf(StatusRuntimeException.class);
      RecordedSpan server = echo.spans().take(Kind.SERVER);
      assertThat(server.status().getCode()).isEqualTo(Status.Code.NOT_FOUND);
      assertThat(server.exceptions()).containsExactly(thrown);
      assertThat(echo.spans().take(Kind.CLIENT).status().getDescription()).isEqualTo("gone");
    }
  }

  @Test
  void inProcess_callerThatRefuses_isNotRecorded() {
    Metadata refusing = new Metadata();
    refusing.put(Metadata.Key.of("b3", Metadata.ASCII_STRING_MARSHALLER), "0");
    try (InProcess echo = InProcess.of(EchoService.echo())) {
      ActiveSpan refused =
          echo.kit().start("job", Kind.INTERNAL, echo.kit().propagation().extract(refusing));
      try (ActiveSpan.Scope scope = refused.makeCurrent()) {
        assertThat(scope).isNotNull();
        EchoService.call(echo.channel(), "a");
      }
      refused.end();
      echo.spans().assertNothingLeft();
    }
  }

  @Test
  void close_spanLeftUntaken_failsNamingIt() {
    GrpcKit kit = kit();
    kit.start("job", Kind.CONSUMER, null).end();
    assertThatThrownBy(kit::close)
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("spans left (expected: each ended and taken); not ended: 0")
        .hasMessageContaining("ended and not taken: 1\n  CONSUMER job trace=");
    kit.close();
  }

  @Test
  void close_spanLeftOpen_failsNamingIt() {
    GrpcKit kit = kit();
    ActiveSpan job = kit.start("job", Kind.CONSUMER, null);
    assertThat(kit.statistics().open()).isEqualTo(1);
    assertThatThrownBy(kit::close)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("not ended: 1\n  CONSUMER job trace=");
    job.end();
    assertThat(spans.takeEnded()).hasSize(1);
    assertThat(kit.start("late", Kind.CONSUMER, null).isSampled()).isFalse();
  }

  @Test
  void take_nothingEnds_failsWithWhatThereIs() {
    ActiveSpan job = spans.start("job", Kind.CONSUMER, null);
    assertThatThrownBy(() -> spans.take(Kind.SERVER))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("no span ended: SERVER (expected: one); not ended: 1");
    job.end();
    assertThat(spans.take().name()).isEqualTo("job");
  }

  @Test
  void child_hasItsParentAndIsRecordedOnce() {
    ActiveSpan job = spans.start("job", Kind.CONSUMER, null);
    ActiveSpan step = job.startChild("step");
    IllegalStateException thrown = new IllegalStateException();
    step.recordException(thrown).recordException(thrown).annotate("share", 0.5).end();
    step.end();
    job.end();
    RecordedSpan recorded = spans.take(Kind.INTERNAL);
    assertThat(recorded.parentId()).isEqualTo(spans.take(Kind.CONSUMER).spanId());
    assertThat(recorded.exceptions()).containsExactly(thrown);
    assertThat(recorded.annotations()).containsExactly(Map.entry("share", 0.5));
    assertThat(recorded.status()).isNull();
    spans.assertNothingLeft();
    assertThat(spans.statistics().sent()).isEqualTo(2);
  }

  @Test
  void forgetEnded_dropsWhatATestIsNotAbout() {
    spans.start("job", Kind.CONSUMER, null).end();
    spans.forgetEnded();
    spans.close();
  }

  @Test
  @ExtendWith(SpansExtension.class)
  void extension_givesATestItsOwn(RecordedSpans own) {
    assertThat(own).isNotSameAs(spans);
    own.start("job", Kind.CONSUMER, null).end();
    assertThat(own.take().name()).isEqualTo("job");
  }
}

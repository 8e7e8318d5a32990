// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.roentgen.model.GrpcStatus;
import io.roentgen.model.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CallOutcomesTest {
  private static final Outcome ERROR = Outcome.ofBits(Outcome.ERROR_BIT);
  private static final Outcome FAULT = Outcome.ofBits(Outcome.FAULT_BIT);

  @ParameterizedTest
  @EnumSource
  void defaults_areTheTable(Code code) {
    assertThat(CallOutcomes.defaults().of(EchoService.UNARY, code).bits())
        .isEqualTo(GrpcStatus.outcomeBits(code.value()));
  }

  @Test
  void method_beforeService_beforeAll() {
    CallOutcomes outcomes =
        CallOutcomes.defaults()
            .ok("test.Echo/Unary", Code.NOT_FOUND)
            .fault("test.Echo/*", Code.NOT_FOUND, Code.ABORTED)
            .throttle("*", Code.NOT_FOUND, Code.ABORTED, Code.UNAVAILABLE)
            .fault("other.Echo/Unary", Code.ALREADY_EXISTS);
    assertThat(outcomes.of(EchoService.UNARY, Code.NOT_FOUND)).isEqualTo(Outcome.OK);
    assertThat(outcomes.of(EchoService.BIDI, Code.NOT_FOUND)).isEqualTo(FAULT);
    assertThat(outcomes.of(EchoService.UNARY, Code.ABORTED)).isEqualTo(FAULT);
    assertThat(outcomes.of(EchoService.UNARY, Code.UNAVAILABLE))
        .isEqualTo(new Outcome(true, false, true));
    assertThat(outcomes.of(EchoService.UNARY, Code.ALREADY_EXISTS)).isEqualTo(ERROR);
    assertThat(outcomes.of(EchoService.UNARY, Code.OK)).isEqualTo(Outcome.OK);
  }

  @Test
  void last_ofTheSameMethods_countsAndLeavesTheOthers() {
    CallOutcomes first = CallOutcomes.defaults().fault("test.Echo/*", Code.NOT_FOUND, Code.ABORTED);
    CallOutcomes second = first.error("test.Echo/*", Code.NOT_FOUND);
    assertThat(second.of(EchoService.UNARY, Code.NOT_FOUND)).isEqualTo(ERROR);
    assertThat(second.of(EchoService.UNARY, Code.ABORTED)).isEqualTo(FAULT);
    assertThat(first.of(EchoService.UNARY, Code.NOT_FOUND)).isEqualTo(FAULT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "Unary",
        "test.Echo",
        "test.Echo/",
        "/Unary",
        "test.*/Unary",
        "test.Echo/Un*",
        "**",
        "test.Echo /Unary"
      })
  void methods_notNamedInFull_areRefused(String methods) {
    assertThatThrownBy(() -> CallOutcomes.defaults().ok(methods, Code.NOT_FOUND))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "methods: '"
                + methods
                + "' (expected: package.Service/Method, package.Service/* or *)");
  }

  @Test
  void codes_noneOrOk_areRefused() {
    assertThatThrownBy(() -> CallOutcomes.defaults().ok("*"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("codes: none (expected: at least one)");
    assertThatThrownBy(() -> CallOutcomes.defaults().fault("*", Code.OK))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("codes: OK (expected: those of calls that failed)");
  }

  @Test
  void segments_ofBothSides_areMarkedAsSaid() {
    CallOutcomes outcomes = CallOutcomes.defaults().fault("test.Echo/*", Code.NOT_FOUND);
    Documents said = new Documents();
    Documents unsaid = new Documents();
    try (Rig rig = new Rig()) {
      GrpcKit back = rig.kit("back", said, builder -> builder.outcomes(outcomes));
      GrpcKit front = rig.kit("front", unsaid);
      Channel channel = rig.connect(front, rig.serve(back, EchoService.echo()));
      assertThatThrownBy(() -> Rig.call(channel, EchoService.STATUS + Status.Code.NOT_FOUND))
          .isInstanceOf(StatusRuntimeException.class);
      JsonNode segment = said.only(back, "back");
      assertThat(segment.path("fault").asBoolean()).isTrue();
      assertThat(segment.has("error")).isFalse();
      assertThat(unsaid.only(front, "test.Echo/Unary").path("error").asBoolean()).isTrue();
    }
  }
}

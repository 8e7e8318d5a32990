// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RpcNamesTest {
  /** Source: google/rpc/code.proto, "HTTP Mapping". */
  @ParameterizedTest
  @CsvSource({
    "OK, 200",
    "CANCELLED, 499",
    "UNKNOWN, 500",
    "INVALID_ARGUMENT, 400",
    "DEADLINE_EXCEEDED, 504",
    "NOT_FOUND, 404",
    "ALREADY_EXISTS, 409",
    "PERMISSION_DENIED, 403",
    "RESOURCE_EXHAUSTED, 429",
    "FAILED_PRECONDITION, 400",
    "ABORTED, 409",
    "OUT_OF_RANGE, 400",
    "UNIMPLEMENTED, 501",
    "INTERNAL, 500",
    "UNAVAILABLE, 503",
    "DATA_LOSS, 500",
    "UNAUTHENTICATED, 401"
  })
  void httpStatus_each_isTheCanonicalOne(Status.Code code, int expected) {
    assertThat(RpcNames.httpStatus(code)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "rpc, NEW",
    "rpc/dup, BOTH",
    "'http, rpc', NEW",
    "'rpc,rpc/dup', BOTH",
    "http/dup, OLD",
    "'', OLD",
    ", OLD"
  })
  void optIn_each_isWhatTheSwitchSays(String value, RpcNames expected) {
    assertThat(RpcNames.ofOptIn(value)).isEqualTo(expected);
  }
}

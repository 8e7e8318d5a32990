// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GrpcMetadataTest {
  @Test
  void attemptAsTheKitWritesIt_status_isThere() {
    assertThat(
            of("{\"metadata\":{\"grpc\":{\"status\":\"UNAVAILABLE\",\"peer\":\"/10.0.0.1:1\"}}}")
                .status())
        .isEqualTo("UNAVAILABLE");
  }

  @Test
  void callAsTheKitWritesIt_messages_areInNanos() {
    assertThat(
            of("{\"metadata\":{\"grpc\":{\"type\":\"SERVER_STREAMING\",\"messages\":"
                    + "[{\"sent_us\":3},{\"received_us\":40}]}}}")
                .messages())
        .containsExactly(
            new GrpcMetadata.Message(3_000, false), new GrpcMetadata.Message(40_000, true));
  }

  @Test
  void othersMetadata_nothing_isTaken() {
    for (String document :
        new String[] {
          "",
          "{\"metadata\":{\"shop\":{\"status\":\"open\"}}}",
          "{\"metadata\":{\"grpc\":[1]}}",
          "{\"metadata\":{\"grpc\":\"no\"}}",
          "{\"metadata\":{\"grpc\":{\"status\":\"\",\"messages\":[{\"sent_us\":\"soon\"},"
              + "{\"sent_us\":-1},{\"received_us\":9223372036854775807},7]}}}"
        }) {
      GrpcMetadata found = of(document);
      assertThat(found.status()).as(document).isNull();
      assertThat(found.messages()).as(document).isEmpty();
    }
  }

  private static GrpcMetadata of(String document) {
    return GrpcMetadata.of(document);
  }
}

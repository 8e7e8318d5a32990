// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.platform;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.roentgen.examples.greeting.v3.Greeting;
import io.roentgen.examples.greeting.v3.GreetingRequest;
import io.roentgen.examples.greeting.v3.GreetingResponse;
import org.junit.jupiter.api.Test;

/** What callers of earlier versions send is read, and what is answered they can read. */
class GreetingEvolutionTest {
  private static final Greeting GREETING =
      Greeting.newBuilder()
          .setId("1")
          .setService("Service B")
          .setMessage("Namasté (नमस्ते)")
          .setCreated("2026-01-02T03:04:05Z")
          .setHostname("host")
          .build();
  private static final byte[] ANSWER =
      GreetingResponse.newBuilder().addGreeting(GREETING).build().toByteArray();

  @Test
  void answer_readByTheFirstVersion_isHandedOnWhole() throws InvalidProtocolBufferException {
    var read = io.roentgen.examples.greeting.v1.GreetingResponse.parseFrom(ANSWER);
    assertThat(read.getGreeting(0).getMessage()).isEqualTo(GREETING.getMessage());
    assertThat(read.getGreeting(0).getCreated()).isEqualTo(GREETING.getCreated());
    // It does not know the host, and keeps it.
    assertThat(GreetingResponse.parseFrom(read.toByteArray()).getGreeting(0)).isEqualTo(GREETING);
  }

  @Test
  void answer_readByTheSecondVersion_hasTheHost() throws InvalidProtocolBufferException {
    var read = io.roentgen.examples.greeting.v2.GreetingResponse.parseFrom(ANSWER);
    assertThat(read.getGreeting(0).getHostname()).isEqualTo("host");
    assertThat(read.toByteArray()).isEqualTo(ANSWER);
  }

  @Test
  void answers_ofEarlierVersions_areRead() throws InvalidProtocolBufferException {
    var first =
        io.roentgen.examples.greeting.v1.GreetingResponse.newBuilder()
            .addGreeting(
                io.roentgen.examples.greeting.v1.Greeting.newBuilder()
                    .setId("1")
                    .setService("Service B"))
            .build();
    assertThat(GreetingResponse.parseFrom(first.toByteArray()).getGreeting(0))
        .isEqualTo(Greeting.newBuilder().setId("1").setService("Service B").build());
    var second =
        io.roentgen.examples.greeting.v2.GreetingResponse.newBuilder()
            .addGreeting(
                io.roentgen.examples.greeting.v2.Greeting.newBuilder()
                    .setId("1")
                    .setHostname("host"))
            .build();
    assertThat(GreetingResponse.parseFrom(second.toByteArray()).getGreeting(0))
        .isEqualTo(Greeting.newBuilder().setId("1").setHostname("host").build());
  }

  @Test
  void requests_ofEarlierVersions_haveNoGreeting_andTheirsAreSkippedByThem()
      throws InvalidProtocolBufferException {
    var first = io.roentgen.examples.greeting.v1.GreetingRequest.getDefaultInstance();
    var second = io.roentgen.examples.greeting.v2.GreetingRequest.getDefaultInstance();
    assertThat(GreetingRequest.parseFrom(first.toByteArray()).hasGreeting()).isFalse();
    assertThat(GreetingRequest.parseFrom(second.toByteArray()).hasGreeting()).isFalse();
    byte[] newest = GreetingRequest.newBuilder().setGreeting(GREETING).build().toByteArray();
    assertThat(
            io.roentgen.examples.greeting.v1.GreetingRequest.parseFrom(newest)
                .getUnknownFields()
                .hasField(1))
        .isTrue();
  }
}

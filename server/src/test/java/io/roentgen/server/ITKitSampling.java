// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.ActiveSpan.Kind;
import io.roentgen.grpc.DaemonAddress;
import io.roentgen.grpc.GrpcKit;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The gRPC kit follows this server's sampling rules while it runs. */
class ITKitSampling {
  /** Two reports and some more, as other tests may have the machine. */
  private static final Duration FOLLOWED = Duration.ofSeconds(40);

  private static final String RULE =
      """
      {"SamplingRule": {"RuleName": "shop", "Priority": 1, "FixedRate": 0, "ReservoirSize": 0,
       "ServiceName": "shop", "ServiceType": "*", "Host": "*", "HTTPMethod": "*", "URLPath": "*",
       "ResourceARN": "*", "Version": 1}}
      """;

  @Test
  void rule_changed_isFollowedAndReported() throws Exception {
    try (TestServer server = new TestServer()) {
      post(server, "/CreateSamplingRule", RULE);
      try (GrpcKit kit =
          GrpcKit.builder("shop")
              .environment(Map.of())
              .daemon(
                  new DaemonAddress(
                      "127.0.0.1",
                      server.address(ListenerName.XRAY_UDP).getPort(),
                      "127.0.0.1",
                      server.address(ListenerName.XRAY_TCP).getPort()))
              .build()) {
        // Of the local rules, which decide at first, the first call of a second is traced.
        await().atMost(FOLLOWED).until(() -> sampled(kit) == 0);
        post(
            server,
            "/UpdateSamplingRule",
            "{\"SamplingRuleUpdate\": {\"RuleName\": \"shop\", \"ReservoirSize\": 5}}");
        // Borrowed until a share is granted, which this client has for itself.
        await()
            .atMost(FOLLOWED)
            .pollInterval(Duration.ofMillis(1100))
            .until(() -> sampled(kit) == 5);
        assertThat(post(server, "/SamplingStatisticSummaries", "{}"))
            .contains("\"RuleName\":\"shop\"");
      }
    }
  }

  private static int sampled(GrpcKit kit) {
    int sampled = 0;
    for (int i = 0; i < 50; i++) {
      ActiveSpan span = kit.start("work", Kind.INTERNAL, null);
      sampled += span.isSampled() ? 1 : 0;
      span.end();
    }
    return sampled;
  }

  private static String post(TestServer server, String path, String body) throws Exception {
    HttpResponse<byte[]> answer = server.post(path, body.getBytes(StandardCharsets.UTF_8));
    String text = new String(answer.body(), StandardCharsets.UTF_8);
    assertThat(answer.statusCode()).as(text).isEqualTo(200);
    return text;
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.roentgen.grpc.GrpcKit;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Whether the daemon is asked for rules, by what an application is told in properties. */
class ITPolledRules {
  private final List<String> asked = new CopyOnWriteArrayList<>();

  private void run(List<String> properties, boolean expected) throws Exception {
    HttpServer daemon =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    daemon.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(503, -1);
          exchange.close();
        });
    daemon.start();
    try {
      new ApplicationContextRunner()
          .withConfiguration(AutoConfigurations.of(GrpcKitAutoConfiguration.class))
          .withPropertyValues(
              "spring.application.name=orders",
              "roentgen.grpc.daemon-address=127.0.0.1:" + daemon.getAddress().getPort())
          .withPropertyValues(properties.toArray(new String[0]))
          .run(
              context -> {
                assertThat(context).hasSingleBean(GrpcKit.class);
                if (expected) {
                  await().until(() -> !asked.isEmpty());
                }
              });
    } finally {
      daemon.stop(0);
    }
  }

  @Test
  void nothingSet_asksTheDaemon() throws Exception {
    run(List.of(), true);
    assertThat(asked).contains("/GetSamplingRules");
  }

  @Test
  void localRulesAndPoll_asksTheDaemonAllTheSame() throws Exception {
    run(
        List.of(
            "roentgen.grpc.sampling-rules=classpath:rules.json",
            "roentgen.grpc.poll-sampling-rules=true"),
        true);
    assertThat(asked).contains("/GetSamplingRules");
  }
}

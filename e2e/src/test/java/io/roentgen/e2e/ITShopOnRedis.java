// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The shop on a real Redis in place of the embedded one: the same is seen. */
class ITShopOnRedis extends ITShop {
  private RedisProcess redis;

  @Override
  Map<String, String> settings(Path folder) throws Exception {
    redis = RedisProcess.start(folder.resolve("redis"));
    return Map.of("REDIS_ENDPOINT", "redis://" + redis.endpoint() + "/0");
  }

  @AfterAll
  @Override
  void stop() {
    super.stop();
    if (redis != null) {
      redis.close();
    }
  }

  @Test
  void redisThatIsAway_isAFaultOfThePage_andHealsByItself() throws Exception {
    Visitor visitor = new Visitor();
    assertThat(visitor.get("/").statusCode()).isEqualTo(200);

    redis.kill();

    HttpResponse<byte[]> failed = visitor.get("/");
    assertThat(failed.statusCode()).isEqualTo(503);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(tree(documents(traceOf(failed))))
                    .containsExactly(
                        "Frontend fault", " redis fault", " redis fault", " redis fault"));
    assertThat(visitor.get("/healthz").statusCode()).isEqualTo(200);

    redis.restart();

    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(visitor.get("/").statusCode()).isEqualTo(200));
    assertThat(visitor.post("/cart", "product_id=" + PRODUCT).statusCode()).isEqualTo(303);
    assertThat(text(visitor.get("/cart"))).contains("Tissot");
  }
}

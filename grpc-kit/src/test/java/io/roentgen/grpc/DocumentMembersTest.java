// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.roentgen.grpc.ActiveSpan.Kind;
import io.roentgen.model.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocumentMembersTest {
  private final Rig rig = new Rig();
  private final Documents documents = new Documents();
  private final GrpcKit kit = rig.kit("shop", documents);

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void httpRequest_isTheHttpBlockOfItsSegment() {
    ActiveSpan span = kit.start("GET /cart", Kind.SERVER, null);
    span.annotate("http.request.method", "GET")
        .annotate("url.full", "http://shop/cart")
        .annotate("user_agent.original", "curl/8")
        .annotate("client.address", "10.0.0.7")
        .annotate("http.response.status_code", 200)
        .annotate("http.response.body.size", 12)
        .annotate("enduser.id", "ann")
        .annotate("http.route", "/cart");
    span.end();
    JsonNode segment = documents.only(kit, "shop");
    assertThat(segment.get("http").toString())
        .isEqualTo(
            "{\"request\":{\"method\":\"GET\",\"url\":\"http://shop/cart\",\"user_agent\":\"curl/8\","
                + "\"client_ip\":\"10.0.0.7\"},\"response\":{\"status\":200,\"content_length\":12}}");
    assertThat(segment.get("user").asText()).isEqualTo("ann");
    assertThat(segment.get("annotations").toString())
        .isEqualTo("{\"operation\":\"GET /cart\",\"http.route\":\"/cart\"}");
  }

  @ParameterizedTest
  @CsvSource({
    "200, false, false, false",
    "404, true, false, false",
    "429, true, false, true",
    "503, false, true, false",
  })
  void httpStatus_decidesHowItWent(long status, boolean error, boolean fault, boolean throttle) {
    ActiveSpan span = kit.start("GET /cart", Kind.SERVER, null);
    span.annotate("http.response.status_code", status).end();
    JsonNode segment = documents.only(kit, "shop");
    assertThat(segment.path("error").asBoolean()).isEqualTo(error);
    assertThat(segment.path("fault").asBoolean()).isEqualTo(fault);
    assertThat(segment.path("throttle").asBoolean()).isEqualTo(throttle);
  }

  @Test
  void outcome_isWhatWasSaid_whateverElseThereIs() {
    ActiveSpan root = kit.start("job", Kind.INTERNAL, null);
    root.startChild("refused", Kind.CLIENT)
        .annotate("http.response.status_code", 400)
        .outcome(new Outcome(true, false, true))
        .end();
    root.startChild("no matter")
        .recordException(new IllegalStateException("x"))
        .outcome(Outcome.OK)
        .end();
    root.end();
    JsonNode refused = documents.only(kit, "refused");
    assertThat(refused.get("throttle").asBoolean()).isTrue();
    assertThat(refused.get("error").asBoolean()).isTrue();
    assertThat(refused.has("fault")).isFalse();
    assertThat(documents.only(kit, "no matter").has("fault")).isFalse();
  }

  @Test
  void callToAws_isTheAwsBlockOfItsSubsegment() {
    ActiveSpan root = kit.start("job", Kind.INTERNAL, null);
    root.annotate("aws.operation", "kept");
    root.startChild("DynamoDB", Kind.CLIENT)
        .annotate("xray.namespace", "aws")
        .annotate("aws.operation", "GetItem")
        .annotate("aws.table_name", "ProductCatalog")
        .annotate("aws.retries", 3)
        .end();
    root.end();
    JsonNode call = documents.only(kit, "DynamoDB");
    assertThat(call.get("namespace").asText()).isEqualTo("aws");
    assertThat(call.get("aws").toString())
        .isEqualTo("{\"operation\":\"GetItem\",\"retries\":3,\"table_name\":\"ProductCatalog\"}");
    // A segment's member aws says what it runs on.
    assertThat(documents.only(kit, "shop").at("/annotations/aws.operation").asText())
        .isEqualTo("kept");
    assertThat(documents.only(kit, "shop").at("/aws/xray/sdk").asText()).isNotEmpty();
  }

  @Test
  void database_isMetadata_andWhatHasNoMemberOrTypeAnAnnotation() {
    ActiveSpan root = kit.start("job", Kind.INTERNAL, null);
    root.startChild("orders@mongodb", Kind.CLIENT)
        .annotate("db.system.name", "mongodb")
        .annotate("db.operation.name", "insert")
        .annotate("http.response.status_code", "as text")
        .annotate("server.address", "db1")
        .end();
    root.end();
    JsonNode call = documents.only(kit, "orders@mongodb");
    assertThat(call.get("namespace").asText()).isEqualTo("remote");
    assertThat(call.get("metadata").toString())
        .isEqualTo("{\"db\":{\"system.name\":\"mongodb\",\"operation.name\":\"insert\"}}");
    assertThat(call.has("http")).isFalse();
    assertThat(call.get("annotations").toString())
        .isEqualTo("{\"http.response.status_code\":\"as text\",\"server.address\":\"db1\"}");
  }
}

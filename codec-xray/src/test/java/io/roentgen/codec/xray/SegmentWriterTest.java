// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.roentgen.model.Format;
import io.roentgen.model.Outcome;
import io.roentgen.model.Raw;
import io.roentgen.model.Resource;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.Scope;
import io.roentgen.model.Span;
import io.roentgen.model.SpanEvent;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.SpanLink;
import io.roentgen.model.StatusCode;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentWriterTest {
  private static final TraceId TRACE = TraceId.parse("1-581cf771-a006649127e371903a2de979");
  private static final long SECOND = 1_000_000_000L;

  @Test
  void documents_subsegmentsSentAlone_areEmbeddedInOrder() {
    String segment =
        """
        {"id":"000000000000000a","trace_id":"1-581cf771-a006649127e371903a2de979","name":"shop",
        "start_time":1,"end_time":9,"subsegments":[]}
        """;
    String late = streamed("000000000000000b", "000000000000000a", 5);
    String early = streamed("000000000000000c", "000000000000000a", 4);
    String inner = streamed("000000000000000d", "000000000000000b", 6);

    List<SegmentDocument> documents =
        SegmentWriter.documents(RoundTrip.spans(inner, late, early, segment));

    assertThat(documents)
        .containsExactly(
            new SegmentDocument(
                id(0xa),
                "{\"id\":\"000000000000000a\",\"trace_id\":\"1-581cf771-a006649127e371903a2de979\","
                    + "\"start_time\":1,\"name\":\"shop\",\"end_time\":9,\"subsegments\":["
                    + "{\"id\":\"000000000000000c\",\"start_time\":4,\"name\":\"work\",\"end_time\":7},"
                    + "{\"id\":\"000000000000000b\",\"start_time\":5,\"name\":\"work\",\"end_time\":7,"
                    + "\"subsegments\":[{\"id\":\"000000000000000d\",\"start_time\":6,\"name\":\"work\","
                    + "\"end_time\":7}]}]}"));
  }

  @Test
  void documents_subsegmentWithoutItsParent_standsAlone() {
    String orphan = streamed("000000000000000b", "000000000000000a", 5);

    List<SegmentDocument> documents = SegmentWriter.documents(RoundTrip.spans(orphan));

    assertThat(documents).extracting(SegmentDocument::id).containsExactly(id(0xb));
    assertThat(TestJson.parse(documents.get(0).document())).isEqualTo(TestJson.parse(orphan));
  }

  @Test
  void documents_segmentOfAnotherService_isADocumentOfItsOwn() {
    Span caller = otlp(1).name("call").segment(true).build();
    Span callee = otlp(2).name("callee").parentSpanId(id(1)).segment(true).build();

    assertThat(SegmentWriter.documents(List.of(callee, caller)))
        .extracting(SegmentDocument::id)
        .containsExactly(id(1), id(2));
  }

  @Test
  void documents_parentsInACircle_areAllWritten() {
    List<Span> spans =
        List.of(
            otlp(1).name("a").parentSpanId(id(3)).build(),
            otlp(2).name("b").parentSpanId(id(1)).build(),
            otlp(3).name("c").parentSpanId(id(2)).build(),
            otlp(4).name("d").parentSpanId(id(4)).build());

    List<SegmentDocument> documents = SegmentWriter.documents(spans);

    assertThat(documents).extracting(SegmentDocument::id).containsExactly(id(1), id(4));
    assertThat(documents.get(0).document()).contains("\"name\":\"b\"", "\"name\":\"c\"");
  }

  @Test
  void documents_tenThousandLevels_areWritten() {
    List<Span> spans = new ArrayList<>();
    spans.add(otlp(1).name("a").segment(true).build());
    for (int i = 2; i <= 10_000; i++) {
      spans.add(otlp(i).name("a").parentSpanId(id(i - 1)).build());
    }

    assertThat(SegmentWriter.documents(spans)).hasSize(1);
  }

  @Test
  void documents_spanSentAgain_isWrittenOnceAsLast() {
    String open =
        """
        {"id":"000000000000000a","trace_id":"1-581cf771-a006649127e371903a2de979","name":"shop",
        "start_time":1,"in_progress":true}
        """;
    String closed = open.replace("\"in_progress\":true", "\"end_time\":2");

    assertThat(SegmentWriter.documents(RoundTrip.spans(open, closed)))
        .extracting(each -> TestJson.parse(each.document()))
        .containsExactly(TestJson.parse(closed));
  }

  @Test
  void documents_spanDocumentThatIsNoObject_isRefused() {
    Span span = otlp(1).format(Format.XRAY).document("[]").build();

    assertThatThrownBy(() -> SegmentWriter.documents(List.of(span)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("span 0000000000000001 document");
  }

  @Test
  void inferredDocuments_callWithoutSegment_isMadeFromItAndTheSameEachTime() {
    List<Span> spans =
        RoundTrip.spans(
            """
            {"id":"000000000000000a","trace_id":"1-581cf771-a006649127e371903a2de979","name":"shop",
            "start_time":1,"end_time":9,"subsegments":[
            {"id":"000000000000000b","name":"DynamoDB","start_time":2.5,"end_time":3,"namespace":"aws",
            "fault":true,"aws":{"table_name":"users","odd":[1]},"http":{"response":{"status":500}}},
            {"id":"000000000000000c","name":"orders","start_time":4,"in_progress":true,
            "namespace":"remote"},
            {"id":"000000000000000d","name":"work","start_time":5,"end_time":6},
            {"id":"000000000000000e","name":"cart","start_time":7,"end_time":8,"namespace":"remote"}]}
            """,
            """
            {"id":"000000000000000f","trace_id":"1-581cf771-a006649127e371903a2de979","name":"cart",
            "start_time":7,"end_time":8,"parent_id":"000000000000000e"}
            """);

    List<SegmentDocument> inferred = SegmentWriter.inferredDocuments(spans);

    assertThat(inferred)
        .extracting(each -> TestJson.parse(each.document()))
        .containsExactly(
            TestJson.parse(
                """
                {"id":"%s","name":"DynamoDB","trace_id":"1-581cf771-a006649127e371903a2de979",
                "parent_id":"000000000000000b","start_time":2.5,"end_time":3,"inferred":true,"fault":true,
                "http":{"response":{"status":500}},"aws":{"table_name":"users","odd":[1]},
                "origin":"AWS::DynamoDB::Table"}
                """
                    .formatted(inferred.get(0).id())),
            TestJson.parse(
                """
                {"id":"%s","name":"orders","trace_id":"1-581cf771-a006649127e371903a2de979",
                "parent_id":"000000000000000c","start_time":4,"in_progress":true,"inferred":true}
                """
                    .formatted(inferred.get(1).id())));
    assertThat(inferred).extracting(SegmentDocument::id).doesNotHaveDuplicates();
    assertThat(SegmentWriter.inferredDocuments(spans)).isEqualTo(inferred);
    assertThat(SegmentWriter.inferredDocuments(spans.subList(0, 2))).isEqualTo(inferred.subList(0, 1));
  }

  @Test
  void documents_ofOtlpServerSpan_isASegment() {
    Resource resource =
        new Resource(
            Map.of(
                "service.name", Value.of("orders"),
                "service.version", Value.of("1.2"),
                "cloud.platform", Value.of("aws_ecs"),
                "aws.ecs.launchtype", Value.of("fargate"),
                "container.id", Value.of("c1"),
                "host.arch", Value.of("arm64")),
            0,
            "",
            Raw.EMPTY);
    Span span =
        otlp(1)
            .parentSpanId(id(7))
            .service("orders")
            .name("GET /orders/{id}")
            .kind(SpanKind.SERVER)
            .segment(true)
            .resourceScope(new ResourceScope(resource, Scope.EMPTY))
            .outcome(new Outcome(true, false, true))
            .attribute("http.request.method", Value.of("GET"))
            .attribute("url.path", Value.of("/orders/1"))
            .attribute("url.query", Value.of("a=b"))
            .attribute("server.address", Value.of("orders.example"))
            .attribute("server.port", Value.of(8443))
            .attribute("url.scheme", Value.of("https"))
            .attribute("client.address", Value.of("10.0.0.1"))
            .attribute("http.response.status_code", Value.of(429))
            .attribute("enduser.id", Value.of("u1"))
            .attribute("tries", Value.of(3))
            .attribute("nan", Value.of(Double.NaN))
            .attribute("tags", new Value.ArrayValue(List.of(Value.of("a"), Value.of(1))))
            .attribute("a-b", Value.of(true))
            .attribute("a_b", Value.of(false))
            .attribute("aws.xray.metadata.ns", Value.of("{\"k\":[1]}"))
            .attribute("aws.xray.metadata.bad", Value.of("{"))
            .links(List.of(new SpanLink(TRACE, id(9), "", 0, Map.of(), 0)))
            .build();

    assertDocument(
        span,
        """
        {"id":"0000000000000001","trace_id":"1-581cf771-a006649127e371903a2de979",
        "parent_id":"0000000000000007","start_time":1.5,"end_time":2,"name":"orders",
        "error":true,"throttle":true,"origin":"AWS::ECS::Fargate","service":{"version":"1.2"},
        "http":{"request":{"method":"GET","url":"https://orders.example:8443/orders/1?a=b",
        "client_ip":"10.0.0.1","x_forwarded_for":true},"response":{"status":429}},
        "aws":{"ecs":{"container_id":"c1","launch_type":"fargate"}},"user":"u1",
        "links":[{"trace_id":"1-581cf771-a006649127e371903a2de979","id":"0000000000000009"}],
        "annotations":{"url.path":"/orders/1","url.query":"a=b","server.address":"orders.example",
        "server.port":8443,"url.scheme":"https","tries":3,"a_b":true,"aws.xray.metadata.bad":"{",
        "otel.resource.cloud.platform":"aws_ecs","otel.resource.host.arch":"arm64"},
        "metadata":{"otel":{"name":"GET /orders/{id}","kind":"SERVER"},"ns":{"k":[1]},
        "default":{"nan":"NaN","tags":["a",1],"a_b":false}}}
        """);
  }

  @Test
  void documents_ofOtlpDatabaseSpan_isARemoteSubsegmentWithSql() {
    Span span =
        otlp(1)
            .parentSpanId(id(7))
            .service("orders")
            .name("SELECT orders")
            .kind(SpanKind.CLIENT)
            .statusCode(StatusCode.ERROR)
            .statusMessage("refused")
            .outcome(new Outcome(false, true, false))
            .attribute("db.system.name", Value.of("postgresql"))
            .attribute("db.namespace", Value.of("shop"))
            .attribute("db.query.text", Value.of("SELECT ?"))
            .attribute("server.address", Value.of("db.example"))
            .build();

    assertDocument(
        span,
        """
        {"id":"0000000000000001","trace_id":"1-581cf771-a006649127e371903a2de979","type":"subsegment",
        "parent_id":"0000000000000007","start_time":1.5,"end_time":2,"name":"shop@db.example",
        "namespace":"remote","fault":true,
        "sql":{"url":"SELECT orders","connection_string":"db.example/shop","database_type":"postgresql",
        "sanitized_query":"SELECT ?"},
        "cause":{"exceptions":[{"id":"%s","message":"refused"}]},
        "annotations":{"db.namespace":"shop","server.address":"db.example"},
        "metadata":{"otel":{"name":"SELECT orders","kind":"CLIENT","status_message":"refused"}}}
        """
            .formatted(SegmentWriter.derivedId(id(1))));
  }

  @Test
  void documents_ofOtlpAwsCall_hasAwsBlock() {
    Span span =
        otlp(1)
            .parentSpanId(id(7))
            .name("DynamoDB.GetItem")
            .kind(SpanKind.CLIENT)
            .attribute("rpc.system", Value.of("aws-api"))
            .attribute("rpc.service", Value.of("DynamoDB"))
            .attribute("rpc.method", Value.of("GetItem"))
            .attribute("aws.request_id", Value.of("r1"))
            .attribute(
                "aws.dynamodb.table_names", new Value.ArrayValue(List.of(Value.of("users"))))
            .build();

    assertDocument(
        span,
        """
        {"id":"0000000000000001","trace_id":"1-581cf771-a006649127e371903a2de979","type":"subsegment",
        "parent_id":"0000000000000007","start_time":1.5,"end_time":2,"name":"DynamoDB","namespace":"aws",
        "aws":{"operation":"GetItem","request_id":"r1","table_name":"users"},
        "annotations":{"rpc.system":"aws-api","rpc.service":"DynamoDB"},
        "metadata":{"otel":{"name":"DynamoDB.GetItem","kind":"CLIENT"}}}
        """);
  }

  @Test
  void documents_ofOtlpExceptionEvent_isTheCause() {
    Span span =
        otlp(1)
            .parentSpanId(id(7))
            .name("work*")
            .kind(SpanKind.INTERNAL)
            .events(
                List.of(
                    new SpanEvent(
                        1_600_000_000L,
                        "exception",
                        Map.of(
                            "exception.type", Value.of("java.lang.IllegalStateException"),
                            "exception.message", Value.of("no"),
                            "exception.stacktrace",
                                Value.of(
                                    """
                                    java.lang.IllegalStateException: no
                                    \tat java.base/a.B.c(B.java:12)
                                    \tat a.B.<init>(Native Method)
                                    Caused by: java.lang.Error
                                    \tat a.D.e(D.java:3)
                                    """)),
                        0)))
            .build();

    Object cause =
        ((Map<?, ?>) TestJson.parse(SegmentWriter.documents(List.of(span)).get(0).document()))
            .get("cause");

    assertThat(cause)
        .isEqualTo(
            TestJson.parse(
                """
                {"exceptions":[{"id":"%s","type":"java.lang.IllegalStateException","message":"no",
                "stack":[{"path":"B.java","line":12,"label":"a.B.c"},
                {"path":"Native Method","label":"a.B.<init>"}]}]}
                """
                    .formatted(SegmentWriter.derivedId(id(1)))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "File \"app.py\", line 14, in index   | index | app.py | 14",
        "at Object.f (/srv/a.js:10:5)         | Object.f | /srv/a.js | 10",
        "at /srv/a.js:10:5                    | - | /srv/a.js | 10",
      })
  void documents_ofOtlpStackTraceOfOtherLanguages_hasFrames(
      String line, String label, String path, int number) {
    Span span =
        otlp(1)
            .segment(true)
            .events(
                List.of(
                    new SpanEvent(
                        1, "exception", Map.of("exception.stacktrace", Value.of("  " + line)), 0)))
            .build();

    String frame =
        "{\"path\":\""
            + path
            + "\",\"line\":"
            + number
            + (label == null ? "" : ",\"label\":\"" + label + "\"")
            + "}";
    assertThat(SegmentWriter.documents(List.of(span)).get(0).document())
        .contains("\"stack\":[" + frame + "]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "peer.service      | cart           | CLIENT   | cart   | remote",
        "aws.remote.service | stock         | PRODUCER | stock  | remote",
        "aws.remote.service | stock         | INTERNAL | a.b    | -",
        "aws.service       | Sqs            | CLIENT   | Sqs    | aws",
        "rpc.service       | shop.Cart      | CLIENT   | shop.Cart | remote",
        "server.address    | cart.example   | CLIENT   | cart.example | remote",
        "server.address    | cart.example   | INTERNAL | a.b    | -",
        "peer.service      | '*'            | CLIENT   | span   | remote"
      })
  void documents_ofOtlpSubsegment_isNamedAfterItsCallee(
      String key, String value, SpanKind kind, String name, String namespace) {
    Span span =
        otlp(1).parentSpanId(id(7)).name("a.b").kind(kind).attribute(key, Value.of(value)).build();

    Map<?, ?> document =
        (Map<?, ?>) TestJson.parse(SegmentWriter.documents(List.of(span)).get(0).document());

    assertThat(document.get("name")).isEqualTo(name);
    assertThat(document.get("namespace")).isEqualTo(namespace);
  }

  @Test
  void documents_ofOtlpSpans_areTakenByTheDecoder() {
    Span root = otlp(1).name("").service("orders").kind(SpanKind.SERVER).segment(true).build();
    Span child = otlp(2).name("work").parentSpanId(id(1)).kind(SpanKind.INTERNAL).build();
    Span back = otlp(3).name("x").parentSpanId(id(1)).endEpochNanos(SECOND).build();

    String document = SegmentWriter.documents(List.of(root, child, back)).get(0).document();

    assertThat(RoundTrip.spans(document))
        .extracting(Span::name, Span::endEpochNanos)
        .containsExactly(
            tuple("orders", 2 * SECOND),
            tuple("work", 2 * SECOND),
            tuple("x", 1_500_000_000L));
  }

  private static void assertDocument(Span span, String expected) {
    List<SegmentDocument> documents = SegmentWriter.documents(List.of(span));

    assertThat(documents).hasSize(1);
    assertThat(TestJson.parse(documents.get(0).document())).isEqualTo(TestJson.parse(expected));
  }

  private static String streamed(String id, String parent, int start) {
    return """
    {"id":"%s","trace_id":"1-581cf771-a006649127e371903a2de979","name":"work","type":"subsegment",
    "parent_id":"%s","start_time":%d,"end_time":7}"""
        .formatted(id, parent, start);
  }

  private static Span.Builder otlp(long id) {
    return Span.builder(TRACE, id(id))
        .startEpochNanos(1_500_000_000L)
        .endEpochNanos(2 * SECOND)
        .format(Format.OTLP);
  }

  private static SpanId id(long id) {
    return new SpanId(id);
  }
}

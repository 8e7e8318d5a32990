// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.roentgen.model.Format;
import io.roentgen.model.Outcome;
import io.roentgen.model.Rejection;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.SpanLink;
import io.roentgen.model.StatusCode;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentDecoderTest {
  private static final TraceId TRACE = TraceId.parse("1-581cf771-a006649127e371903a2de979");
  private static final SpanId SEGMENT = SpanId.parse("70de5b6f19ff9a0a");
  private static final SpanId CHILD = SpanId.parse("53995c3f42cd8ad8");

  @Test
  void decode_segmentWithSubsegment_makesBothSpans() {
    List<Span> spans =
        RoundTrip.spans(
            segment(
                """
                "origin":"AWS::ECS::Container","user":"u1","fault":true,
                "http":{"request":{"method":"GET","traced":true,"odd":1},"response":{"status":503}},
                "annotations":{"plan":"gold","tries":3,"ratio":0.5,"paid":false,"list":[1]},
                "links":[{"trace_id":"1-581cf771-a006649127e371903a2de978","id":"53995c3f42cd8ad7",
                "attributes":{"n":1}}],
                "metadata":{"a":{"b": [1, 2]}},
                "subsegments":[{"id":"53995c3f42cd8ad8","name":"DynamoDb","start_time":1478293361.3,
                "in_progress":true,"namespace":"aws","error":true,"throttle":true,
                "aws":{"table_name":"users","operation":"GetItem"}}]
                """));

    Span segment =
        Span.builder(TRACE, SEGMENT)
            .service("shop")
            .serviceType("AWS::ECS::Container")
            .name("shop")
            .kind(SpanKind.SERVER)
            .startEpochNanos(1_478_293_361_271_000_000L)
            .endEpochNanos(1_478_293_361_449_000_000L)
            .segment(true)
            .statusCode(StatusCode.ERROR)
            .outcome(new Outcome(false, true, false))
            .format(Format.XRAY)
            .attribute("enduser.id", Value.of("u1"))
            .attribute("http.request.method", Value.of("GET"))
            .attribute("xray.traced", Value.of(true))
            .attribute("http.response.status_code", Value.of(503))
            .attribute("plan", Value.of("gold"))
            .attribute("tries", Value.of(3))
            .attribute("ratio", Value.of(0.5))
            .attribute("paid", Value.of(false))
            .links(
                List.of(
                    new SpanLink(
                        TraceId.parse("1-581cf771-a006649127e371903a2de978"),
                        SpanId.parse("53995c3f42cd8ad7"),
                        "",
                        0,
                        Map.of("n", Value.of(1)),
                        0)))
            .document(
                "{\"http\":{\"request\":{\"odd\":1}},\"annotations\":{\"list\":[1]},"
                    + "\"metadata\":{\"a\":{\"b\":[1,2]}}}")
            .build();
    Span subsegment =
        Span.builder(TRACE, CHILD)
            .parentSpanId(SEGMENT)
            .service("shop")
            .serviceType("AWS::ECS::Container")
            .name("DynamoDb")
            .kind(SpanKind.CLIENT)
            .startEpochNanos(1_478_293_361_300_000_000L)
            .inProgress(true)
            .statusCode(StatusCode.ERROR)
            .outcome(new Outcome(true, false, true))
            .format(Format.XRAY)
            .peerName("users")
            .peerType("AWS::DynamoDB::Table")
            .attribute("xray.namespace", Value.of("aws"))
            .attribute("aws.table_name", Value.of("users"))
            .attribute("aws.operation", Value.of("GetItem"))
            .build();
    assertThat(spans).containsExactly(segment, subsegment);
  }

  @Test
  void decode_independentSubsegment_hasNoServiceAndItsParent() {
    Span span =
        RoundTrip.spans(
                """
                {"id":"53995C3F42CD8AD8","trace_id":"581CF771a006649127e371903a2de979","name":"work",
                "type":"subsegment","parent_id":"70DE5b6f19ff9a0a","start_time":1.5,"end_time":1}
                """)
            .get(0);

    assertThat(span)
        .isEqualTo(
            Span.builder(TRACE, CHILD)
                .parentSpanId(SEGMENT)
                .name("work")
                .kind(SpanKind.INTERNAL)
                .startEpochNanos(1_500_000_000L)
                .endEpochNanos(1_000_000_000L)
                .format(Format.XRAY)
                .build());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DynamoDB     | 'aws':{'table_name':'users'}      | users        | AWS::DynamoDB::Table",
        "dynamodb     | 'aws':{}                          | dynamodb     | AWS::DynamoDB",
        "DynamoDB     | 'aws':{'table_name':7}            | DynamoDB     | AWS::DynamoDB",
        "SNS          | 'aws':{'topic_arn':'arn:t'}       | arn:t        | AWS::SNS::Topic",
        "SNS          | 'x':1                             | SNS          | AWS::SNS",
        "Sqs          | 'aws':{'queue_url':'https://q/1'} | https://q/1  | AWS::SQS::Queue",
        "S3           | 'aws':{'bucket_name':'b'}         | b            | AWS::S3::Bucket",
        "Lambda       | 'aws':{'function_name':'f'}       | f            | AWS::Lambda",
        "Kinesis      | 'aws':{'operation':'Put'}         | Kinesis      | AWS::Kinesis"
      })
  void decode_awsSubsegment_namesThePeer(String name, String member, String peer, String type) {
    Span span = subsegment(name, "\"namespace\":\"aws\"," + member.replace('\'', '"'));

    assertThat(List.of(span.peerName(), span.peerType())).containsExactly(peer, type);
    assertThat(span.kind()).isEqualTo(SpanKind.CLIENT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "'namespace':'remote'             | a@b | remote        | CLIENT",
        "'namespace':'remote','sql':{}    | a@b | Database::SQL | CLIENT",
        "'sql':{'url':'u'}                | a@b | Database::SQL | INTERNAL",
        "'namespace':'remote','annotations':{'messaging.system':'rabbitmq'} | a@b | Messaging::rabbitmq | CLIENT",
        "'namespace':'remote','annotations':{'messaging_system':'aws_sqs','messaging_destination_name':'q'} | q | AWS::SQS::Queue | CLIENT",
        "'namespace':'remote','metadata':{'default':{'messaging.system':'kafka','messaging.destination.name':'t'}} | t | Messaging::kafka | CLIENT",
        "'namespace':'remote','metadata':{'db':{'system.name':'mongodb'}} | a@b | Database::mongodb | CLIENT",
        "'namespace':'remote','metadata':{'default':{'db.system':'redis'},'':{}} | a@b | Database::redis | CLIENT",
        "'namespace':'remote','metadata':{'x':[],'':{'system.name':'mongodb','db.system':7}} | a@b | remote | CLIENT",
        "'annotations':{'messaging.system':'rabbitmq'} | '' | '' | INTERNAL",
        "'sql':null                       | ''  | ''            | INTERNAL",
        "'namespace':'local'              | ''  | ''            | INTERNAL",
        "'namespace':5                    | ''  | ''            | INTERNAL"
      })
  void decode_otherSubsegment_namesThePeer(String member, String peer, String type, SpanKind kind) {
    Span span = subsegment("a@b", member.replace('\'', '"'));

    assertThat(List.of(span.peerName(), span.peerType(), span.kind()))
        .containsExactly(peer, type, kind);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, false",
    "1.478293361271E9, 1478293361271000000, false",
    "1478293361.123456789, 1478293361123456789, false",
    "1478293361.1234567891, 1478293361123456789, true",
    "1478293361.1234567890000, 1478293361123456789, false",
    "0.000000001, 1, false",
    "1e-10, 0, true",
    "1e-999999999, 0, true",
    "0e999999999, 0, false",
    "9223372036.854775807, 9223372036854775807, false"
  })
  void decode_time_isExactInNanosOrKeptAside(String number, long nanos, boolean kept) {
    Span span =
        RoundTrip.spans(
                """
                {"id":"70de5b6f19ff9a0a","trace_id":"1-581cf771-a006649127e371903a2de979","name":"a",
                "start_time":%s,"in_progress":true}
                """
                    .formatted(number))
            .get(0);

    assertThat(span.startEpochNanos()).isEqualTo(nanos);
    assertThat(span.document()).isEqualTo(kept ? "{\"start_time\":" + number + "}" : "");
  }

  @ParameterizedTest
  @CsvSource({"-1", "9223372036.854775808", "1e10", "1e999999999", "true", "'\"1\"'", "{}"})
  void decode_timeOutOfRange_isRejected(String number) {
    Decoded.Rejected rejected =
        RoundTrip.rejected(
            """
            {"id":"70de5b6f19ff9a0a","trace_id":"1-581cf771-a006649127e371903a2de979","name":"a",
            "start_time":%s,"in_progress":true}
            """
                .formatted(number));

    assertThat(rejected.reason()).isEqualTo(Rejection.INVALID_START_TIME);
  }

  @ParameterizedTest
  @CsvSource({"0.1", "1.0", "10e2", "123456789.012345", "1.7976931348623157E308", "4.9E-324"})
  void decode_decimalAnnotation_isDouble(String number) {
    assertThat(annotation(number).attributes())
        .containsExactly(Map.entry("n", Value.of(Double.parseDouble(number))));
  }

  @ParameterizedTest
  @CsvSource({"9223372036854775807", "-9223372036854775808", "0", "-1"})
  void decode_integerAnnotation_isLong(String number) {
    assertThat(annotation(number).attributes())
        .containsExactly(Map.entry("n", Value.of(Long.parseLong(number))));
  }

  @ParameterizedTest
  @CsvSource({
    "9223372036854775808",
    "-9223372036854775809",
    "0.1234567890123456789",
    "1e400",
    "1e-400",
    "1e999999999",
    "null"
  })
  void decode_annotationNoNumberHolds_isKeptAside(String number) {
    Span span = annotation(number);

    assertThat(span.attributes()).isEmpty();
    assertThat(span.document()).isEqualTo("{\"annotations\":{\"n\":" + number + "}}");
  }

  @Test
  void decode_annotationNamedLikeKnownMember_isKeptAside() {
    Span span =
        RoundTrip.spans(segment("\"annotations\":{\"url.f\\u0075ll\":\"x\",\"\":\"y\"}")).get(0);

    assertThat(span.attributes()).isEmpty();
    assertThat(span.document())
        .isEqualTo("{\"annotations\":{\"url.f\\u0075ll\":\"x\",\"\":\"y\"}}");
  }

  @Test
  void decode_siblingsOutOfOrder_keepTheirPlace() {
    String document =
        segment(
            """
            "subsegments":[{"id":"0000000000000002","name":"b","start_time":2,"end_time":3},
            {"id":"0000000000000001","name":"a","start_time":1,"end_time":3,"roentgen.order":9}]
            """);

    List<Span> spans = RoundTrip.spans(document);

    assertThat(spans)
        .extracting(Span::document)
        .containsExactly(
            "", "{\"roentgen.order\":0}", "{\"roentgen.roentgen.order\":9,\"roentgen.order\":1}");
    assertThat(TestJson.parse(SegmentWriter.documents(spans).get(0).document()))
        .isEqualTo(TestJson.parse(document));
  }

  @Test
  void decode_rejectedInSubsegment_leavesBatchAsItWas() {
    SpanBatch.Builder batch = SpanBatch.builder();
    RoundTrip.decode(segment("\"user\":\"kept\""), batch);
    RoundTrip.decode(
        segment("\"subsegments\":[{\"id\":\"0000000000000002\",\"name\":\"b\"}]"), batch);
    RoundTrip.decode(segment("\"user\":\"kept too\""), batch);

    assertThat(batch.build().toSpans())
        .extracting(span -> span.attributes().get("enduser.id"))
        .containsExactly(Value.of("kept"), Value.of("kept too"));
  }

  @Test
  void decode_subsegmentAfterSegment_takesNothingOver() {
    byte[] first = segment("\"origin\":\"AWS::ECS::Container\"").getBytes(StandardCharsets.UTF_8);
    byte[] second =
        """
        {"id":"53995c3f42cd8ad8","trace_id":"1-581cf771-a006649127e371903a2de979","name":"work",
        "type":"subsegment","parent_id":"70de5b6f19ff9a0a","start_time":1,"end_time":1}
        """
            .getBytes(StandardCharsets.UTF_8);
    SegmentDecoder decoder = new SegmentDecoder(1000);
    SpanBatch.Builder batch = SpanBatch.builder();

    decoder.decode(first, 0, first.length, batch);
    decoder.decode(second, 0, second.length, batch);

    assertThat(batch.build().toSpans())
        .extracting(Span::service, Span::serviceType)
        .containsExactly(
            tuple("shop", "AWS::ECS::Container"),
            tuple("", ""));
  }

  @Test
  void decode_documentOverTheLimit_isRejectedUnread() {
    byte[] bytes = segment("\"user\":\"u\"").getBytes(StandardCharsets.UTF_8);
    SpanBatch.Builder batch = SpanBatch.builder();

    assertThat(new SegmentDecoder(bytes.length).decode(bytes, 0, bytes.length, batch))
        .isEqualTo(new Decoded.Accepted(1));
    assertThat(new SegmentDecoder(bytes.length - 1).decode(bytes, 0, bytes.length, batch))
        .isEqualTo(
            new Decoded.Rejected(
                null,
                Rejection.TOO_LARGE,
                "Invalid segment. ErrorCode: SegmentTooLarge, Cause: document of "
                    + bytes.length
                    + " bytes (expected: at most "
                    + (bytes.length - 1)
                    + ")"));
    assertThatThrownBy(() -> new SegmentDecoder(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxDocumentBytes: 0 (expected: >= 1)");
  }

  @Test
  void decode_bytesThatAreNotUtf8_areRejected() {
    byte[] bytes = segment("\"user\":\"\u00fc\"").getBytes(StandardCharsets.ISO_8859_1);

    assertThat(
            new SegmentDecoder(1000).decode(bytes, 0, bytes.length, SpanBatch.builder()))
        .isInstanceOfSatisfying(
            Decoded.Rejected.class,
            rejected -> assertThat(rejected.reason()).isEqualTo(Rejection.INVALID_TEXT));
  }

  @Test
  void decode_partOfAnArray_readsOnlyThat() {
    byte[] bytes = ("]]" + segment("\"user\":\"u\"") + "[[").getBytes(StandardCharsets.UTF_8);

    assertThat(new SegmentDecoder(1000).decode(bytes, 2, bytes.length - 4, SpanBatch.builder()))
        .isEqualTo(new Decoded.Accepted(1));
  }

  @Test
  void decode_thousandSubsegmentsAndTheLastIdRepeated_isRejected() {
    StringBuilder children = new StringBuilder("\"subsegments\":[");
    for (int i = 1; i <= 1000; i++) {
      children.append(
          "{\"id\":\"%016x\",\"name\":\"a\",\"start_time\":1,\"end_time\":2},".formatted(i));
    }
    String repeated = "{\"id\":\"00000000000003e8\",\"name\":\"a\",\"start_time\":1,\"end_time\":2}]";
    String fresh = "{\"id\":\"00000000000003e9\",\"name\":\"a\",\"start_time\":1,\"end_time\":2}]";

    assertThat(RoundTrip.rejected(segment(children + repeated)).reason())
        .isEqualTo(Rejection.INVALID_ID);
    assertThat(RoundTrip.spans(segment(children + fresh))).hasSize(1002);
  }

  @Test
  void decode_manyMembersAndTheLastRepeated_isRejected() {
    StringBuilder members = new StringBuilder("\"metadata\":{");
    for (int i = 0; i < 1000; i++) {
      members.append("\"k").append(i).append("\":1,");
    }

    assertThat(RoundTrip.spans(segment(members + "\"k1000\":1}"))).hasSize(1);
    assertThat(RoundTrip.rejected(segment(members + "\"k\\u0039\":1}")).message())
        .contains("member 'k9' twice");
  }

  @ParameterizedTest
  @CsvSource({"Ünï cödé 名前, true", "हिन्दी, true", "a\tb, true", "a*b, false", "'', false", "a🙂, false"})
  void decode_name_isTakenOrRejected(String name, boolean valid) {
    SpanBatch.Builder batch = SpanBatch.builder();
    String document = segment("\"x\":1").replace("shop", name.replace("\t", "\\t"));

    assertThat(RoundTrip.decode(document, batch) instanceof Decoded.Accepted).isEqualTo(valid);
  }

  @Test
  void decode_nameOf200Letters_isTheLongest() {
    assertThat(RoundTrip.spans(segment("\"x\":1").replace("shop", "é".repeat(200)))).hasSize(1);
    assertThat(RoundTrip.spans(segment("\"x\":1").replace("shop", "e".repeat(200)))).hasSize(1);
    assertThat(RoundTrip.rejected(segment("\"x\":1").replace("shop", "é".repeat(201))).reason())
        .isEqualTo(Rejection.INVALID_NAME);
    assertThat(RoundTrip.rejected(segment("\"x\":1").replace("shop", "e".repeat(201))).reason())
        .isEqualTo(Rejection.INVALID_NAME);
  }

  @ParameterizedTest
  @CsvSource({
    "'01'", "1.", ".5", "-", "1e", "+1", "'tru'", "'{\"a\" 1}'", "'[1,]'", "'\"\\x\"'", "'\"\\u12g4\"'", "Infinity",
    "'\"a\nb\"'", "'[1'", "'\"a'", "'\"\\'"
  })
  void decode_valueJsonDoesNotHave_isRejected(String value) {
    assertThat(RoundTrip.rejected(segment("\"metadata\":" + value)).reason())
        .isEqualTo(Rejection.PARSE_ERROR);
  }

  @Test
  void decode_numberOfTooManyDigits_isRejected() {
    String digits = "1".repeat(JsonTape.MAX_NUMBER_BYTES);

    assertThat(RoundTrip.spans(segment("\"annotations\":{\"n\":" + digits + "}"))).hasSize(1);
    assertThat(RoundTrip.rejected(segment("\"metadata\":" + digits + "1")).reason())
        .isEqualTo(Rejection.TOO_LARGE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'annotations':{'rpc_grpc_status_code':5} | 1",
        "'annotations':{'rpc.grpc.status_code':13.0} | 2",
        "'annotations':{'rpc.response.status_code':'resource_exhausted'} | 5",
        "'metadata':{'default':{'rpc.grpc.status_code':'14'}} | 2",
        "'metadata':{'rpc.response.status_code':'CANCELLED'} | 1",
        "'metadata':{'a':1,'b':{'x':1},'c':{'rpc_response_status_code':4}} | 2",
        "'error':false,'fault':false,'annotations':{'rpc.grpc.status_code':5} | 1",
        "'annotations':{'rpc.grpc.status_code':0},'metadata':{'d':{'rpc.grpc.status_code':5}} | 0",
        "'annotations':{'rpc.system':'grpc','rpc.response.status_code':5} | 1",
        "'annotations':{'rpc.system':'dubbo','rpc.response.status_code':5} | 0",
        "'fault':true,'annotations':{'rpc.grpc.status_code':5} | 2",
        "'throttle':true,'annotations':{'rpc.grpc.status_code':13} | 4",
        "'annotations':{'rpc.grpc.status_code':-1} | 0",
        "'annotations':{'rpc.grpc.status_code':1.5} | 0",
        "'annotations':{'rpc.grpc.status_code':'no code'} | 0",
        "'annotations':{'rpc.grpc.status_code':77} | 2",
        "'annotations':['rpc'],'metadata':7 | 0",
        "'metadata':{'d':{'e':{'rpc.grpc.status_code':5}}} | 0",
      })
  void decode_grpcStatusWithoutFlags_isTheOutcome(String members, int bits) {
    String document = segment(members.replace('\'', '"'));
    List<Span> spans = RoundTrip.spans(document);

    assertThat(spans.get(0).outcome()).isEqualTo(Outcome.ofBits(bits));
    // Flags that did not come do not go.
    assertThat(TestJson.parse(SegmentWriter.documents(spans).get(0).document()))
        .isEqualTo(TestJson.parse(document));
  }

  private static Span annotation(String json) {
    return RoundTrip.spans(segment("\"annotations\":{\"n\":" + json + "}")).get(0);
  }

  private static Span subsegment(String name, String members) {
    return RoundTrip.spans(
            segment(
                "\"subsegments\":[{\"id\":\"53995c3f42cd8ad8\",\"start_time\":1,\"end_time\":2,\"name\":\""
                    + name
                    + "\","
                    + members
                    + "}]"))
        .get(1);
  }

  private static String segment(String members) {
    return """
    {"id":"70de5b6f19ff9a0a","trace_id":"1-581cf771-a006649127e371903a2de979","name":"shop",
    "start_time":1478293361.271,"end_time":1478293361.449,%s}"""
        .formatted(members);
  }
}

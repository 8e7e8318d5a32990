// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.roentgen.model.NodeId;
import io.roentgen.model.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CallDetailsTest {
  private static io.roentgen.model.Span decode(Span.Builder span) {
    byte[] bytes = Requests.of(span.build()).toByteArray();
    return OtlpDecoder.decodeProtobuf(bytes, 0, bytes.length).batch().toSpans().getFirst();
  }

  private static Span.Builder span(Span.SpanKind kind, String attributes) {
    return Requests.span(1).setKind(kind).addAllAttributes(attributes(attributes));
  }

  /** Reads {@code key=value} pairs with a comma between; digits make a number. */
  private static List<KeyValue> attributes(String text) {
    List<KeyValue> attributes = new ArrayList<>();
    for (String pair : text.split(",", -1)) {
      int equals = pair.indexOf('=');
      String key = pair.substring(0, equals);
      String value = pair.substring(equals + 1);
      attributes.add(
          value.matches("\\d+")
              ? Requests.number(key, Long.parseLong(value))
              : Requests.text(key, value));
    }
    return attributes;
  }

  @ParameterizedTest
  @CsvSource({
    "http.response.status_code=200, 0",
    "http.response.status_code=404, 1",
    "http.status_code=429, 5",
    "http.status_code=500, 2",
    "http.response.status_code=599, 2",
    "http.response.status_code=600, 0",
    "http.status_code='503x', 0",
    "rpc.grpc.status_code=0, 0",
    "rpc.grpc.status_code=1, 1",
    "rpc.grpc.status_code=2, 2",
    "rpc.grpc.status_code=3, 1",
    "rpc.grpc.status_code=4, 2",
    "rpc.grpc.status_code=5, 1",
    "rpc.grpc.status_code=6, 1",
    "rpc.grpc.status_code=7, 1",
    "rpc.grpc.status_code=8, 5",
    "rpc.grpc.status_code=9, 1",
    "rpc.grpc.status_code=10, 1",
    "rpc.grpc.status_code=11, 1",
    "rpc.grpc.status_code=12, 2",
    "rpc.grpc.status_code=13, 2",
    "rpc.grpc.status_code=14, 2",
    "rpc.grpc.status_code=15, 2",
    "rpc.grpc.status_code=16, 1",
    "rpc.grpc.status_code=17, 2",
    "rpc.response.status_code=UNAVAILABLE, 2",
    "rpc.response.status_code=resource_exhausted, 5",
    "rpc.response.status_code=canceled, 1",
    "rpc.response.status_code=14, 2",
  })
  void outcome_ofStatusAttribute_followsItsTable(String attribute, int bits) {
    for (Span.SpanKind kind :
        List.of(Span.SpanKind.SPAN_KIND_SERVER, Span.SpanKind.SPAN_KIND_CLIENT)) {
      assertThat(decode(span(kind, attribute)).outcome()).isEqualTo(Outcome.ofBits(bits));
    }
  }

  @Test
  void outcome_statusAsDigits_isRead() {
    assertThat(
            decode(Requests.span(1).addAttributes(Requests.text("http.status_code", "404")))
                .outcome())
        .isEqualTo(new Outcome(true, false, false));
  }

  @Test
  void outcome_codeOfAnotherSystem_isNotOfGrpc() {
    assertThat(
            decode(
                    span(
                        Span.SpanKind.SPAN_KIND_CLIENT,
                        "rpc.system.name=dubbo,rpc.response.status_code=INTERNAL"))
                .outcome())
        .isEqualTo(Outcome.OK);
  }

  @Test
  void outcome_spanStatusError_isFaultUnlessAStatusSaysOtherwise() {
    Status error = Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_ERROR).build();

    assertThat(decode(Requests.span(1).setStatus(error)).outcome())
        .isEqualTo(new Outcome(false, true, false));
    assertThat(
            decode(span(Span.SpanKind.SPAN_KIND_CLIENT, "http.status_code=404").setStatus(error))
                .outcome())
        .isEqualTo(new Outcome(true, false, false));
    assertThat(
            decode(span(Span.SpanKind.SPAN_KIND_CLIENT, "http.status_code=200").setStatus(error))
                .outcome())
        .isEqualTo(new Outcome(false, true, false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "peer.service=orders,server.address=10.0.0.1 | orders | remote",
        "service.peer.name=orders,peer.service=old | orders | remote",
        "aws.remote.service=orders | orders | remote",
        "rpc.system=grpc,rpc.service=shop.Orders,server.address=h | shop.Orders | remote",
        "rpc.system.name=grpc,rpc.method=shop.Orders/Get | shop.Orders | remote",
        "http.host=api.example.com:8443 | api.example.com | remote",
        "net.peer.name=api,net.peer.ip=10.1.1.1 | api | remote",
        "server.address=api.example.com,server.port=80 | api.example.com | remote",
        "url.full=https://user:pw@api.example.com:8443/a?b#c | api.example.com | remote",
        "http.url=http://[::1]:8080/ | [::1] | remote",
        "http.url=http://[::1] | [::1] | remote",
        "url.full=/relative,net.peer.ip=10.1.1.1 | 10.1.1.1 | remote",
        "db.system=postgresql,db.name=shop,net.peer.name=db1 | shop@db1 | Database::SQL",
        "db.system.name=mysql,db.namespace=shop | shop | Database::SQL",
        "db.system=redis,server.address=cache | cache | Database::redis",
        "db.system=mongodb | mongodb | Database::mongodb",
        "db.system=mysql,peer.service=main-db | main-db | Database::SQL",
        "messaging.system=kafka,messaging.destination.name=orders | orders | Messaging::kafka",
        "messaging.system=rabbitmq,messaging.destination=q | q | Messaging::rabbitmq",
        "messaging.system=kafka,messaging.destination.name=a.1,messaging.destination.template=a.{n}"
            + " | a.{n} | Messaging::kafka",
        "messaging.system=kafka | kafka | Messaging::kafka",
        "messaging.system=aws_sqs,messaging.destination.name=q | q | AWS::SQS::Queue",
        "messaging.system=AmazonSQS,messaging.destination.name=q,aws.sqs.queue.url=https://q/1"
            + " | https://q/1 | AWS::SQS::Queue",
        "messaging.system=aws.sns,messaging.destination.name=t | t | AWS::SNS::Topic",
        "messaging.destination.name=q | q | Messaging::unknown",
        "rpc.system=aws-api,rpc.service=DynamoDb,aws.table_name=t | t | AWS::DynamoDB::Table",
        "rpc.system=aws-api,rpc.service=DynamoDB | DynamoDB | AWS::DynamoDB",
        "rpc.system=aws-api,rpc.service=AmazonDynamoDBv2,aws.table.name=t"
            + " | t | AWS::DynamoDB::Table",
        "db.system=dynamodb,db.collection.name=t | t | AWS::DynamoDB::Table",
        "rpc.system=aws-api,rpc.service=AmazonSQS,aws.queue.url=https://q/1"
            + " | https://q/1 | AWS::SQS::Queue",
        "rpc.system=aws-api,rpc.service=Sqs | SQS | AWS::SQS",
        "rpc.system=aws-api,rpc.service=SNS,aws.sns.topic.arn=arn:aws:sns:t"
            + " | arn:aws:sns:t | AWS::SNS::Topic",
        "rpc.system=aws-api,rpc.service=Amazon S3,aws.bucket.name=b | b | AWS::S3::Bucket",
        "rpc.system=aws-api,rpc.service=Lambda,faas.invoked_name=f | f | AWS::Lambda",
        "rpc.system=aws-api,rpc.method=KMS/Decrypt | KMS | AWS::KMS",
        "aws.service=Bedrock | Bedrock | AWS::Bedrock",
        "rpc.system=aws-api | AWS | AWS::AWS",
      })
  void peer_ofClientSpan_isNamedByItsAttributes(String attributes, String name, String type) {
    io.roentgen.model.Span span = decode(span(Span.SpanKind.SPAN_KIND_CLIENT, attributes));

    assertThat(span.peerName()).isEqualTo(name);
    assertThat(span.peerType()).isEqualTo(type);
    assertThat(decode(span(Span.SpanKind.SPAN_KIND_PRODUCER, attributes)).peerName())
        .isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "messaging.system=kafka,messaging.destination.name=orders",
        "messaging.system=kafka,messaging.destination.name=a.1,messaging.destination.template=a.{n}",
        "messaging.system=rabbitmq,messaging.destination=q,server.address=broker",
        "messaging.system=kafka,peer.service=events",
        "messaging.destination.name=q",
        "messaging.system=aws_sqs,messaging.destination.name=q",
        "rpc.system=aws-api,rpc.service=Sqs,messaging.system=aws_sqs,messaging.destination.name=q",
        "rpc.system=aws-api,rpc.service=AmazonSQS,aws.queue.url=https://q/1",
        "rpc.system=aws-api,rpc.service=SNS,aws.sns.topic.arn=arn:aws:sns:t",
      })
  void peer_ofConsumer_isTheQueueAsItsProducerHasIt(String attributes) {
    io.roentgen.model.Span producer = decode(span(Span.SpanKind.SPAN_KIND_PRODUCER, attributes));
    io.roentgen.model.Span consumer = decode(span(Span.SpanKind.SPAN_KIND_CONSUMER, attributes));

    assertThat(consumer.peerName()).isEqualTo(producer.peerName()).isNotEmpty();
    assertThat(consumer.peerType()).isEqualTo(producer.peerType());
    assertThat(new NodeId(consumer.peerName(), consumer.peerType()).hasQueueType()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "messaging.system=kafka",
        "server.address=broker",
        "peer.service=orders",
        "rpc.system=aws-api,rpc.service=Sqs",
        "rpc.system=aws-api,rpc.service=S3,messaging.destination.name=q",
        "db.system=redis,messaging.destination.name=q",
      })
  void peer_ofConsumerThatNamesNoQueue_isNone(String attributes) {
    assertThat(decode(span(Span.SpanKind.SPAN_KIND_CONSUMER, attributes)).peerName()).isEmpty();
  }

  @Test
  void peer_ofOneTableInAList_isTheTable() {
    ArrayValue.Builder names =
        ArrayValue.newBuilder().addValues(AnyValue.newBuilder().setStringValue("orders"));
    KeyValue.Builder tables = KeyValue.newBuilder().setKey("aws.dynamodb.table_names");
    Span.Builder call =
        span(Span.SpanKind.SPAN_KIND_CLIENT, "rpc.system=aws-api,rpc.service=DynamoDB");

    io.roentgen.model.Span one =
        decode(
            call.clone()
                .addAttributes(tables.setValue(AnyValue.newBuilder().setArrayValue(names))));
    names.addValues(AnyValue.newBuilder().setStringValue("items"));
    io.roentgen.model.Span two =
        decode(
            call.clone()
                .addAttributes(tables.setValue(AnyValue.newBuilder().setArrayValue(names))));

    assertThat(one.peerName()).isEqualTo("orders");
    assertThat(one.peerType()).isEqualTo("AWS::DynamoDB::Table");
    assertThat(two.peerName()).isEqualTo("DynamoDB");
    assertThat(two.peerType()).isEqualTo("AWS::DynamoDB");
  }

  @Test
  void peer_ofOtherKinds_isNone() {
    for (Span.SpanKind kind :
        List.of(
            Span.SpanKind.SPAN_KIND_UNSPECIFIED,
            Span.SpanKind.SPAN_KIND_INTERNAL,
            Span.SpanKind.SPAN_KIND_SERVER,
            Span.SpanKind.SPAN_KIND_CONSUMER)) {
      assertThat(decode(span(kind, "peer.service=orders")).peerName()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "unrelated=x",
        "url.full=nothing",
        "url.full=http://",
        "http.host=:80",
        "db.name=x"
      })
  void peer_withoutAUsableName_isNone(String attributes) {
    io.roentgen.model.Span span = decode(span(Span.SpanKind.SPAN_KIND_CLIENT, attributes));

    assertThat(span.peerName()).isEmpty();
    assertThat(span.peerType()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "SPAN_KIND_INTERNAL, false, 0, true",
    "SPAN_KIND_INTERNAL, true, 0, false",
    "SPAN_KIND_CLIENT, true, 256, false",
    "SPAN_KIND_CLIENT, true, 512, false",
    "SPAN_KIND_INTERNAL, true, 768, true",
    "SPAN_KIND_SERVER, true, 256, true",
    "SPAN_KIND_CONSUMER, true, 0, true",
    "SPAN_KIND_PRODUCER, true, 0, false",
  })
  void segment_isTheEntryToAService(
      Span.SpanKind kind, boolean parent, int flags, boolean segment) {
    Span.Builder span = Requests.span(1).setKind(kind).setFlags(flags);
    if (parent) {
      span.setParentSpanId(ByteString.copyFrom(Requests.id(8, 5)));
    }
    assertThat(decode(span).segment()).isEqualTo(segment);
  }

  @ParameterizedTest
  @CsvSource({
    "'cloud.platform=aws_ec2', AWS::EC2::Instance",
    "'cloud.platform=aws_eks,cloud.provider=aws', AWS::EKS::Container",
    "'cloud.platform=aws_ecs', AWS::ECS::Container",
    "'cloud.platform=aws_ecs,aws.ecs.launchtype=ec2', AWS::ECS::EC2",
    "'cloud.platform=aws_ecs,aws.ecs.launchtype=fargate', AWS::ECS::Fargate",
    "'cloud.platform=aws_elastic_beanstalk', AWS::ElasticBeanstalk::Environment",
    "'cloud.platform=aws_app_runner', AWS::AppRunner::Service",
    "'cloud.platform=aws_lambda', ''",
    "'cloud.platform=aws_ec2,cloud.provider=gcp', ''",
    "'service.name=x', ''",
  })
  void serviceType_isOfTheResourcesPlatform(String resource, String type) {
    byte[] bytes =
        ExportTraceServiceRequest.newBuilder()
            .addResourceSpans(
                ResourceSpans.newBuilder()
                    .setResource(Resource.newBuilder().addAllAttributes(attributes(resource)))
                    .addScopeSpans(ScopeSpans.newBuilder().addSpans(Requests.span(1))))
            .build()
            .toByteArray();

    assertThat(
            OtlpDecoder.decodeProtobuf(bytes, 0, bytes.length)
                .batch()
                .toSpans()
                .getFirst()
                .serviceType())
        .isEqualTo(type);
  }
}

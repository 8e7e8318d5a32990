// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whom a subsegment called, as far as its own members tell: the node that stands in the service map when the
 * callee sends no segment.
 *
 * @param name the node's name
 * @param type the node's type
 */
record Peer(String name, String type) {
  /** Returns the callee of a call to AWS through an SDK, whose subsegment has the service's name. */
  static Peer ofAws(
      String service,
      @Nullable String tableName,
      @Nullable String queueUrl,
      @Nullable String bucketName,
      @Nullable String functionName,
      @Nullable String topicArn) {
    // SDKs differ in case: DynamoDB, DynamoDb, dynamodb.
    return switch (service.toLowerCase(Locale.ROOT)) {
      case "dynamodb" -> of(tableName, "AWS::DynamoDB::Table", service, "AWS::DynamoDB");
      case "sqs" -> of(queueUrl, "AWS::SQS::Queue", service, "AWS::SQS");
      case "s3" -> of(bucketName, "AWS::S3::Bucket", service, "AWS::S3");
      case "sns" -> of(topicArn, "AWS::SNS::Topic", service, "AWS::SNS");
      case "lambda" -> of(functionName, "AWS::Lambda", service, "AWS::Lambda");
      default -> new Peer(service, "AWS::" + service);
    };
  }

  private static Peer of(
      @Nullable String resource, String resourceType, String service, String serviceType) {
    return resource == null || resource.isEmpty()
        ? new Peer(service, serviceType)
        : new Peer(resource, resourceType);
  }

  static Peer ofDatabase(String name) {
    return new Peer(name, "Database::SQL");
  }

  /**
   * @param system as OpenTelemetry's {@code db.system.name} has it, such as mongodb
   */
  static Peer ofDatabase(String name, String system) {
    return new Peer(name, "Database::" + system);
  }

  /**
   * @param system as OpenTelemetry's {@code messaging.system} has it, such as rabbitmq
   */
  static Peer ofQueue(String destination, String system) {
    return switch (system) {
      case "aws_sqs", "aws.sqs", "AmazonSQS" -> new Peer(destination, "AWS::SQS::Queue");
      case "aws.sns", "aws_sns", "AmazonSNS" -> new Peer(destination, "AWS::SNS::Topic");
      default -> new Peer(destination, "Messaging::" + system);
    };
  }

  static Peer ofHost(String name) {
    return new Peer(name, "remote");
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import io.roentgen.model.Value;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What a service runs on, from its resource's {@code cloud.platform}, as X-Ray's {@code origin}
 * names it.
 */
final class ServiceTypes {
  private static final byte[] NONE = {};

  private ServiceTypes() {}

  /** Returns the type in UTF-8; empty if it is not known, or another cloud's than AWS. */
  static byte[] of(Map<String, Value> resource) {
    String provider = text(resource, "cloud.provider");
    if (!provider.isEmpty() && !provider.equals("aws")) {
      return NONE;
    }
    return switch (text(resource, "cloud.platform")) {
      case "aws_app_runner" -> utf8("AWS::AppRunner::Service");
      case "aws_eks" -> utf8("AWS::EKS::Container");
      case "aws_elastic_beanstalk" -> utf8("AWS::ElasticBeanstalk::Environment");
      case "aws_ecs" -> utf8(ecs(text(resource, "aws.ecs.launchtype")));
      case "aws_ec2" -> utf8("AWS::EC2::Instance");
      default -> NONE;
    };
  }

  private static String ecs(String launchType) {
    return switch (launchType) {
      case "ec2" -> "AWS::ECS::EC2";
      case "fargate" -> "AWS::ECS::Fargate";
      default -> "AWS::ECS::Container";
    };
  }

  private static String text(Map<String, Value> resource, String key) {
    return resource.get(key) instanceof Value.StringValue(var text) ? text : "";
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.state;

/**
 * What stands in the names (ARNs) of resources, where AWS has its regions and accounts.
 *
 * @param region such as {@code us-east-1}
 * @param id twelve digits
 */
public record Account(String region, String id) {
  /** Returns the ARN of a resource, such as {@code group/shop/ABC}. */
  public String arn(String resource) {
    return "arn:aws:xray:" + region + ":" + id + ":" + resource;
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.protocol;

import com.linecorp.armeria.common.HttpStatus;
import org.jspecify.annotations.Nullable;

/**
 * A request that the X-Ray API refuses, with the code that AWS clients turn into a typed exception.
 * Cheap: it has no stack trace, as it is no defect.
 */
public final class XRayException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient HttpStatus status;
  private final String code;
  private final @Nullable String resourceName;

  /** Makes one with an empty resource name. */
  public XRayException(HttpStatus status, String code, String message) {
    this(status, code, message, null);
  }

  private XRayException(
      HttpStatus status, String code, String message, @Nullable String resourceName) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
    this.resourceName = resourceName;
  }

  /** Returns one for a parameter that is missing or not as expected. */
  public static XRayException invalid(String message) {
    return badRequest("InvalidRequestException", message);
  }

  /** Returns one for a member in the form {@code name: found (expected: rule)}. */
  public static XRayException invalid(String name, String found, String expected) {
    return invalid(name + ": " + found + " (expected: " + expected + ")");
  }

  /** Returns one with a code of its own. */
  public static XRayException badRequest(String code, String message) {
    return new XRayException(HttpStatus.BAD_REQUEST, code, message);
  }

  /** Returns one for too much to do. */
  public static XRayException throttled(String message) {
    return new XRayException(HttpStatus.TOO_MANY_REQUESTS, "ThrottledException", message);
  }

  /** Returns one for something that is named and not there. */
  public static XRayException notFound(String message, String resourceName) {
    return new XRayException(
        HttpStatus.NOT_FOUND, "ResourceNotFoundException", message, resourceName);
  }

  /** Returns one for more tags than a resource may have. */
  public static XRayException tooManyTags(String message, String resourceName) {
    return new XRayException(HttpStatus.BAD_REQUEST, "TooManyTagsException", message, resourceName);
  }

  HttpStatus status() {
    return status;
  }

  String code() {
    return code;
  }

  /** Returns the member {@code ResourceName} of the answer, or null for none. */
  @Nullable String resourceName() {
    return resourceName;
  }
}

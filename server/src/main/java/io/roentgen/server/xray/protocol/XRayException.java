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

  private static final String INVALID = "InvalidRequestException";

  private final transient HttpStatus status;
  private final String code;
  private final @Nullable String resourceName;
  private final @Nullable String member;

  /** Makes one with an empty resource name. */
  public XRayException(HttpStatus status, String code, String message) {
    this(status, code, message, null, null, null);
  }

  private XRayException(
      HttpStatus status,
      String code,
      String message,
      @Nullable String resourceName,
      @Nullable String member,
      @Nullable Exception cause) {
    super(message, cause, false, false);
    this.status = status;
    this.code = code;
    this.resourceName = resourceName;
    this.member = member;
  }

  /** Returns one for a parameter that is missing or not as expected. */
  public static XRayException invalid(String message) {
    return badRequest(INVALID, message);
  }

  /** Returns one for a member in the form {@code name: found (expected: rule)}. */
  public static XRayException invalid(String name, String found, String expected) {
    return new XRayException(
        HttpStatus.BAD_REQUEST,
        INVALID,
        name + ": " + found + " (expected: " + expected + ")",
        null,
        name,
        null);
  }

  /** Returns one for a member that could not be understood, for what {@code cause} says. */
  public static XRayException notUnderstood(String name, Exception cause) {
    return new XRayException(
        HttpStatus.BAD_REQUEST, INVALID, name + ": " + cause.getMessage(), null, name, cause);
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
        HttpStatus.NOT_FOUND, "ResourceNotFoundException", message, resourceName, null, null);
  }

  /** Returns one for more tags than a resource may have. */
  public static XRayException tooManyTags(String message, String resourceName) {
    return new XRayException(
        HttpStatus.BAD_REQUEST, "TooManyTagsException", message, resourceName, null, null);
  }

  /**
   * Returns the member that is at fault, as the request spells it, or null if that is not known.
   */
  public @Nullable String member() {
    return member;
  }

  /** Returns the status of the answer. */
  public HttpStatus status() {
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

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.intake;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;

/** Tells a sender of one protocol that its request is refused. */
@FunctionalInterface
public interface RefusalWriter {
  /** Returns the answer to {@code request}. */
  HttpResponse refuse(HttpRequest request, Refusal refusal);
}

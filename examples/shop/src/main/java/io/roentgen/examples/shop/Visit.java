// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.Objects;

/**
 * One request of a visitor.
 *
 * @param session the visitor's id, which is that of his cart too
 * @param form what he filled in; empty unless he sends a form
 */
record Visit(ServiceRequestContext context, String session, QueryParams form) {
  /** Returns a part of the path. */
  String path(String name) {
    return Objects.requireNonNull(context.pathParam(name), name);
  }

  /** Returns what he filled in, or an empty text. */
  String form(String name) {
    return form.get(name, "");
  }

  /** Returns a number of the query that is not negative, or 0. */
  int number(String name) {
    String text = context.queryParams().get(name, "");
    return text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : 0;
  }
}

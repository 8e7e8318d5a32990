// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.testing;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives each test of JUnit 5 that asks for it a {@link RecordedSpans} of its own, and fails the
 * test if it leaves spans untaken or open.
 *
 * <pre>{@code
 * @ExtendWith(SpansExtension.class)
 * class OrdersTest {
 *   @Test
 *   void place_isOneSpan(RecordedSpans spans) { ... }
 * }
 * }</pre>
 */
public final class SpansExtension implements ParameterResolver, AfterEachCallback {
  private static final Namespace NAMESPACE = Namespace.create(SpansExtension.class);

  /** Called by JUnit. */
  public SpansExtension() {}

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == RecordedSpans.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(context.getUniqueId(), id -> new RecordedSpans());
  }

  @Override
  public void afterEach(ExtensionContext context) {
    RecordedSpans spans =
        context.getStore(NAMESPACE).get(context.getUniqueId(), RecordedSpans.class);
    // What the test failed by is better told than what it then left.
    if (spans != null && context.getExecutionException().isEmpty()) {
      spans.assertNothingLeft();
    }
  }
}

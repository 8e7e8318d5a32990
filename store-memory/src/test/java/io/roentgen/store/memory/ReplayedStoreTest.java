// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.memory;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.model.SpanBatch;
import io.roentgen.model.TimeRange;
import io.roentgen.store.GraphReader;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceReader;
import io.roentgen.store.TraceStore;
import io.roentgen.store.testkit.DurabilityContract;
import io.roentgen.store.testkit.StoreComparison;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Tries the parts of the kit that a store in memory has no use for, and that the kit finds what is wrong. */
final class ReplayedStoreTest {
  @Nested
  final class Durability extends DurabilityContract {
    @Override
    protected TraceStore openStore() {
      return new ReplayedStore();
    }

    @Override
    protected TraceStore reopen(TraceStore store) {
      store.close();
      return ReplayedStore.of((ReplayedStore) store);
    }

    @Override
    protected TraceStore reopenAfterCrash(TraceStore store) {
      return ReplayedStore.of((ReplayedStore) store);
    }
  }

  /** Changes the log whenever the store is settled or opened again. */
  private static final class Replaying implements StoreComparison.Candidate {
    private final UnaryOperator<List<SpanBatch>> change;
    private ReplayedStore store = new ReplayedStore();

    Replaying(UnaryOperator<List<SpanBatch>> change) {
      this.change = change;
    }

    @Override
    public TraceStore store() {
      return store;
    }

    @Override
    public void settle() {
      reopen();
    }

    @Override
    public void reopen() {
      store.close();
      crash();
    }

    @Override
    public void crash() {
      store = ReplayedStore.of(change.apply(store.log()));
    }
  }

  @Test
  void comparison_ofStoresThatAgree_finishes() {
    for (long seed = 0; seed < 20; seed++) {
      try (MemoryStore reference = new MemoryStore()) {
        StoreComparison.run(seed, 150, reference, new Replaying(log -> log));
      }
    }
  }

  @Test
  void comparison_ofStoreThatForgetsABatch_namesTheSeed() {
    assertFails(new Replaying(log -> log.subList(0, Math.max(0, log.size() - 1))));
  }

  @Test
  void comparison_ofStoreThatReordersBatches_namesTheSeed() {
    assertFails(
        new Replaying(
            log -> {
              List<SpanBatch> reversed = new ArrayList<>(log);
              Collections.reverse(reversed);
              return reversed;
            }));
  }

  @Test
  void comparison_ofStoreThatThrows_namesTheSeed() {
    assertFails(
        new Replaying(
            _ -> {
              throw new IllegalStateException("broken");
            }));
  }

  @Test
  void comparison_ofStoreWhoseGraphForgetsTheRange_namesTheSeed() {
    MemoryStore inner = new MemoryStore();
    TraceStore whole =
        replacing(
            inner,
            "graph",
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {GraphReader.class},
                (_, method, arguments) -> {
                  arguments[0] = TimeRange.ALL;
                  return invoke(inner.graph(), method, arguments);
                }));

    assertFails(() -> whole);
  }

  @Test
  void comparison_ofStoreThatIgnoresCursors_namesTheSeed() {
    MemoryStore inner = new MemoryStore();
    TraceReader reader =
        (TraceReader)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {TraceReader.class},
                (_, method, arguments) ->
                    method.getName().equals("search")
                        ? inner.reader().search(((TraceQuery) arguments[0]).from(null))
                        : invoke(inner.reader(), method, arguments));

    TraceStore first = replacing(inner, "reader", reader);

    assertFails(() -> first);
  }

  private static TraceStore replacing(TraceStore store, String methodName, Object answer) {
    return (TraceStore)
        Proxy.newProxyInstance(
            ReplayedStoreTest.class.getClassLoader(),
            new Class<?>[] {TraceStore.class},
            (_, method, arguments) ->
                method.getName().equals(methodName) ? answer : invoke(store, method, arguments));
  }

  private static Object invoke(Object target, Method method, Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException thrown) {
      throw thrown.getCause();
    }
  }

  private static void assertFails(StoreComparison.Candidate candidate) {
    try (MemoryStore reference = new MemoryStore()) {
      assertThatThrownBy(() -> StoreComparison.run(5, 300, reference, candidate))
          .isInstanceOf(AssertionError.class)
          .hasMessageStartingWith("store comparison: seed 5, step ");
    }
  }
}

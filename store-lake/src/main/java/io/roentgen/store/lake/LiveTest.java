// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.Outcome;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.Value;
import io.roentgen.store.LongRange;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.SpanTest;
import io.roentgen.store.SpanTest.Place;
import io.roentgen.store.SpanTest.TextField;
import io.roentgen.store.TraceCondition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A {@link SpanTest} over the bytes of batches, without an object per span. It is a first sieve, as which span stands for
 * its trace is not known here: it accepts every span that the test is true of.
 */
final class LiveTest {
  private final List<SpanTest.Field> fields = new ArrayList<>();
  private final List<SpanTest.Attribute> attributes = new ArrayList<>();
  private final List<Check> checks = new ArrayList<>();

  /** Says whether a span may be like a test. */
  private interface Check {
    /**
     * @param found for each field, then for each attribute, whether the span's is as the test wants it
     */
    boolean holds(SpanBatch.Cursor cursor, boolean[] found);
  }

  LiveTest(SpanTest test) {
    this(List.of(test));
  }

  /**
   * @param tests at most as many as a number has bits
   */
  LiveTest(List<SpanTest> tests) {
    List<SpanTest> leaves = new ArrayList<>();
    tests.forEach(test -> collect(test, leaves));
    for (SpanTest leaf : leaves) {
      if (leaf instanceof SpanTest.Field field) {
        fields.add(field);
      } else if (leaf instanceof SpanTest.Attribute attribute) {
        attributes.add(attribute);
      }
    }
    tests.forEach(test -> checks.add(check(test, true)));
  }

  /**
   * Returns a test that is true of some span of every trace that is like {@code condition}; null if none is known. It has
   * no more levels than the condition.
   */
  static @Nullable SpanTest necessary(TraceCondition condition) {
    return switch (condition) {
      case TraceCondition.AllOf(List<TraceCondition> all) -> {
        for (TraceCondition each : all) {
          SpanTest test = necessary(each);
          if (test != null) {
            yield test;
          }
        }
        yield null;
      }
      case TraceCondition.AnyOf(List<TraceCondition> any) -> {
        List<SpanTest> tests = new ArrayList<>();
        for (TraceCondition each : any) {
          SpanTest test = necessary(each);
          if (test == null) {
            yield null;
          }
          tests.add(test);
        }
        yield new SpanTest.AnyOf(tests);
      }
      case TraceCondition.Not _, TraceCondition.Lasts _ -> null;
      case TraceCondition.SomeChild(SpanTest child, SpanTest _) -> child;
      // What almost every span is like sieves nothing.
      case TraceCondition.SomeSpan(SpanTest test) -> WhereSql.isOfEnd(test) ? null : test;
    };
  }

  private static void collect(SpanTest test, List<SpanTest> leaves) {
    switch (test) {
      case SpanTest.AllOf(List<SpanTest> all) -> all.forEach(each -> collect(each, leaves));
      case SpanTest.AnyOf(List<SpanTest> any) -> any.forEach(each -> collect(each, leaves));
      case SpanTest.Not(SpanTest inner) -> collect(inner, leaves);
      case SpanTest.Field _,
          SpanTest.Attribute _,
          SpanTest.Lasts _,
          SpanTest.Went _,
          SpanTest.Is _ -> {
        if (!leaves.contains(test)) {
          leaves.add(test);
        }
      }
    }
  }

  /**
   * @param unknown what stands for what cannot be told here: what makes the whole true
   */
  private Check check(SpanTest test, boolean unknown) {
    return switch (test) {
      case SpanTest.AllOf(List<SpanTest> all) -> {
        List<Check> checks = all.stream().map(each -> check(each, unknown)).toList();
        yield (cursor, found) -> {
          for (Check each : checks) {
            if (!each.holds(cursor, found)) {
              return false;
            }
          }
          return true;
        };
      }
      case SpanTest.AnyOf(List<SpanTest> any) -> {
        List<Check> checks = any.stream().map(each -> check(each, unknown)).toList();
        yield (cursor, found) -> {
          for (Check each : checks) {
            if (each.holds(cursor, found)) {
              return true;
            }
          }
          return false;
        };
      }
      case SpanTest.Not(SpanTest inner) -> {
        Check opposite = check(inner, !unknown);
        yield (cursor, found) -> !opposite.holds(cursor, found);
      }
      case SpanTest.Field field -> {
        int at = fields.indexOf(field);
        yield (_, found) -> found[at];
      }
      case SpanTest.Attribute attribute -> {
        int at = fields.size() + attributes.indexOf(attribute);
        yield (_, found) -> found[at];
      }
      case SpanTest.Lasts(List<LongRange> durations) ->
          (cursor, _) -> !cursor.inProgress() && isIn(durations, durationOf(cursor));
      case SpanTest.Went(SpanCondition.Status status) ->
          switch (status) {
            case OK -> (cursor, _) -> cursor.outcome() == 0;
            case ERROR -> (cursor, _) -> (cursor.outcome() & Outcome.ERROR_BIT) != 0;
            case FAULT -> (cursor, _) -> (cursor.outcome() & Outcome.FAULT_BIT) != 0;
            case THROTTLE -> (cursor, _) -> (cursor.outcome() & Outcome.THROTTLE_BIT) != 0;
          };
      case SpanTest.Is is ->
          switch (is) {
            case SEGMENT -> (cursor, _) -> cursor.segment();
            case IN_PROGRESS -> (cursor, _) -> cursor.inProgress();
            case CHILD -> (cursor, _) -> cursor.parentSpanId() != 0;
            case ROOT -> (_, _) -> unknown;
          };
    };
  }

  private static long durationOf(SpanBatch.Cursor cursor) {
    return Math.max(0, cursor.endEpochNanos() - cursor.startEpochNanos());
  }

  private static boolean isIn(List<LongRange> ranges, long number) {
    for (LongRange range : ranges) {
      if (range.contains(number)) {
        return true;
      }
    }
    return false;
  }

  /** Returns the test with keys and scopes of one batch looked up. */
  Matcher forBatch(SpanBatch batch) {
    return new Matcher(batch);
  }

  /** The test with keys and scopes of one batch looked up. */
  final class Matcher {
    /** By key index, the attributes of that key that are looked for among a span's own; null for none. */
    private final int[] @Nullable [] ofKey;

    /** By scope index, what is known of a span before its own fields are looked at. */
    private final boolean[][] ofScope;

    private final boolean[] found = new boolean[fields.size() + attributes.size()];

    private Matcher(SpanBatch batch) {
      ofKey = new int[batch.keyCount()][];
      for (int key = 0; key < ofKey.length; key++) {
        ofKey[key] = attributesOf(batch.key(key));
      }
      ofScope = new boolean[batch.scopeCount()][found.length];
      for (int scope = 0; scope < ofScope.length; scope++) {
        Map<String, Value> shared = batch.scope(scope).resource().attributes();
        String named = batch.scope(scope).resource().serviceName();
        String service = named == null ? "" : named;
        for (int i = 0; i < fields.size(); i++) {
          boolean isService = fields.get(i).field() == TextField.SERVICE;
          ofScope[scope][i] = fields.get(i).test().matches(isService ? service : "");
        }
        for (int i = 0; i < attributes.size(); i++) {
          SpanTest.Attribute attribute = attributes.get(i);
          Value value = shared.get(attribute.key());
          ofScope[scope][fields.size() + i] =
              attribute.place() != Place.SPAN && value != null && attribute.test().matches(value);
        }
      }
    }

    private int @Nullable [] attributesOf(String key) {
      List<Integer> numbers = new ArrayList<>();
      for (int i = 0; i < attributes.size(); i++) {
        if (attributes.get(i).place() != Place.RESOURCE && attributes.get(i).key().equals(key)) {
          numbers.add(i);
        }
      }
      return numbers.isEmpty() ? null : numbers.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Returns whether the span may be like one of the tests. */
    boolean matches(SpanBatch.Cursor cursor) {
      return flags(cursor) != 0;
    }

    /** Returns a bit for each test, the first one's the lowest: whether the span may be like it. */
    long flags(SpanBatch.Cursor cursor) {
      System.arraycopy(ofScope[cursor.scopeIndex()], 0, found, 0, found.length);
      if (found.length > 0) {
        readFields(cursor);
      }
      long flags = 0;
      for (int i = 0; i < checks.size(); i++) {
        if (checks.get(i).holds(cursor, found)) {
          flags |= 1L << i;
        }
      }
      return flags;
    }

    private void readFields(SpanBatch.Cursor cursor) {
      for (int tag = cursor.nextField(); tag != SpanBatch.FIELD_NONE; tag = cursor.nextField()) {
        switch (tag) {
          case SpanBatch.FIELD_SERVICE -> readText(cursor, TextField.SERVICE);
          case SpanBatch.FIELD_SERVICE_TYPE -> readText(cursor, TextField.SERVICE_TYPE);
          case SpanBatch.FIELD_NAME -> readText(cursor, TextField.NAME);
          case SpanBatch.FIELD_PEER_NAME -> readText(cursor, TextField.PEER_NAME);
          case SpanBatch.FIELD_PEER_TYPE -> readText(cursor, TextField.PEER_TYPE);
          case SpanBatch.FIELD_ATTRIBUTE -> {
            int[] wanted = ofKey[cursor.keyIndex()];
            if (wanted != null) {
              Value value = cursor.value();
              for (int each : wanted) {
                found[fields.size() + each] = attributes.get(each).test().matches(value);
              }
            }
          }
          default -> {}
        }
      }
    }

    private void readText(SpanBatch.Cursor cursor, TextField field) {
      String text = null;
      for (int i = 0; i < fields.size(); i++) {
        if (fields.get(i).field() == field) {
          text = text == null ? cursor.text() : text;
          found[i] = fields.get(i).test().matches(text);
        }
      }
    }
  }
}

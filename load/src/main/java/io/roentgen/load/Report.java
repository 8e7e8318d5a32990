// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * What a run found.
 *
 * @param shape when requests were meant to be made
 * @param nanos how long requests were started
 * @param rows a row for each operation that was used
 */
public record Report(Shape shape, long nanos, List<Row> rows) {
  private static final double[] PERCENTILES = {50, 90, 99, 100};

  /** Copies the rows. */
  public Report {
    rows = List.copyOf(rows);
  }

  /**
   * One operation's requests.
   *
   * @param codes how many ended with each code
   * @param fromIntended microseconds from the time at which a request was meant to start
   * @param fromActual microseconds from the time at which it did
   */
  record Row(
      String name,
      long requests,
      long failed,
      Map<String, Long> codes,
      Histogram fromIntended,
      Histogram fromActual) {
    Row {
      codes = Collections.unmodifiableMap(new TreeMap<>(codes));
    }
  }

  /** Returns how many requests there were, those that were due and could not be sent too. */
  public long requests() {
    return rows.stream().mapToLong(Row::requests).sum();
  }

  /** Returns how many of them were not answered as expected. */
  public long failed() {
    return rows.stream().mapToLong(Row::failed).sum();
  }

  /** Returns how many requests ended with the code. */
  long count(String code) {
    return rows.stream().mapToLong(row -> row.codes().getOrDefault(code, 0L)).sum();
  }

  /** Returns the percentile of all requests from their intended starts, in microseconds. */
  long micros(double percentile) {
    return total().fromIntended().getValueAtPercentile(percentile);
  }

  private Row total() {
    Map<String, Long> codes = new TreeMap<>();
    Histogram intended = new Histogram(3);
    Histogram actual = new Histogram(3);
    for (Row row : rows) {
      row.codes().forEach((code, count) -> codes.merge(code, count, Long::sum));
      intended.add(row.fromIntended());
      actual.add(row.fromActual());
    }
    return new Row("all", requests(), failed(), codes, intended, actual);
  }

  /** Returns the table, its lines ended by line feeds. */
  public String table() {
    Row total = total();
    List<Row> shown = new ArrayList<>(rows);
    if (rows.size() != 1) {
      shown.add(total);
    }
    int width = shown.stream().mapToInt(row -> row.name().length()).max().orElse(0);
    width = Math.max(width, "operation".length());
    StringBuilder out = new StringBuilder();
    out.append(" ".repeat(width + 18))
        .append("  from the intended start              from the actual start\n");
    out.append(pad("operation", width)).append("  requests  errors");
    for (int i = 0; i < 2; i++) {
      out.append("        p50      p90      p99      max");
    }
    out.append('\n');
    for (Row row : shown) {
      out.append(pad(row.name(), width))
          .append(String.format(Locale.ROOT, "%10d%8d", row.requests(), row.failed()));
      for (Histogram histogram : List.of(row.fromIntended(), row.fromActual())) {
        out.append("  ");
        for (double percentile : PERCENTILES) {
          out.append(
              String.format(
                  Locale.ROOT,
                  "%9s",
                  histogram.getTotalCount() == 0
                      ? "-"
                      : time(histogram.getValueAtPercentile(percentile))));
        }
      }
      out.append('\n');
    }
    out.append("\ncodes: ").append(codes(total.codes())).append('\n');
    return out.append(rates()).append('\n').toString();
  }

  private static String codes(Map<String, Long> codes) {
    List<String> parts = new ArrayList<>();
    codes.forEach((code, count) -> parts.add(code + " " + count));
    return parts.isEmpty() ? "none" : String.join(", ", parts);
  }

  private String rates() {
    long unsent = count("not sent");
    double seconds = Math.max(nanos, 1) / 1e9;
    double actual = (requests() - unsent) / seconds;
    String sent =
        String.format(
            Locale.ROOT, "sent: %d in %.1f s, %.1f a second", requests() - unsent, seconds, actual);
    return switch (shape) {
      case Shape.Open open ->
          sent
              + String.format(
                  Locale.ROOT,
                  " (intended: %d, %.1f a second)%s",
                  requests(),
                  open.perSecond(),
                  unsent == 0 ? "" : "; " + unsent + " were due and could not be sent");
      case Shape.Closed _ ->
          sent + "; users wait for answers, so a slow server is asked less (--rate does not wait)";
    };
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(width - text.length());
  }

  /** Returns microseconds as a user reads them. */
  static String time(long micros) {
    if (micros < 1_000) {
      return micros + " us";
    }
    if (micros < 1_000_000) {
      return String.format(Locale.ROOT, micros < 10_000 ? "%.1f ms" : "%.0f ms", micros / 1e3);
    }
    return String.format(Locale.ROOT, micros < 10_000_000 ? "%.2f s" : "%.1f s", micros / 1e6);
  }
}

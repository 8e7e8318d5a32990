// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which stretch of time. */
final class RangeOptions {
  @Option(
      names = "--since",
      paramLabel = "DURATION",
      description = "How far to look back, such as 15m or 24h. Default: 1h.")
  private @Nullable String since;

  @Option(
      names = "--start",
      paramLabel = "TIME",
      description = "Start of the range: RFC 3339, epoch seconds, or -15m for that long ago.")
  private @Nullable String start;

  @Option(names = "--end", paramLabel = "TIME", description = "End of the range. Default: now.")
  private @Nullable String end;

  /** Returns the parameters of the API that these options stand for. */
  QueryParameters parameters() {
    if (since != null && start != null) {
      throw CliException.usage("--since and --start exclude each other; give one");
    }
    return new QueryParameters().add("start", since != null ? "-" + since : start).add("end", end);
  }
}

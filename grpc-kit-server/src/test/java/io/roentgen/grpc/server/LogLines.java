// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What is logged under a name while this is open, by java.util.logging as the JDK does it. */
final class LogLines extends Handler implements AutoCloseable {
  private final Logger logger;
  private final Level level;
  private final List<LogRecord> records = new CopyOnWriteArrayList<>();

  private LogLines(Logger logger) {
    this.logger = logger;
    this.level = logger.getLevel();
  }

  static LogLines of(String name) {
    LogLines lines = new LogLines(Logger.getLogger(name));
    lines.logger.setLevel(Level.ALL);
    lines.logger.setUseParentHandlers(false);
    lines.logger.addHandler(lines);
    return lines;
  }

  /** What grpc-java itself complains of, such as exceptions in callbacks. */
  static LogLines warningsOfGrpc() {
    LogLines lines = of("io.grpc");
    lines.logger.setLevel(Level.WARNING);
    return lines;
  }

  static LogLines of(Class<?> type) {
    return of(type.getName());
  }

  List<String> messages() {
    SimpleFormatter formatter = new SimpleFormatter();
    return records.stream()
        .map(record -> record.getLevel() + " " + formatter.formatMessage(record))
        .toList();
  }

  List<Throwable> thrown() {
    return records.stream().map(LogRecord::getThrown).filter(t -> t != null).toList();
  }

  @Override
  public void publish(LogRecord record) {
    records.add(record);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
    logger.setUseParentHandlers(true);
    logger.setLevel(level);
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.platform;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import io.grpc.Context;
import io.grpc.Deadline;
import io.roentgen.examples.common.Settings;
import io.roentgen.examples.common.Spans;
import io.roentgen.examples.common.Tracing;
import io.roentgen.examples.greeting.v3.Greeting;
import io.roentgen.grpc.ActiveSpan;
import java.util.concurrent.TimeUnit;
import org.bson.Document;

/** Keeps greetings in MongoDB. */
final class Database implements Keeper {
  private static final String CONNECTION = "MONGO_CONN";
  private static final int CONNECTIONS = 20;
  private static final long SHORT_TRY_MILLIS = 500;

  private final Tracing tracing;
  private final MongoClient client;
  private final MongoCollection<Document> greetings;
  private final long insertMillis;
  private final Outage outage = new Outage("MongoDB", System::nanoTime);

  private Database(
      Tracing tracing, MongoClient client, MongoCollection<Document> greetings, long insertMillis) {
    this.tracing = tracing;
    this.client = client;
    this.greetings = greetings;
    this.insertMillis = insertMillis;
  }

  /** Returns one for a member; whether the database is there shows when it is used. */
  static Database of(Settings settings, Tracing tracing, Member member) {
    ConnectionString address;
    try {
      address = new ConnectionString(settings.text(CONNECTION, "mongodb://mongodb:27017/admin"));
    } catch (IllegalArgumentException e) {
      throw settings.bad(CONNECTION, "mongodb://host:port/", e);
    }
    int connectMillis = settings.number("MONGO_CONNECT_MS", 10_000, 1, 600_000);
    MongoClient client =
        MongoClients.create(
            MongoClientSettings.builder()
                .applyConnectionString(address)
                .applicationName(member.host())
                .applyToClusterSettings(
                    cluster -> cluster.serverSelectionTimeout(connectMillis, TimeUnit.MILLISECONDS))
                .applyToConnectionPoolSettings(pool -> pool.maxSize(CONNECTIONS))
                .applyToServerSettings(
                    server -> server.heartbeatFrequency(2_000, TimeUnit.MILLISECONDS))
                .build());
    return new Database(
        tracing,
        client,
        client.getDatabase(member.host()).getCollection(member.collection()),
        settings.number("MONGO_INSERT_MS", 5_000, 1, 600_000));
  }

  @Override
  public void keep(Greeting greeting) throws Exception {
    ActiveSpan span =
        Spans.database(
            tracing,
            "mongodb",
            greetings.getNamespace().getDatabaseName(),
            greetings.getNamespace().getCollectionName(),
            "insert");
    Spans.in(
        span,
        () -> {
          boolean wasAway = outage.check();
          try {
            greetings
                .withTimeout(
                    wasAway ? Math.min(SHORT_TRY_MILLIS, millisForIt()) : millisForIt(),
                    TimeUnit.MILLISECONDS)
                .insertOne(
                    new Document("id", greeting.getId())
                        .append("service", greeting.getService())
                        .append("message", greeting.getMessage())
                        .append("created", greeting.getCreated())
                        .append("hostname", greeting.getHostname()));
            outage.over();
          } catch (RuntimeException e) {
            outage.seen();
            throw e;
          }
          return span;
        });
  }

  /** Returns half of what the call has left, so that it can still be answered. */
  private long millisForIt() {
    Deadline deadline = Context.current().getDeadline();
    long left = deadline == null ? insertMillis : deadline.timeRemaining(TimeUnit.MILLISECONDS) / 2;
    return Math.max(1, Math.min(insertMillis, left));
  }

  @Override
  public void close() {
    client.close();
  }
}

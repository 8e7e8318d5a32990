// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.platform;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import io.roentgen.examples.common.JsonLogs;
import io.roentgen.examples.common.Settings;
import io.roentgen.examples.common.Spans;
import io.roentgen.examples.common.Tracing;
import io.roentgen.examples.greeting.v3.Greeting;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.ActiveSpan.Kind;
import io.roentgen.grpc.HeaderAnnotator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Takes greetings from the queue and keeps them. A message is acknowledged once it is kept; after
 * three tries it goes to the queue's dead letters. A broker that is away is looked for until it is
 * there.
 */
final class Consumer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Consumer.class.getName());
  private static final int TRIES = 3;
  private static final int PREFETCH = 20;
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(5);

  private final Broker broker;
  private final Tracing tracing;
  private final Keeper keeper;
  private final boolean autoAck;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread starter;

  // Guarded by this.
  private @Nullable Connection connection;

  private Consumer(Broker broker, Tracing tracing, Keeper keeper, boolean autoAck) {
    this.broker = broker;
    this.tracing = tracing;
    this.keeper = keeper;
    this.autoAck = autoAck;
    starter = new Thread(this::connect, "service-f-consumer");
    starter.setDaemon(true);
  }

  /** Starts one; it consumes as soon as the broker is there. */
  static Consumer start(Settings settings, Broker broker, Tracing tracing, Keeper keeper) {
    Consumer consumer = new Consumer(broker, tracing, keeper, settings.flag("AUTO_ACK", false));
    consumer.starter.start();
    return consumer;
  }

  private void connect() {
    long backoffMillis = 100;
    while (true) {
      try {
        consume();
        return;
      } catch (IOException | TimeoutException | RuntimeException e) {
        LOG.log(
            System.Logger.Level.WARNING,
            "broker is away, tried again in_ms=" + backoffMillis + ": " + e);
      }
      try {
        if (closed.await(backoffMillis, TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        return;
      }
      backoffMillis = Math.min(MAX_BACKOFF.toMillis(), 2 * backoffMillis);
    }
  }

  private void consume() throws IOException, TimeoutException {
    Connection connected = broker.connect("service-f");
    try {
      Channel channel = broker.open(connected);
      channel.basicQos(PREFETCH);
      channel.basicConsume(broker.queue(), autoAck, "service-f", new Messages(channel));
    } catch (IOException | RuntimeException e) {
      connected.abort(1_000);
      throw e;
    }
    synchronized (this) {
      connection = connected;
      if (closed.getCount() == 0) {
        connected.abort(1_000);
      }
    }
  }

  private final class Messages extends DefaultConsumer {
    Messages(Channel channel) {
      super(channel);
    }

    @Override
    public void handleDelivery(
        String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
      Map<String, Object> headers =
          properties.getHeaders() == null ? Map.of() : properties.getHeaders();
      ActiveSpan span =
          tracing
              .kit()
              .start(
                  tracing.spanName(broker.queue(), broker.queue() + " process"),
                  Kind.CONSUMER,
                  name -> headers.get(name) == null ? null : headers.get(name).toString(),
                  HeaderAnnotator.requestId());
      Spans.messaging(span, Broker.SYSTEM, broker.queue(), "process");
      JsonLogs.as(
          tracing.service(),
          () -> {
            try {
              Spans.in(
                  span,
                  () -> {
                    take(envelope, properties, body);
                    return span;
                  });
            } catch (Exception e) {
              LOG.log(System.Logger.Level.WARNING, "message is not dealt with", e);
            }
            return span;
          });
    }

    private void take(Envelope envelope, AMQP.BasicProperties properties, byte[] body)
        throws IOException, InterruptedException {
      @Nullable Exception failure = null;
      Greeting greeting = null;
      try {
        greeting = parse(body);
      } catch (InvalidProtocolBufferException e) {
        failure = e;
      }
      for (int tried = 1; greeting != null && tried <= TRIES; tried++) {
        try {
          keeper.keep(greeting);
          acknowledge(envelope);
          return;
        } catch (Exception e) {
          failure = e;
          LOG.log(System.Logger.Level.WARNING, "message is not kept try=" + tried, e);
          if (tried < TRIES && closed.await(500L << tried, TimeUnit.MILLISECONDS)) {
            return;
          }
        }
      }
      if (failure != null) {
        ActiveSpan.current().recordException(failure);
      }
      LOG.log(System.Logger.Level.WARNING, "message goes to queue=" + broker.deadQueue());
      getChannel().basicPublish("", broker.deadQueue(), properties, body);
      acknowledge(envelope);
    }

    private void acknowledge(Envelope envelope) throws IOException {
      if (!autoAck) {
        getChannel().basicAck(envelope.getDeliveryTag(), false);
      }
    }
  }

  private static Greeting parse(byte[] body) throws InvalidProtocolBufferException {
    Greeting.Builder greeting = Greeting.newBuilder();
    JsonFormat.parser()
        .ignoringUnknownFields()
        .merge(new String(body, StandardCharsets.UTF_8), greeting);
    return greeting.build();
  }

  @Override
  public void close() {
    closed.countDown();
    starter.interrupt();
    synchronized (this) {
      if (connection != null) {
        connection.abort(1_000);
      }
    }
  }
}

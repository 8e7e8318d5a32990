// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.platform;

import com.google.protobuf.util.JsonFormat;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.roentgen.examples.common.Spans;
import io.roentgen.examples.common.Tracing;
import io.roentgen.examples.greeting.v3.Greeting;
import io.roentgen.grpc.ActiveSpan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Puts greetings into the queue, with the trace in the headers of the message. */
final class Publisher implements Keeper {
  private static final System.Logger LOG = System.getLogger(Publisher.class.getName());

  private final Broker broker;
  private final Tracing tracing;
  private final Outage outage = new Outage("RabbitMQ", System::nanoTime);

  // Guarded by this: a channel is for one thread at a time.
  private @Nullable Connection connection;
  private @Nullable Channel channel;
  private boolean closed;

  Publisher(Broker broker, Tracing tracing) {
    this.broker = broker;
    this.tracing = tracing;
  }

  @Override
  public void keep(Greeting greeting) throws Exception {
    ActiveSpan span = Spans.publish(tracing, Broker.SYSTEM, broker.queue());
    Spans.in(
        span,
        () -> {
          Map<String, Object> headers = new HashMap<>();
          tracing.kit().inject(span, headers::put);
          byte[] body =
              JsonFormat.printer()
                  .omittingInsignificantWhitespace()
                  .print(greeting)
                  .getBytes(StandardCharsets.UTF_8);
          publish(
              new AMQP.BasicProperties.Builder()
                  .contentType("application/json")
                  .headers(headers)
                  .build(),
              body);
          return span;
        });
  }

  private synchronized void publish(AMQP.BasicProperties properties, byte[] body)
      throws IOException, TimeoutException {
    if (closed) {
      throw new IllegalStateException("cannot publish: closed");
    }
    boolean unused = outage.check();
    try {
      open().basicPublish("", broker.queue(), properties, body);
      outage.over();
    } catch (IOException | TimeoutException | RuntimeException e) {
      outage.seen();
      throw e;
    }
  }

  private Channel open() throws IOException, TimeoutException {
    Connection connected = connection;
    if (connected == null) {
      connected = broker.connect("service-d");
      connection = connected;
    }
    Channel opened = channel;
    if (opened == null) {
      opened = broker.open(connected);
      channel = opened;
    }
    return opened;
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (connection != null) {
      connection.abort(1_000);
      LOG.log(System.Logger.Level.DEBUG, "publisher closed");
    }
  }
}

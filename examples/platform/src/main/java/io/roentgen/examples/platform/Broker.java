// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.platform;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.roentgen.examples.common.Settings;
import java.io.IOException;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeoutException;

/** Where the queue is: RabbitMQ, or what speaks its protocol. */
final class Broker {
  private static final String CONNECTION = "RABBITMQ_CONN";
  private static final int CONNECT_MILLIS = 2_000;
  private static final int RECOVERY_MILLIS = 1_000;
  private static final int HEARTBEAT_SECONDS = 5;

  /** The value of {@code messaging.system}. */
  static final String SYSTEM = "rabbitmq";

  private final ConnectionFactory factory = new ConnectionFactory();
  private final String queue;

  private Broker(String queue) {
    this.queue = queue;
  }

  static Broker of(Settings settings) {
    Broker broker = new Broker(settings.text("QUEUE_NAME", "service-d.greeting"));
    try {
      broker.factory.setUri(settings.text(CONNECTION, "amqp://guest:guest@rabbitmq:5672"));
    } catch (URISyntaxException | GeneralSecurityException | IllegalArgumentException e) {
      throw settings.bad(CONNECTION, "amqp://user:password@host:port", e);
    }
    broker.factory.setConnectionTimeout(CONNECT_MILLIS);
    broker.factory.setHandshakeTimeout(2 * CONNECT_MILLIS);
    broker.factory.setRequestedHeartbeat(HEARTBEAT_SECONDS);
    // Once connected, the client connects again by itself, and declares and consumes again.
    broker.factory.setAutomaticRecoveryEnabled(true);
    broker.factory.setTopologyRecoveryEnabled(true);
    broker.factory.setNetworkRecoveryInterval(RECOVERY_MILLIS);
    return broker;
  }

  String queue() {
    return queue;
  }

  /** Returns where messages go that cannot be kept. */
  String deadQueue() {
    return queue + ".dead";
  }

  Connection connect(String name) throws IOException, TimeoutException {
    return factory.newConnection(name);
  }

  /** Opens a channel with both queues, which whoever comes first declares. */
  Channel open(Connection connection) throws IOException {
    Channel channel = connection.createChannel();
    channel.queueDeclare(queue, false, false, false, null);
    channel.queueDeclare(deadQueue(), false, false, false, null);
    return channel;
  }
}

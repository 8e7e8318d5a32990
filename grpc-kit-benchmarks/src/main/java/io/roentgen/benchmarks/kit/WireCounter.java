// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between a client and a server, and counts the bytes of one connection: what is said of
 * messages alone by gRPC leaves out headers, which are what tracing adds.
 */
final class WireCounter implements AutoCloseable {
  private final ServerSocket listener;
  private final AtomicLong bytes = new AtomicLong();

  WireCounter(int serverPort) throws IOException {
    listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().name("wire").start(() -> relay(serverPort));
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Returns how many bytes went by so far, in both directions. */
  long bytes() {
    return bytes.get();
  }

  private void relay(int serverPort) {
    try (Socket client = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort)) {
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      Thread answers =
          Thread.ofPlatform().daemon().name("wire-answers").start(() -> copy(server, client));
      copy(client, server);
      answers.join();
    } catch (IOException closed) {
      // As by close: nobody connects any more.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void copy(Socket from, Socket to) {
    byte[] buffer = new byte[64 * 1024];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        bytes.addAndGet(read);
        out.write(buffer, 0, read);
      }
      to.shutdownOutput();
    } catch (IOException closed) {
      // By either side: then the call's own failure tells.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A service of strings, one method for each type of call. */
final class Echo {
  static final String SERVICE = "test.Echo";
  static final MethodDescriptor<String, String> UNARY = method(MethodType.UNARY, "Unary");
  static final MethodDescriptor<String, String> LIST = method(MethodType.SERVER_STREAMING, "List");
  static final MethodDescriptor<String, String> COLLECT =
      method(MethodType.CLIENT_STREAMING, "Collect");
  static final MethodDescriptor<String, String> CHAT = method(MethodType.BIDI_STREAMING, "Chat");

  private Echo() {}

  static MethodDescriptor<String, String> method(MethodType type, String name) {
    return MethodDescriptor.newBuilder(new Text(), new Text())
        .setType(type)
        .setFullMethodName(SERVICE + "/" + name)
        .build();
  }

  static ServerServiceDefinition unary(ServerCalls.UnaryMethod<String, String> handler) {
    return ServerServiceDefinition.builder(SERVICE)
        .addMethod(UNARY, ServerCalls.asyncUnaryCall(handler))
        .build();
  }

  static ServerServiceDefinition list(ServerCalls.ServerStreamingMethod<String, String> handler) {
    return ServerServiceDefinition.builder(SERVICE)
        .addMethod(LIST, ServerCalls.asyncServerStreamingCall(handler))
        .build();
  }

  static ServerServiceDefinition chat(ServerCalls.BidiStreamingMethod<String, String> handler) {
    return ServerServiceDefinition.builder(SERVICE)
        .addMethod(CHAT, ServerCalls.asyncBidiStreamingCall(handler))
        .build();
  }

  private static final class Text implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

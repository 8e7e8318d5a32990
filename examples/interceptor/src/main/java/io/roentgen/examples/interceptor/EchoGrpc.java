// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.interceptor;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.ServerCalls.BidiStreamingMethod;
import io.grpc.stub.ServerCalls.ClientStreamingMethod;
import io.grpc.stub.ServerCalls.ServerStreamingMethod;
import io.grpc.stub.ServerCalls.UnaryMethod;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What protoc would make of a service with each kind of call, but with strings as messages. */
final class EchoGrpc {
  static final MethodDescriptor<String, String> SAY = method(MethodType.UNARY, "Say");
  static final MethodDescriptor<String, String> SPELL =
      method(MethodType.SERVER_STREAMING, "Spell");
  static final MethodDescriptor<String, String> JOIN = method(MethodType.CLIENT_STREAMING, "Join");
  static final MethodDescriptor<String, String> CHAT = method(MethodType.BIDI_STREAMING, "Chat");

  private static final String SERVICE_NAME = "demo.Echo";

  private EchoGrpc() {}

  /** Returns the service with its four handlers. */
  static ServerServiceDefinition service(
      UnaryMethod<String, String> say,
      ServerStreamingMethod<String, String> spell,
      ClientStreamingMethod<String, String> join,
      BidiStreamingMethod<String, String> chat) {
    return ServerServiceDefinition.builder(SERVICE_NAME)
        .addMethod(SAY, ServerCalls.asyncUnaryCall(say))
        .addMethod(SPELL, ServerCalls.asyncServerStreamingCall(spell))
        .addMethod(JOIN, ServerCalls.asyncClientStreamingCall(join))
        .addMethod(CHAT, ServerCalls.asyncBidiStreamingCall(chat))
        .build();
  }

  private static MethodDescriptor<String, String> method(MethodType type, String name) {
    return MethodDescriptor.newBuilder(new Text(), new Text())
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE_NAME, name))
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

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Messages as they are on the wire. */
enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
  RAW;

  /** Returns a method with one request and one answer. */
  static MethodDescriptor<byte[], byte[]> unary(String fullMethodName) {
    return method(MethodDescriptor.MethodType.UNARY, fullMethodName);
  }

  static MethodDescriptor<byte[], byte[]> method(
      MethodDescriptor.MethodType type, String fullMethodName) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(type)
        .setFullMethodName(fullMethodName)
        .setRequestMarshaller(RAW)
        .setResponseMarshaller(RAW)
        .build();
  }

  @Override
  public InputStream stream(byte[] value) {
    return new ByteArrayInputStream(value);
  }

  @Override
  public byte[] parse(InputStream stream) {
    try {
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read a message", e);
    }
  }
}

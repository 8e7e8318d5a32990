// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.InternalMetadata.TrustedAsciiMarshaller;

/**
 * Hands the bytes of a header through as they are: each trace header would otherwise be copied
 * three times on its way. Who writes them has made them of ASCII.
 */
final class RawAscii implements TrustedAsciiMarshaller<byte[]> {
  static final RawAscii RAW = new RawAscii();

  private RawAscii() {}

  @Override
  public byte[] toAsciiString(byte[] value) {
    return value;
  }

  @Override
  public byte[] parseAsciiString(byte[] serialized) {
    return serialized;
  }
}

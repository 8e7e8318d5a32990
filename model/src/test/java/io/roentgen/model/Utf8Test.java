// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

final class Utf8Test {
  /** The first and last byte of each class that RFC 3629's grammar tells apart, and their neighbours. */
  private static final int[] EDGES = {
    0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec,
    0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff
  };

  private static boolean jdkAccepts(byte[] bytes, int offset, int length) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, offset, length));
      return true;
    } catch (CharacterCodingException malformed) {
      return false;
    }
  }

  @Test
  void isValid_everyPairOfBytes_agreesWithTheJdk() {
    byte[] bytes = new byte[2];
    for (int i = 0; i < 1 << 16; i++) {
      bytes[0] = (byte) (i >> 8);
      bytes[1] = (byte) i;
      assertAgrees(bytes);
    }
  }

  @Test
  void isValid_everyFourOfTheEdges_agreesWithTheJdk() {
    byte[] bytes = new byte[4];
    for (int a : EDGES) {
      for (int b : EDGES) {
        for (int c : EDGES) {
          for (int d : EDGES) {
            bytes[0] = (byte) a;
            bytes[1] = (byte) b;
            bytes[2] = (byte) c;
            bytes[3] = (byte) d;
            assertAgrees(bytes);
          }
        }
      }
    }
  }

  /** Without an assertion object each: there are hundreds of thousands. */
  private static void assertAgrees(byte[] bytes) {
    if (Utf8.isValid(bytes, 0, bytes.length) != jdkAccepts(bytes, 0, bytes.length)) {
      throw new AssertionError(
          "bytes " + HexFormat.of().formatHex(bytes) + ": other than the JDK");
    }
  }

  @Property
  void isValid_anyBytesAtAnyOffset_agreesWithTheJdk(
      @ForAll("pieces") byte[] bytes, @ForAll int from, @ForAll int to) {
    int offset = Math.floorMod(from, bytes.length + 1);
    int length = Math.floorMod(to, bytes.length - offset + 1);

    assertThat(Utf8.isValid(bytes, offset, length)).isEqualTo(jdkAccepts(bytes, offset, length));
  }

  @Property
  void isValid_textsOfTheJdk_always(@ForAll("texts") String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);

    assertThat(Utf8.isValid(bytes, 0, bytes.length)).isTrue();
  }

  @Provide
  Arbitrary<String> texts() {
    return SpanArbitraries.texts();
  }

  /** Mostly well-formed, with the odd byte that is out of place. */
  @Provide
  Arbitrary<byte[]> pieces() {
    Arbitrary<byte[]> piece =
        Arbitraries.frequencyOf(
            Tuple.of(
                9,
                Arbitraries.of("plain ascii text", "é", "名", "😀", "\u0000", "\uFFFF", "\u0800", "x")
                    .map(text -> text.getBytes(StandardCharsets.UTF_8))),
            Tuple.of(
                1, Arbitraries.integers().between(0, 255).map(b -> new byte[] {b.byteValue()})));
    return piece
        .list()
        .ofMaxSize(12)
        .map(
            pieces -> {
              ByteSink sink = new ByteSink(16);
              pieces.forEach(bytes -> sink.putBytes(bytes, 0, bytes.length));
              return Arrays.copyOf(sink.bytes, sink.size);
            });
  }
}

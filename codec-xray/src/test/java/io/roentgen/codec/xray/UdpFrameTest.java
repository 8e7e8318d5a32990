// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.model.Rejection;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UdpFrameTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"format\":\"json\",\"version\":1}",
        "{\"format\": \"json\", \"version\": 1}",
        " {\"version\":1,\"extra\":{\"a\":[1]},\"format\":\"JSON\"}\r"
      })
  void parse_goodHeader_findsTheDocument(String header) {
    byte[] datagram = bytes(header + "\n{\"id\":\n1}\r\n \n");

    assertThat(UdpFrame.parse(datagram, datagram.length))
        .isEqualTo(new UdpFrame.Document(bytes(header).length + 1, 9));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                                | datagram with no line feed (expected: a header line, then a document)",
        "{'format':'json','version':1}     | datagram with no line feed (expected: a header line, then a document)",
        "{'format':'json','version':1}~    | datagram with no document (expected: one behind the header line)",
        "{'format':'json','version':1}~ ~  | datagram with no document (expected: one behind the header line)",
        "{'format':'json','version':2}~{}  | header line without version 1 (expected: {'format':'json','version':1})",
        "{'format':'json','version':'1'}~{} | header line without version 1 (expected: {'format':'json','version':1})",
        "{'format':'cbor','version':1}~{}  | header line without format json (expected: {'format':'json','version':1})",
        "{'version':1}~{}                  | header line without format json (expected: {'format':'json','version':1})",
        "[1]~{}                            | header line that is not a JSON object (expected: {'format':'json','version':1})",
        "~{}                               | header line that is not JSON: at byte 0 the text ends (expected: a value)",
        "{'id':1}}~{}                      | header line that is not JSON: at byte 8 text behind the end of the value (expected: one JSON object)"
      })
  void parse_noFrame_saysWhy(String datagram, String message) {
    byte[] bytes = bytes(datagram.replace('\'', '"').replace('~', '\n'));

    assertThat(UdpFrame.parse(bytes, bytes.length))
        .isEqualTo(
            new UdpFrame.Rejected(Rejection.INVALID_HEADER, message.replace('\'', '"')));
  }

  @Test
  void parse_headerTooLongOrNotUtf8_isRejected() {
    byte[] longHeader = bytes("{" + " ".repeat(1024) + "}\n{}");
    byte[] badHeader = "{\"\u00fc\":1}\n{}".getBytes(StandardCharsets.ISO_8859_1);

    assertThat(UdpFrame.parse(longHeader, longHeader.length))
        .isEqualTo(
            new UdpFrame.Rejected(
                Rejection.INVALID_HEADER,
                "header line of 1026 bytes (expected: at most 1024)"));
    assertThat(UdpFrame.parse(badHeader, badHeader.length))
        .isInstanceOf(UdpFrame.Rejected.class);
  }

  @Test
  void parse_bytesBehindTheLength_areNotSeen() {
    byte[] buffer = Arrays.copyOf(UdpFrame.of(bytes("{}")), 100);
    int length = UdpFrame.of(bytes("{}")).length;

    assertThat(UdpFrame.parse(buffer, length)).isEqualTo(new UdpFrame.Document(length - 2, 2));
    assertThat(UdpFrame.parse(buffer, length - 2)).isInstanceOf(UdpFrame.Rejected.class);
    assertThatThrownBy(() -> UdpFrame.parse(buffer, 101))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void of_document_isHeaderLineAndDocument() {
    assertThat(UdpFrame.of(bytes("{\"id\":1}")))
        .isEqualTo(bytes("{\"format\":\"json\",\"version\":1}\n{\"id\":1}"));
    assertThatThrownBy(() -> UdpFrame.of(new byte[UdpFrame.MAX_DATAGRAM_BYTES]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("document: 65507 bytes (expected: 1 to 65477)");
    assertThatThrownBy(() -> UdpFrame.of(new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Property(tries = 300)
  void parse_ofAnyFrame_findsTheDocument(@ForAll @Size(min = 1, max = 200) byte[] content) {
    byte[] document = content.clone();
    document[document.length - 1] = '}';
    byte[] datagram = UdpFrame.of(document);

    assertThat(UdpFrame.parse(datagram, datagram.length))
        .isEqualTo(
            new UdpFrame.Document(datagram.length - document.length, document.length));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

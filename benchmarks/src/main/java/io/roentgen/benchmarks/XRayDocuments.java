// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * Datagrams as an X-Ray SDK sends them: the header line and a segment of about 1.5 kB with two
 * subsegments, annotations and metadata. Each has ids of its own.
 */
final class XRayDocuments {
  private static final String HEADER = "{\"format\": \"json\", \"version\": 1}\n";
  private static final String HEX = "0123456789abcdef";
  private static final int TRACE_DIGITS = 24;
  private static final int ID_DIGITS = 16;
  private static final String TRACE_MARK = "T".repeat(TRACE_DIGITS);
  private static final String ID_MARK = "S".repeat(ID_DIGITS);
  private static final String FIRST_MARK = "A".repeat(ID_DIGITS);
  private static final String SECOND_MARK = "B".repeat(ID_DIGITS);
  private static final long SEED = 7;

  private static final String DOCUMENT =
      """
      {"name":"order-service","id":"%s","trace_id":"1-6955b900-%s","start_time":1767225500.123,
      "end_time":1767225500.219,"service":{"version":"1.4.2"},"origin":"AWS::ECS::Container",
      "user":"u-4711","http":{"request":{"method":"POST","url":"https://shop.example.com/orders",
      "user_agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36","client_ip":"203.0.113.17"},
      "response":{"status":200,"content_length":5123}},"aws":{"xray":{"sdk":"X-Ray for Java",
      "sdk_version":"2.18.0"},"ecs":{"container":"ip-10-0-3-44","container_id":"9f1a77c0d2b3"}},
      "annotations":{"tenant":"acme","tier":"gold","items":3,"express":true,"total":129.95},
      "metadata":{"default":{"cart":{"items":["sku-10023","sku-98120","sku-55410"],"currency":"EUR",
      "discounts":[{"code":"WINTER","percent":10}]},"build":"2026-01-01.7","region":"eu-central-1"}},
      "subsegments":[{"id":"%s","name":"stock-service","start_time":1767225500.131,
      "end_time":1767225500.172,"namespace":"remote","http":{"request":{"method":"GET",
      "url":"http://stock.internal/items/10023"},"response":{"status":200,"content_length":412}}},
      {"id":"%s","name":"DynamoDB","start_time":1767225500.175,"end_time":1767225500.201,
      "namespace":"aws","aws":{"operation":"PutItem","table_name":"orders","region":"eu-central-1",
      "request_id":"UBQNSO5AEM8T4FDA4RQDEB94OVTDRVV4K4HIRGVJF66Q9ASUAAJG","retries":0},
      "http":{"response":{"status":200,"content_length":2}}}]}
      """
          .formatted(ID_MARK, TRACE_MARK, FIRST_MARK, SECOND_MARK)
          .replace("\n", "");

  private final byte[] template = (HEADER + DOCUMENT).getBytes(StandardCharsets.US_ASCII);
  private final int traceAt = (HEADER + DOCUMENT).indexOf(TRACE_MARK);
  private final int idAt = (HEADER + DOCUMENT).indexOf(ID_MARK);
  private final int firstAt = (HEADER + DOCUMENT).indexOf(FIRST_MARK);
  private final int secondAt = (HEADER + DOCUMENT).indexOf(SECOND_MARK);
  private final SplittableRandom random = new SplittableRandom(SEED);

  int headerBytes() {
    return HEADER.length();
  }

  int documentBytes() {
    return DOCUMENT.length();
  }

  /** Returns the next datagram, in an array that the next call overwrites. */
  byte[] next() {
    long trace = random.nextLong();
    writeHex(traceAt, trace, TRACE_DIGITS - ID_DIGITS);
    writeHex(traceAt + TRACE_DIGITS - ID_DIGITS, random.nextLong() | 1, ID_DIGITS);
    writeHex(idAt, random.nextLong() | 1, ID_DIGITS);
    writeHex(firstAt, random.nextLong() | 1, ID_DIGITS);
    writeHex(secondAt, random.nextLong() | 1, ID_DIGITS);
    return template;
  }

  private void writeHex(int at, long value, int digits) {
    for (int i = 0; i < digits; i++) {
      template[at + digits - 1 - i] = (byte) HEX.charAt((int) (value >>> (4 * i)) & 0xF);
    }
  }
}

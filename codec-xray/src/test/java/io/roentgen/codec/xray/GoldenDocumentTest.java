// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.Rejection;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Documents as X-Ray's guide and the SDKs have them, and one or more for each way to be rejected. */
class GoldenDocumentTest {
  @ParameterizedTest
  @MethodSource("accepted")
  void documents_ofGoldenDocument_areTheSameJson(Path in) throws IOException {
    String document = Files.readString(in);

    List<SegmentDocument> written = SegmentWriter.documents(RoundTrip.spans(document));

    assertThat(written)
        .extracting(each -> TestJson.parse(each.document()))
        .containsExactly(TestJson.parse(document));
  }

  @ParameterizedTest
  @MethodSource("rejected")
  void decode_ofBadDocument_answersAsXRayDoes(Path in) throws IOException {
    Path out = in.resolveSibling(in.getFileName().toString().replace(".in.json", ".out.json"));

    Decoded.Rejected rejected = RoundTrip.rejected(Files.readString(in));

    Map<String, Object> answer = new LinkedHashMap<>();
    if (rejected.segmentId() != null) {
      answer.put("Id", rejected.segmentId());
    }
    answer.put("ErrorCode", rejected.reason().xrayCode());
    answer.put("Message", rejected.message());
    assertThat(answer).isEqualTo(TestJson.parse(Files.readString(out)));
    assertThat(in.getFileName().toString()).startsWith(rejected.reason().label());
  }

  @Test
  void rejected_goldenDocuments_coverEveryReasonOfTheDecoder() throws Exception {
    Set<Rejection> covered = EnumSet.noneOf(Rejection.class);
    try (Stream<Path> files = rejected()) {
      for (Path in : (Iterable<Path>) files::iterator) {
        covered.add(RoundTrip.rejected(Files.readString(in)).reason());
      }
    }

    Set<Rejection> expected = EnumSet.range(Rejection.PARSE_ERROR, Rejection.TOO_LARGE);
    assertThat(covered).isEqualTo(expected);
  }

  static Stream<Path> accepted() throws IOException, URISyntaxException {
    return files("accepted");
  }

  static Stream<Path> rejected() throws IOException, URISyntaxException {
    return files("rejected");
  }

  private static Stream<Path> files(String folder) throws IOException, URISyntaxException {
    Path path =
        Path.of(GoldenDocumentTest.class.getResource("/golden/xray/" + folder).toURI());
    try (Stream<Path> files = Files.list(path)) {
      return files.filter(file -> file.toString().endsWith(".in.json")).sorted().toList().stream();
    }
  }
}

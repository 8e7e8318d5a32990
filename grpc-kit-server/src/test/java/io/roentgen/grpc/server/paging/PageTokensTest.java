// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PageTokensTest {
  private static final byte[] KEY = "0123456789abcdef".getBytes(StandardCharsets.UTF_8);

  private final PageTokens tokens = PageTokens.signedWith(KEY);
  private final TreeSet<String> users = new TreeSet<>();

  PageTokensTest() {
    for (int i = 0; i < 250; i++) {
      users.add(String.format("user%03d", i));
    }
  }

  @Test
  void pages_readToTheEnd_haveEachItemOnce_andTheLastTokenIsEmpty() {
    List<String> all = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>();
    String token = "";
    do {
      Page<String> page = list(100, token, "role=admin");
      all.addAll(page.items());
      sizes.add(page.items().size());
      token = page.nextPageToken();
    } while (!token.isEmpty());
    assertThat(all).containsExactlyElementsOf(users);
    assertThat(sizes).containsExactly(100, 100, 50);
  }

  @Test
  void page_exactlyAsManyAsThereAre_isTheLast() {
    users.removeIf(user -> user.compareTo("user100") >= 0);
    Page<String> page = list(100, "");
    assertThat(page.items()).hasSize(100);
    assertThat(page.nextPageToken()).isEmpty();
  }

  @Test
  void page_ofNothing_isTheLast() {
    users.clear();
    assertThat(list(10, "").items()).isEmpty();
    assertThat(list(10, "").nextPageToken()).isEmpty();
  }

  @Test
  void size_zeroIsTheDefault_tooMuchIsTheMaximum_negativeIsRefused() {
    assertThat(tokens.read(0, "").size()).isEqualTo(50);
    assertThat(tokens.read(1, "").size()).isEqualTo(1);
    assertThat(tokens.read(1000, "").size()).isEqualTo(100);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokens.read(-1, ""))
        .withMessage("page_size: -1 (expected: 0 to 100)");
  }

  @Test
  void token_withAnotherFilter_isRefused() {
    String token = list(10, "", "role=admin", "name").nextPageToken();
    assertThat(tokens.read(10, token, "role=admin", "name").after()).isEqualTo("user009");
    refused(tokens, token, "role=user", "name");
    refused(tokens, token, "role=adminname");
    refused(tokens, token, "role=admin", "name", "");
    refused(tokens, token);
  }

  @Test
  void token_anyBitChanged_isRefused() {
    byte[] token = Base64.getUrlDecoder().decode(list(10, "").nextPageToken());
    for (int bit = 0; bit < token.length * 8; bit++) {
      byte[] changed = token.clone();
      changed[bit / 8] ^= (byte) (1 << (bit % 8));
      refused(tokens, Base64.getUrlEncoder().withoutPadding().encodeToString(changed));
    }
  }

  @Test
  void token_madeUp_isRefused() {
    refused(tokens, "x");
    refused(tokens, "user009");
    refused(tokens, "not base64 !");
    refused(tokens, "A".repeat(100_000));
    Random random = new Random(1);
    for (int i = 0; i < 1000; i++) {
      byte[] bytes = new byte[random.nextInt(60)];
      random.nextBytes(bytes);
      String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
      if (!token.isEmpty()) {
        refused(tokens, token);
      }
    }
  }

  @Test
  void token_ofAnotherProcess_isRefused() {
    String token = list(10, "").nextPageToken();
    refused(PageTokens.ofThisProcess(), token);
  }

  @Test
  void key_replaced_tokensOfTheOlderAreStillGood() {
    String token = list(10, "").nextPageToken();
    byte[] newer = "fedcba9876543210".getBytes(StandardCharsets.UTF_8);
    PageTokens both = PageTokens.signedWith(newer, KEY);
    assertThat(both.read(10, token).after()).isEqualTo("user009");
    String next = both.read(1, token).of(List.of("a", "b"), item -> item).nextPageToken();
    refused(tokens, next);
  }

  @Test
  void key_tooShort_throws() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PageTokens.signedWith(new byte[8]))
        .withMessage("key: 8 bytes (expected: >= 16)");
  }

  @Test
  void totalSize_isOptional() {
    Page<String> page = list(10, "");
    assertThat(page.totalSize()).isEmpty();
    assertThat(page.withTotalSize(250).totalSize()).isEqualTo(OptionalLong.of(250));
    assertThat(page.withTotalSize(250).nextPageToken()).isEqualTo(page.nextPageToken());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> page.withTotalSize(3))
        .withMessage("totalSize: 3 (expected: >= 10, as this page has)");
  }

  @Test
  void of_moreThanAskedFor_throws() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokens.read(1, "").of(List.of("a", "b", "c"), item -> item))
        .withMessage("found: 3 items (expected: at most 2)");
  }

  private Page<String> list(int size, String token, String... filter) {
    PageRequest request = tokens.read(size, token, filter);
    String after = request.after();
    List<String> found =
        (after == null ? users : users.tailSet(after, false))
            .stream().limit(request.limit()).toList();
    return request.of(found, user -> user);
  }

  private static void refused(PageTokens tokens, String token, String... filter) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokens.read(10, token, filter))
        .withMessage(
            "page_token: not valid here (expected: empty, or next_page_token of the page before,"
                + " with the same filter)");
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What customers of the shop do: look around, put something into the cart, order it. Each keeps the
 * shop's cookies. A page's images are fetched with it.
 */
final class Shop {
  /** A product that there is none of. */
  private static final String DUMMY = "0000000000000";

  private static final List<String> PRODUCTS =
      List.of(
          "3377807835348",
          "0983976883313",
          "5147991444866",
          "6392888360364",
          "1051094507639",
          "6464865908071",
          "3103748076140",
          "4618701513994",
          "3480077496703",
          DUMMY);

  private static final Pattern IMAGE = Pattern.compile("src=[\"'](/images/[^\"'<> ]+)[\"']");
  private static final int MOST_IMAGES = 40;
  private static final int MOST_REDIRECTS = 3;

  private static final List<String> CUSTOMER =
      List.of(
          "name=Ada Lovelace",
          "email=ada@example.com",
          "address=12 St James's Square",
          "address2=-",
          "country=UK",
          "state=London",
          "zip=SW1Y",
          "city=London",
          "paymentMethod=invoice");

  private final HttpCalls calls;
  private final URI base;
  private final int customers;
  private final Map<Integer, Map<String, String>> cookies = new ConcurrentHashMap<>();

  private Shop(HttpCalls calls, URI base, int customers) {
    this.calls = calls;
    this.base = base;
    this.customers = customers;
  }

  /** Returns the shop's mix; in an open loop {@code customers} come in turn. */
  static Scenario scenario(HttpCalls calls, String name, Shape shape, URI base, int customers) {
    Shop shop = new Shop(calls, base, customers);
    return new Scenario(
        name,
        shape,
        List.of(
            new Operation("index", 2, turn -> shop.page(turn, "/")),
            new Operation("product", 1, shop::product),
            new Operation("cart", 1, turn -> shop.page(turn, "/cart")),
            new Operation("add to cart", 1, shop::add),
            new Operation("checkout", 1, shop::checkout)),
        calls::close);
  }

  private Answer product(Turn turn) throws IOException, InterruptedException {
    String id = PRODUCTS.get(turn.random().nextInt(PRODUCTS.size()));
    return expectedOf(id, page(turn, "/product/" + id));
  }

  private Answer add(Turn turn) throws IOException, InterruptedException {
    String id = PRODUCTS.get(turn.random().nextInt(PRODUCTS.size()));
    return expectedOf(id, answer(post(turn, "/cart", List.of("product_id=" + id))));
  }

  /** The shop has to refuse what it does not have. */
  private static Answer expectedOf(String id, Answer answer) {
    return id.equals(DUMMY) && answer.code().equals("404") ? Answer.expected("404") : answer;
  }

  private Answer checkout(Turn turn) throws IOException, InterruptedException {
    HttpResponse<byte[]> form = post(turn, "/cart/checkout", CUSTOMER);
    if (form.statusCode() >= 400) {
      return answer(form);
    }
    return answer(post(turn, "/cart/order", CUSTOMER));
  }

  /** Gets a page and its images; the first that fails is the answer. */
  private Answer page(Turn turn, String path) throws IOException, InterruptedException {
    HttpResponse<byte[]> page = get(turn, path);
    if (page.statusCode() >= 400) {
      return answer(page);
    }
    Set<String> images = new LinkedHashSet<>();
    Matcher matcher = IMAGE.matcher(HttpCalls.text(page));
    while (matcher.find() && images.size() < MOST_IMAGES) {
      images.add(matcher.group(1).replace("&amp;", "&"));
    }
    for (String image : images) {
      HttpResponse<byte[]> response = get(turn, image);
      if (response.statusCode() >= 400) {
        return Answer.failed("image " + response.statusCode());
      }
    }
    return answer(page);
  }

  private static Answer answer(HttpResponse<byte[]> response) {
    return HttpCalls.answer(response.statusCode());
  }

  private HttpResponse<byte[]> get(Turn turn, String path)
      throws IOException, InterruptedException {
    return send(turn, HttpRequest.newBuilder(base.resolve(path)));
  }

  private HttpResponse<byte[]> post(Turn turn, String path, List<String> fields)
      throws IOException, InterruptedException {
    List<String> encoded = new ArrayList<>();
    for (String field : fields) {
      int equals = field.indexOf('=');
      encoded.add(
          field.substring(0, equals + 1)
              + URLEncoder.encode(field.substring(equals + 1), StandardCharsets.UTF_8));
    }
    HttpResponse<byte[]> response =
        send(
            turn,
            HttpRequest.newBuilder(base.resolve(path))
                .header("content-type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(String.join("&", encoded))));
    for (int i = 0; i < MOST_REDIRECTS && response.statusCode() / 100 == 3; i++) {
      URI to = base.resolve(response.headers().firstValue("location").orElse("/"));
      if (!to.getRawAuthority().equals(base.getRawAuthority())) {
        break; // Only the shop was asked for.
      }
      response = send(turn, HttpRequest.newBuilder(to));
    }
    return response;
  }

  private HttpResponse<byte[]> send(Turn turn, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    Map<String, String> kept =
        cookies.computeIfAbsent(turn.user() % customers, user -> new ConcurrentHashMap<>());
    if (!kept.isEmpty()) {
      List<String> pairs = new ArrayList<>();
      kept.forEach((name, value) -> pairs.add(name + '=' + value));
      request.setHeader("cookie", String.join("; ", pairs));
    }
    HttpResponse<byte[]> response = calls.send(turn, request);
    for (String cookie : response.headers().allValues("set-cookie")) {
      String pair = cookie.split(";", 2)[0];
      int equals = pair.indexOf('=');
      if (equals > 0) {
        kept.put(pair.substring(0, equals).strip(), pair.substring(equals + 1).strip());
      }
    }
    return response;
  }
}

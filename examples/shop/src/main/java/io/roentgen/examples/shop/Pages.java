// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import io.roentgen.examples.shop.v1.Product;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The pages of the shop, as HTML. */
final class Pages {
  static final String STYLE =
      """
      :root { font: 16px/1.5 system-ui, sans-serif; color: #1d232a; background: #fff; }
      body { margin: 0 auto; max-width: 60rem; padding: 0 1rem; }
      header { display: flex; gap: 1.5rem; align-items: baseline; border-bottom: 1px solid #d6dade; padding: 1rem 0; }
      header strong { margin-right: auto; font-size: 1.25rem; }
      a { color: #0b57a4; }
      ul.products { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: 1rem; }
      ul.products li { border: 1px solid #d6dade; border-radius: .5rem; padding: 1rem; }
      img { max-width: 100%; height: auto; }
      button { font: inherit; padding: .4rem 1rem; border: 0; border-radius: .4rem; background: #0b57a4; color: #fff; cursor: pointer; }
      label { display: block; margin: .5rem 0; } input { font: inherit; width: 100%; max-width: 24rem; display: block; }
      table { border-collapse: collapse; } td, th { padding: .3rem 1rem .3rem 0; text-align: left; }
      .notice { color: #6b4a00; background: #fff4d6; padding: .5rem 1rem; border-radius: .4rem; }
      footer { border-top: 1px solid #d6dade; margin-top: 2rem; padding: 1rem 0; font-size: .85rem; color: #59636e; }
      """;

  private final @Nullable String console;

  /**
   * Makes them.
   *
   * @param console address of Roentgen's console, which pages link to, or null
   */
  Pages(@Nullable String console) {
    this.console = console;
  }

  /** Returns a whole page; {@code trace} is the id of the trace it was made in, or null. */
  String page(String title, String body, @Nullable String trace) {
    return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>"
        + Text.html(title)
        + " - Shop</title><meta name=\"viewport\" content=\"width=device-width\">"
        + "<link rel=\"stylesheet\" href=\"/static/shop.css\"></head><body>"
        + "<header><strong>Shop</strong><a href=\"/\">Home</a><a href=\"/product\">Watches</a>"
        + "<a href=\"/cart\">Cart</a></header><main><h1>"
        + Text.html(title)
        + "</h1>"
        + body
        + "</main><footer>"
        + footer(trace)
        + "</footer></body></html>\n";
  }

  private String footer(@Nullable String trace) {
    if (trace == null) {
      return "This request is not traced.";
    }
    return console == null
        ? "Trace " + trace
        : "Trace <a href=\"" + Text.html(console + "/trace/" + trace) + "\">" + trace + "</a>";
  }

  static String home(@Nullable Product featured) {
    return featured == null
        ? "<p class=\"notice\">The watch of the day is not to be had right now.</p>"
            + "<p><a href=\"/product\">All watches</a></p>"
        : "<p>The watch of the day:</p>" + grid(List.of(featured));
  }

  static String grid(List<Product> products) {
    StringBuilder html = new StringBuilder("<ul class=\"products\">");
    for (Product product : products) {
      html.append("<li><a href=\"/product/")
          .append(Text.html(product.getId()))
          .append("\">")
          .append(image(product, 200))
          .append("<br>")
          .append(Text.html(product.getName()))
          .append("</a><br>")
          .append(price(product.getPriceUsd()))
          .append("</li>");
    }
    return html.append("</ul>").toString();
  }

  /** Returns the page of a product; {@code recommended} is null if nobody could say. */
  static String product(Product product, @Nullable List<Product> recommended) {
    return image(product, 400)
        + "<p>"
        + Text.html(product.getDescription())
        + "</p><p>"
        + price(product.getPriceUsd())
        + "</p><form method=\"post\" action=\"/cart\"><input type=\"hidden\" name=\"product_id\" value=\""
        + Text.html(product.getId())
        + "\"><button>Add to cart</button></form><h2>You may like, too</h2>"
        + (recommended == null
            ? "<p class=\"notice\">Recommendations are not to be had right now.</p>"
            : grid(recommended));
  }

  static String cart(List<Product> products) {
    if (products.isEmpty()) {
      return "<p>Your cart is empty.</p>";
    }
    StringBuilder html = new StringBuilder("<table>");
    long sum = 0;
    for (Product product : products) {
      sum += product.getPriceUsd();
      html.append("<tr><td><a href=\"/product/")
          .append(Text.html(product.getId()))
          .append("\">")
          .append(Text.html(product.getName()))
          .append("</a></td><td>")
          .append(price(product.getPriceUsd()))
          .append("</td></tr>");
    }
    html.append("<tr><th>Sum</th><th>").append(price(sum)).append("</th></tr></table>");
    html.append("<h2>Checkout</h2><form method=\"post\" action=\"/cart/checkout\">");
    Checkout.FIELDS.forEach(
        (name, label) ->
            html.append("<label>")
                .append(label)
                .append("<input name=\"")
                .append(name)
                .append("\"></label>"));
    return html.append("<button>Continue</button></form>").toString();
  }

  /** Returns the page on which an order is confirmed. */
  static String checkout(Map<String, String> filledIn) {
    StringBuilder html = new StringBuilder("<table>");
    Checkout.FIELDS.forEach(
        (name, label) ->
            html.append("<tr><th>")
                .append(label)
                .append("</th><td>")
                .append(Text.html(filledIn.getOrDefault(name, "")))
                .append("</td></tr>"));
    return html.append(
            "</table><form method=\"post\" action=\"/cart/order\"><button>Order</button></form>")
        .toString();
  }

  static String order(@Nullable String id) {
    return id == null
        ? "<p>You have not ordered anything yet.</p>"
        : "<p>Thank you. Your order is " + Text.html(id) + ".</p>";
  }

  static String failure(String why) {
    return "<p class=\"notice\">" + Text.html(why) + "</p><p><a href=\"/\">Home</a></p>";
  }

  private static String image(Product product, int side) {
    return "<img src=\"/images/product-"
        + Text.html(product.getId())
        + ".jpg?width="
        + side
        + "&amp;height="
        + side
        + "\" width=\""
        + side
        + "\" height=\""
        + side
        + "\" alt=\"\">";
  }

  private static String price(long usd) {
    return String.format(Locale.ROOT, "$%,d", usd);
  }
}

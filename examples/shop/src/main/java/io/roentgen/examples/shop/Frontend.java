// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import com.google.common.util.concurrent.ListenableFuture;
import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.Cookie;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.roentgen.examples.common.Http;
import io.roentgen.examples.common.JsonLogs;
import io.roentgen.examples.common.Tracing;
import io.roentgen.examples.shop.v1.AddToCartRequest;
import io.roentgen.examples.shop.v1.Cart;
import io.roentgen.examples.shop.v1.CartServiceGrpc.CartServiceBlockingStub;
import io.roentgen.examples.shop.v1.CatalogServiceGrpc.CatalogServiceBlockingStub;
import io.roentgen.examples.shop.v1.CatalogServiceGrpc.CatalogServiceFutureStub;
import io.roentgen.examples.shop.v1.CreateOrderResponse;
import io.roentgen.examples.shop.v1.DeleteCartRequest;
import io.roentgen.examples.shop.v1.GetCartRequest;
import io.roentgen.examples.shop.v1.GetImageRequest;
import io.roentgen.examples.shop.v1.GetProductRequest;
import io.roentgen.examples.shop.v1.ImageServiceGrpc.ImageServiceBlockingStub;
import io.roentgen.examples.shop.v1.ListProductsRequest;
import io.roentgen.examples.shop.v1.ListRecommendationsRequest;
import io.roentgen.examples.shop.v1.OrderServiceGrpc.OrderServiceBlockingStub;
import io.roentgen.examples.shop.v1.Product;
import io.roentgen.examples.shop.v1.RecommenderServiceGrpc.RecommenderServiceBlockingStub;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.HeaderAnnotator;
import io.roentgen.model.TraceId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What visitors see: pages of HTML, made of what the other services know. Each visitor has a
 * session by a cookie; its id is that of his cart, and the annotation {@code UserID}.
 */
final class Frontend {
  static final String COOKIE = "microservices_store_sid";

  private static final System.Logger LOG = System.getLogger(Frontend.class.getName());
  private static final HeaderAnnotator EDGE = HeaderAnnotator.requestId();
  private static final Pattern SESSION = Pattern.compile("[0-9a-f-]{36}");
  private static final MediaType CSS = MediaType.create("text", "css");

  private final Tracing tracing;
  private final Services services;
  private final Sessions sessions;
  private final Pages pages;

  /** The services that it asks. */
  record Services(
      CatalogServiceBlockingStub catalog,
      CatalogServiceFutureStub catalogAtOnce,
      CartServiceBlockingStub carts,
      OrderServiceBlockingStub orders,
      RecommenderServiceBlockingStub recommender,
      ImageServiceBlockingStub images) {}

  /** Answers a request; what it throws becomes a page that says so. */
  private interface Action {
    HttpResponse answer(Visit visit) throws Exception;
  }

  Frontend(Tracing tracing, Services services, Sessions sessions, Pages pages) {
    this.tracing = tracing;
    this.services = services;
    this.sessions = sessions;
    this.pages = pages;
  }

  /** Adds its routes to a server. */
  void addTo(ServerBuilder server) {
    on(server, HttpMethod.GET, "/", this::home);
    on(server, HttpMethod.GET, "/product", this::products);
    on(server, HttpMethod.GET, "/product/{id}", this::product);
    on(server, HttpMethod.GET, "/cart", this::cart);
    on(server, HttpMethod.POST, "/cart", this::add);
    on(server, HttpMethod.POST, "/cart/checkout", this::fillIn);
    on(server, HttpMethod.GET, "/cart/checkout", this::checkout);
    on(server, HttpMethod.POST, "/cart/order", this::order);
    on(server, HttpMethod.GET, "/cart/order", this::ordered);
    on(server, HttpMethod.GET, "/images/{name}", this::image);
    server.service(
        "/static/shop.css", (context, request) -> HttpResponse.of(HttpStatus.OK, CSS, Pages.STYLE));
    server.service("/healthz", (context, request) -> HttpResponse.of("ok\n"));
    server.service("/favicon.ico", (context, request) -> HttpResponse.of(HttpStatus.NO_CONTENT));
  }

  private void on(ServerBuilder server, HttpMethod method, String route, Action action) {
    server
        .route()
        .path(route)
        .methods(method)
        .build((context, request) -> serve(context, request, route, action));
  }

  private HttpResponse serve(
      ServiceRequestContext context, HttpRequest request, String route, Action action) {
    // Services are waited for, which must not be done on Armeria's event loop.
    return HttpResponse.of(
        request
            .aggregate()
            .thenApplyAsync(
                whole -> traced(context, whole, route, action), context.blockingTaskExecutor()));
  }

  @SuppressWarnings("try") // The scope is closed, and not used otherwise.
  private HttpResponse traced(
      ServiceRequestContext context, AggregatedHttpRequest request, String route, Action action) {
    String url = context.sessionProtocol().uriText() + "://" + request.authority() + request.path();
    ActiveSpan span =
        Http.serve(
            tracing,
            request.method().name(),
            route,
            url,
            name -> request.headers().get(name),
            EDGE);
    span.annotate("client.address", context.clientAddress().getHostAddress());
    int status = 500;
    try (ActiveSpan.Scope scope = span.makeCurrent()) {
      HttpResponse response =
          JsonLogs.as(tracing.service(), () -> answer(context, request, action, span));
      // What is answered here is whole already.
      var whole = response.aggregate().join();
      status = whole.status().code();
      return whole.toHttpResponse();
    } finally {
      Http.answered(span, status);
    }
  }

  private HttpResponse answer(
      ServiceRequestContext context,
      AggregatedHttpRequest request,
      Action action,
      ActiveSpan span) {
    String known = known(request);
    String session = known == null ? UUID.randomUUID().toString() : known;
    span.annotate("UserID", session).annotate("enduser.id", session);
    HttpResponse response;
    try {
      Visit visit = new Visit(context, session, form(request));
      response = action.answer(visit);
    } catch (Exception e) {
      response = failed(e, span);
    }
    return known != null
        ? response
        : response.mapHeaders(
            headers ->
                headers.toBuilder()
                    .add(
                        HttpHeaderNames.SET_COOKIE,
                        Cookie.secureBuilder(COOKIE, session)
                            .secure(false)
                            .httpOnly(true)
                            .path("/")
                            .sameSite("Lax")
                            .build()
                            .toSetCookieHeader())
                    .build());
  }

  private static @Nullable String known(AggregatedHttpRequest request) {
    for (Cookie cookie : request.headers().cookies()) {
      if (cookie.name().equals(COOKIE) && SESSION.matcher(cookie.value()).matches()) {
        return cookie.value();
      }
    }
    return null;
  }

  private static QueryParams form(AggregatedHttpRequest request) {
    MediaType type = request.contentType();
    return type != null && type.is(MediaType.FORM_DATA)
        ? QueryParams.fromQueryString(request.contentUtf8())
        : QueryParams.of();
  }

  private HttpResponse failed(Exception e, ActiveSpan span) {
    span.recordException(e);
    Exception reason =
        e instanceof ExecutionException && e.getCause() instanceof Exception cause ? cause : e;
    if (reason instanceof StatusRuntimeException failure) {
      Status status = failure.getStatus();
      LOG.log(System.Logger.Level.WARNING, "a service failed: {0}", status);
      String why = status.getDescription();
      return page(httpStatus(status.getCode()), "Sorry", Pages.failure(why == null ? "" : why));
    }
    if (reason instanceof Sessions.SessionsException) {
      LOG.log(System.Logger.Level.WARNING, "the session store failed", reason);
      return page(
          HttpStatus.SERVICE_UNAVAILABLE, "Sorry", Pages.failure("Please come back in a moment."));
    }
    LOG.log(System.Logger.Level.ERROR, "request failed", reason);
    return page(
        HttpStatus.INTERNAL_SERVER_ERROR, "Sorry", Pages.failure("Something went wrong here."));
  }

  /** As in google.rpc.Code. */
  private static HttpStatus httpStatus(Status.Code code) {
    return switch (code) {
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> HttpStatus.BAD_REQUEST;
      case NOT_FOUND -> HttpStatus.NOT_FOUND;
      case RESOURCE_EXHAUSTED -> HttpStatus.TOO_MANY_REQUESTS;
      case UNAVAILABLE -> HttpStatus.SERVICE_UNAVAILABLE;
      case DEADLINE_EXCEEDED -> HttpStatus.GATEWAY_TIMEOUT;
      default -> HttpStatus.INTERNAL_SERVER_ERROR;
    };
  }

  private HttpResponse page(HttpStatus status, String title, String body) {
    TraceId trace = ActiveSpan.current().isSampled() ? ActiveSpan.current().traceId() : null;
    String id = trace == null ? null : trace.toXRay();
    ResponseHeadersBuilder headers =
        ResponseHeaders.builder(status)
            .contentType(MediaType.HTML_UTF_8)
            .set(HttpHeaderNames.CACHE_CONTROL, "no-store");
    if (id != null) {
      headers.set("x-amzn-trace-id", "Root=" + id);
    }
    return HttpResponse.of(headers.build(), HttpData.ofUtf8(pages.page(title, body, id)));
  }

  private HttpResponse page(String title, String body) {
    return page(HttpStatus.OK, title, body);
  }

  private static HttpResponse seeOther(String path) {
    return HttpResponse.of(
        ResponseHeaders.builder(HttpStatus.SEE_OTHER).set(HttpHeaderNames.LOCATION, path).build());
  }

  private HttpResponse home(Visit visit) {
    sessions.open(visit.session());
    @Nullable Product featured = null;
    try {
      featured = services.catalog().getProduct(byId(Products.FEATURED));
    } catch (StatusRuntimeException e) {
      // The first page is there even if the catalog is not; the call's own span shows it.
      LOG.log(System.Logger.Level.INFO, "no watch of the day: {0}", e.getStatus());
    }
    return page("Watches that last", Pages.home(featured));
  }

  private HttpResponse products(Visit visit) {
    sessions.open(visit.session());
    List<Product> all =
        services.catalog().listProducts(ListProductsRequest.getDefaultInstance()).getProductsList();
    return page("All watches", Pages.grid(all));
  }

  private HttpResponse product(Visit visit) {
    String id = visit.path("id");
    ActiveSpan.current().annotate("ProductID", id);
    sessions.open(visit.session());
    Product product = services.catalog().getProduct(byId(id));
    @Nullable List<Product> recommended = null;
    try {
      recommended =
          Waits.shortly(services.recommender())
              .listRecommendations(ListRecommendationsRequest.newBuilder().setProductId(id).build())
              .getProductsList();
    } catch (StatusRuntimeException e) {
      LOG.log(System.Logger.Level.INFO, "no recommendations: {0}", e.getStatus());
    }
    return page(product.getName(), Pages.product(product, recommended));
  }

  private HttpResponse cart(Visit visit) throws Exception {
    sessions.open(visit.session());
    Cart cart =
        Waits.shortly(services.carts())
            .getCart(GetCartRequest.newBuilder().setId(visit.session()).build());
    ActiveSpan.current().annotate("CartSize", cart.getProductIdsCount());
    List<ListenableFuture<Product>> asked = new ArrayList<>();
    for (String id : cart.getProductIdsList()) {
      asked.add(services.catalogAtOnce().getProduct(byId(id)));
    }
    List<Product> products = new ArrayList<>();
    for (ListenableFuture<Product> each : asked) {
      products.add(each.get());
    }
    return page("Your cart", Pages.cart(products));
  }

  private HttpResponse add(Visit visit) {
    String id = visit.form("product_id");
    ActiveSpan.current().annotate("ProductID", id);
    sessions.open(visit.session());
    String status =
        Waits.shortly(services.carts())
            .addToCart(
                AddToCartRequest.newBuilder().setCartId(visit.session()).setProductId(id).build())
            .getStatus();
    LOG.log(System.Logger.Level.DEBUG, "product {0}: {1}", id, status);
    return seeOther("/cart");
  }

  private HttpResponse fillIn(Visit visit) {
    sessions.open(visit.session());
    sessions.save(visit.session(), Checkout.read(visit.form()));
    return seeOther("/cart/checkout");
  }

  private HttpResponse checkout(Visit visit) {
    return page("Checkout", Pages.checkout(sessions.open(visit.session())));
  }

  private HttpResponse order(Visit visit) {
    Map<String, String> filledIn = new LinkedHashMap<>(sessions.open(visit.session()));
    filledIn.putAll(Checkout.read(visit.form()));
    CreateOrderResponse order =
        services.orders().createOrder(Checkout.order(visit.session(), filledIn));
    ActiveSpan.current().annotate("OrderID", order.getOrderId());
    Waits.shortly(services.carts())
        .deleteCart(DeleteCartRequest.newBuilder().setId(visit.session()).build());
    sessions.save(visit.session(), Map.of("order", order.getOrderId()));
    return seeOther("/cart/order");
  }

  private HttpResponse ordered(Visit visit) {
    return page("Your order", Pages.order(sessions.open(visit.session()).get("order")));
  }

  private HttpResponse image(Visit visit) {
    String file = visit.path("name");
    GetImageRequest.Builder request =
        GetImageRequest.newBuilder()
            .setName(file.endsWith(".jpg") ? file.substring(0, file.length() - 4) : file)
            .setWidth(visit.number("width"))
            .setHeight(visit.number("height"));
    if (Set.of("greyscale", "grayscale")
        .contains(visit.context().queryParams().get("filter", ""))) {
      request.setFilter(GetImageRequest.Filter.FILTER_GREYSCALE);
    }
    byte[] jpeg = services.images().getImage(request.build()).getJpeg().toByteArray();
    return HttpResponse.of(HttpStatus.OK, MediaType.JPEG, jpeg);
  }

  private static GetProductRequest byId(String id) {
    return GetProductRequest.newBuilder().setId(id).build();
  }
}

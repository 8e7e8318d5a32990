// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.Format;
import io.roentgen.model.Outcome;
import io.roentgen.model.Raw;
import io.roentgen.model.Resource;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.Scope;
import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.store.Trace;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the examples of the reference, and others, match among a handful of traces. */
class EvaluatorTest {
  /** A root that answered 200 after a second, from one service. */
  private static final Trace FINE =
      Documents.trace(
          """
          {'id':'0000000000000001','name':'web','start_time':100,'end_time':101,
           'origin':'AWS::EC2::Instance','user':'alice','resource_arn':'arn:aws:x:function:f',
           'http':{'request':{'method':'GET','url':'http://api.example.com/api/game/1',
             'user_agent':'curl','client_ip':'1.2.3.4'},'response':{'status':200}},
           'aws':{'account_id':'123456789012',
             'ec2':{'instance_id':'i-0abc','availability_zone':'us-west-2c'}},
           'annotations':{'gameid':'817DL6VO','age':30,'internal':false,'share':0.5,'order.id':'A1'}}
          """);

  /**
   * A root without an own fault that took 6 s: "web" asks "api" twice, once in vain with 429, and
   * "api" has a fault of its own when it asks a table.
   */
  private static final Trace DEEP =
      Documents.trace(
          """
          {'id':'0000000000000001','name':'web','start_time':100,'end_time':106,
           'http':{'request':{'method':'POST','url':'http://api.example.com/v2/x'},
             'response':{'status':201}},
           'subsegments':[
            {'id':'0000000000000002','name':'api.internal','namespace':'remote','start_time':100,
             'end_time':101,'error':true,'throttle':true,
             'http':{'response':{'status':429}}},
            {'id':'0000000000000003','name':'api','namespace':'remote','start_time':101,
             'end_time':105.5,'fault':true,'http':{'response':{'status':503}}}]}
          """,
          """
          {'id':'0000000000000004','parent_id':'0000000000000003','name':'api','start_time':101.5,
           'end_time':105,'fault':true,'origin':'AWS::Lambda::Function','user':'bob',
           'annotations':{'age':'30','internal':true},
           'cause':{'exceptions':[{'id':'0000000000000011','type':'Wrapped','message':'outer'},
             {'id':'0000000000000012','type':'Denied','message':'Access Denied'}]},
           'subsegments':[
            {'id':'0000000000000005','name':'load','start_time':102,'end_time':104.5,'fault':true,
             'annotations':{'step':'load'},
             'subsegments':[
              {'id':'0000000000000006','name':'DynamoDB','namespace':'aws','start_time':102.1,
               'end_time':104.4,'fault':true,'cause':'0000000000000012',
               'aws':{'table_name':'games','account_id':'999'}}]}]}
          """);

  /** A root that failed with 404 and 429 and is still waiting for what it called. */
  private static final Trace OPEN =
      Documents.trace(
          """
          {'id':'0000000000000001','name':'data-plane','start_time':100,'end_time':107,'error':true,
           'throttle':true,
           'http':{'response':{'status':429}},
           'subsegments':[
            {'id':'0000000000000002','name':'later','namespace':'remote','start_time':101,
             'end_time':107.5,'http':{'request':{'traced':true}}}]}
          """);

  /** A root with a fault, seen at "data-plane". */
  private static final Trace FAULT =
      Documents.trace(
          """
          {'id':'0000000000000001','name':'data-plane','start_time':100,'end_time':100.5,
           'fault':true}
          """);

  /** A span of OpenTelemetry's: a server that calls another by gRPC, and says little of itself. */
  private static final Trace OTEL;

  static {
    TraceId id = new TraceId(5, 5);
    ResourceScope resource =
        new ResourceScope(
            new Resource(
                Map.of("k8s.pod.name", Value.of("pod-1"), "cloud.account.id", Value.of("777")),
                0,
                "",
                Raw.EMPTY),
            Scope.EMPTY);
    Span server =
        Span.builder(id, new SpanId(1))
            .service("cart")
            .name("GET /cart")
            .kind(SpanKind.SERVER)
            .segment(true)
            .format(Format.OTLP)
            .startEpochNanos(100_000_000_000L)
            .endEpochNanos(100_250_000_000L)
            .attribute("http.request.method", Value.of("GET"))
            .attribute("http.response.status_code", Value.of(200))
            .attribute("url.scheme", Value.of("https"))
            .attribute("server.address", Value.of("shop.example"))
            .attribute("server.port", Value.of(8443))
            .attribute("url.path", Value.of("/cart"))
            .attribute("url.query", Value.of("a=1"))
            .attribute("my-key", Value.of(true))
            .resourceScope(resource)
            .build();
    Span client =
        Span.builder(id, new SpanId(2))
            .parentSpanId(server.spanId())
            .service("cart")
            .name("shop.Stock/Reserve")
            .kind(SpanKind.CLIENT)
            .format(Format.OTLP)
            .peerName("stock")
            .peerType("remote")
            .startEpochNanos(100_000_000_000L)
            .endEpochNanos(100_100_000_000L)
            .outcome(new Outcome(false, true, false))
            .statusMessage("no stock")
            .attribute("rpc.system.name", Value.of("grpc"))
            .attribute("rpc.method", Value.of("shop.Stock/Reserve"))
            .attribute("rpc.response.status_code", Value.of("UNAVAILABLE"))
            .resourceScope(resource)
            .build();
    OTEL = Trace.ofWritten(List.of(server, client));
  }

  private static final Map<String, Trace> TRACES =
      new TreeMap<>(Map.of("fine", FINE, "deep", DEEP, "open", OPEN, "fault", FAULT, "otel", OTEL));

  private static String matches(String text) {
    Filter filter = Filter.parse(text, Filter.Groups.NONE);
    StringBuilder matching = new StringBuilder();
    TRACES.forEach(
        (name, trace) -> {
          boolean matches = filter.matches(trace);
          if (matches) {
            matching.append(matching.isEmpty() ? "" : " ").append(name);
          }
          if (matches || filter.plan().exact()) {
            assertThat(filter.plan().condition().matches(trace)).as(text).isEqualTo(matches);
          }
        });
    return matching.toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``                                                   | deep fault fine open otel
          ok                                                   | deep fine otel
          !ok                                                  | fault open
          ok = false                                           | fault open
          fault                                                | fault
          error = true                                         | open
          throttle                                             | open
          responsetime > 5                                     | deep open
          responsetime = 1                                     | fine
          duration >= 5 AND duration <= 8                      | deep open
          duration = 7.5                                       | open
          ok !partial duration <3                              | fine otel
          partial                                              | open
          inferred                                             | deep open otel
          http.status != 200                                   | deep open
          http.status EXISTS                                   | deep fine open otel
          http.url CONTAINS "/api/game/"                       | fine
          http.url = "https://shop.example:8443/cart?a=1"      | otel
          http.url                                             | deep fine otel
          http.method = "POST"                                 | deep
          http.method = post                                   | ``
          http.useragent BEGINSWITH "cu"                       | fine
          http.clientip = "1.2.3.4"                            | fine
          http.url BEGINSWITH "http://api.example.com/" AND http.url CONTAINS "/v2/" AND !service("api.example.com") | deep
          user CONTAINS ""                                     | deep fine
          user = "bob"                                         | deep
          user != "bob"                                        | fine
          !user = "bob"                                        | fault fine open otel
          annotation.gameid = "817DL6VO"                       | fine
          annotation[gameid] = "817DL6VO"                      | fine
          annotation[order.id] BEGINSWITH "A"                  | fine
          annotation.age > 29                                  | fine
          annotation.age = "30"                                | deep
          annotation.age                                       | deep fine
          !annotation.age                                      | fault open otel
          annotation.internal                                  | deep
          annotation.internal = false                          | fine
          annotation.internal EXISTS                           | deep fine
          annotation.share = 0.5                               | fine
          annotation.step                                      | deep
          annotation["my-key"]                                 | otel
          annotation["otel.resource.k8s.pod.name"] = "pod-1"   | otel
          annotation["k8s.pod.name"]                           | ``
          attribute["k8s.pod.name"] = "pod-1"                  | otel
          attribute["http.request.method"] = "GET"             | fine otel
          service("api")                                       | deep
          service("api.example.com")                           | ``
          service("api") { fault }                             | deep
          service() { fault }                                  | deep fault otel
          service("web") { fault }                             | ``
          service("api") { fault = true OR responsetime > 2.5 } AND annotation.step = "load" | deep
          service("api") { responsetime = 3.5 }                | deep
          service("api") { annotation.step = "load" user = "bob" } | deep
          service("web") { annotation.step }                   | ``
          service("data-plane") { root = true AND fault = true } | fault
          service("api") { root }                              | ``
          service() { inferred }                               | deep open otel
          service() { partial }                                | ``
          service() { type = "remote" }                        | deep open otel
          service("games") { fault AND inferred AND type = "AWS::DynamoDB::Table" } | deep
          service("DynamoDB")                                  | ``
          service("later")                                     | open
          service("stock") { grpc.status = UNAVAILABLE }       | otel
          service("api.internal") { throttle AND http.status = 429 } | deep
          edge("web", "api") { fault }                         | deep
          edge("web", "api") { error }                         | ``
          edge("web", "api.internal") { error }                | deep
          edge("web", "api") { http.status = 503 AND responsetime = 4.5 } | deep
          edge("api", "games")                                 | deep
          edge("api", "web")                                   | ``
          edge() { throttle }                                  | deep open
          edge("web", "web") { ok }                            | deep fine
          edge(id(type:"client"), "data-plane") { fault }      | fault
          edge(id(name:"web", type:"client"), id(name:"web", type:"AWS::EC2::Instance")) | fine
          edge(id(account.id:"777"), "stock")                  | otel
          service(id(name: "api", type: "AWS::Lambda::Function")) { fault } | deep
          service(id(name: "api", type: "AWS::Lambda")) { fault } | ``
          service(id(type: "AWS::DynamoDB::Table"))            | deep
          service(id(type: "client"))                          | deep fault fine open otel
          service(id(account.id: "123456789012"))              | fine
          service(id(account.id: "999"))                       | deep
          service(id(account.id: "777", name: "cart"))         | otel
          (fault OR throttle) AND responsetime >= 1            | open
          fault OR error AND throttle                          | fault open
          group.name = "slow" AND user = "alice"               | ``
          group.name != "slow" AND user = "alice"              | fine
          rootcause.fault.service { name = "api" }             | deep
          rootcause.fault.service { last AND inferred AND name = "games" } | deep
          rootcause.fault.service { first AND name = "web" AND index = 0 } | deep
          rootcause.fault.service                              | deep fault otel
          rootcause.fault.entity { last AND name = "games" }   | deep
          rootcause.fault.entity { name = "load" AND !remote } | deep
          rootcause.fault.entity { remote }                    | deep otel
          rootcause.fault.exception { last AND message = "Access Denied" } | deep
          rootcause.fault.exception { first AND name = "Wrapped" } | deep
          rootcause.fault.exception { message = "no stock" }   | otel
          rootcause.error.service { last AND name = "api.internal" } | deep
          rootcause.responsetime.entity { name = "api" AND coverage > 0.5 AND coverage < 60% } | deep
          rootcause.responsetime.entity { first AND coverage = 1 } | deep fault fine open otel
          rootcause.responsetime.service { last and type = "AWS::DynamoDB::Table" } | deep
          rootcause.json = #[{"Services":[{"Name":"web"},{"Name":"api","EntityPath":[{"Name":"api"},{"Name":"load"},{"Name":"DynamoDB"}]},{"Name":"games"}]}] | deep
          rootcause.json = #[{"Services":[{"Name":"web"},{"Name":"api"}]}] | ``
          rootcause.json = #[{"Services":[{"Name":"data-plane","Names":["data-plane"],"Inferred":false}],"ClientImpacting":true}] | fault open
          availabilityzone = "us-west-2c"                      | fine
          instance.id = "i-0abc"                               | fine
          resource.arn ENDSWITH "function:f"                   | fine
          grpc.status = 14                                     | otel
          grpc.status = "UNAVAILABLE" AND grpc.service = "shop.Stock" AND grpc.method = "Reserve" | otel
          grpc.status != OK                                    | otel
          responsetime > 250ms                                 | deep fault fine open
          responsetime >= 250ms                                | deep fault fine open otel
          """)
  void matches_example_matchesTheseTraces(String text, String expected) {
    assertThat(matches(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          error                | web | true
          responsetime > 0     | web | false
          service("web")       | web | true
          service() { partial }| web | true
          partial              | web | true
          ok                   | web | false
          edge()               | web | false
          duration EXISTS      | web | false
          rootcause.responsetime.service | web | false
          """)
  void matches_traceInProgress_saysWhatIsKnown(String text, String name, boolean expected) {
    Trace trace =
        Documents.trace(
            "{'id':'0000000000000001','name':'"
                + name
                + "','start_time':100,'in_progress':true,'error':true}");
    assertThat(Filter.parse(text, Filter.Groups.NONE).matches(trace)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          partial                       | true
          service("api")                | false
          service("games")              | true
          throttle                      | true
          error                         | true
          responsetime = 2              | true
          """)
  void matches_subsegmentAlone_standsForTheTrace(String text, boolean expected) {
    Trace trace =
        Documents.trace(
            """
            {'id':'0000000000000006','type':'subsegment','parent_id':'0000000000000005',
             'name':'DynamoDB','namespace':'aws','start_time':102,'end_time':104,
             'error':true,'throttle':true,'aws':{'table_name':'games'}}
            """);
    assertThat(Filter.parse(text, Filter.Groups.NONE).matches(trace)).isEqualTo(expected);
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import io.roentgen.grpc.CallObserver;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.GrpcCall;
import io.roentgen.grpc.Propagation;
import io.roentgen.grpc.TraceFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** What is installed on both ends of a call, to measure it; each sends what it makes to nowhere. */
public enum Variant {
  /** No interceptor at all. */
  NONE("none") {
    @Override
    Pair make() {
      return Pair.of(List.of(), List.of(), () -> 0, () -> {});
    }
  },
  /** Interceptors that only hand the call on. */
  NO_OP("no op") {
    @Override
    Pair make() {
      return Pair.of(
          List.of(new HandingOn.Client()), List.of(new HandingOn.Server()), () -> 0, () -> {});
    }
  },
  /** This kit, nothing sampled. */
  KIT_UNSAMPLED("kit, not sampled") {
    @Override
    Pair make() {
      return KitPair.of(KitPair.builder(CallSampler.NEVER));
    }
  },
  /** This kit, nothing sampled, with one format read and written in place of two. */
  KIT_UNSAMPLED_XRAY_ONLY("kit, not sampled, X-Ray's header alone") {
    @Override
    Pair make() {
      return KitPair.of(
          KitPair.builder(CallSampler.NEVER)
              .propagation(
                  Propagation.of(
                      List.of(TraceFormat.XRAY),
                      List.of(TraceFormat.XRAY),
                      Propagation.DEFAULT_RELAY)));
    }
  },
  /** This kit, everything sampled and written as X-Ray documents. */
  KIT_XRAY("kit, X-Ray documents written") {
    @Override
    Pair make() {
      return KitPair.of(KitPair.builder(CallSampler.ALWAYS));
    }
  },
  /** This kit, everything sampled, with a transport that hangs: recorded and never written. */
  KIT_RECORDED("kit, X-Ray recorded, not written") {
    @Override
    Pair make() {
      return KitPair.recorded();
    }

    @Override
    boolean isForLoopback() {
      return false;
    }
  },
  /** This kit, everything sampled, spans through OpenTelemetry's API and SDK. */
  KIT_OPENTELEMETRY("kit, OpenTelemetry spans, batched") {
    @Override
    Pair make() {
      return OpenTelemetryPair.kit();
    }
  },
  /** This kit, nothing sampled, with an observer that counts. */
  KIT_OBSERVED("kit, an observer that counts") {
    @Override
    Pair make() {
      LongAdder calls = new LongAdder();
      return KitPair.of(
          KitPair.builder(CallSampler.NEVER)
              .observer(
                  new CallObserver() {
                    @Override
                    public void ended(GrpcCall call) {
                      calls.increment();
                    }
                  }));
    }

    @Override
    boolean isForLoopback() {
      return false;
    }
  },
  /** This kit, nothing sampled, with its metrics for Prometheus. */
  KIT_PROMETHEUS("kit, Prometheus metrics alone") {
    @Override
    Pair make() {
      return KitPair.prometheus();
    }
  },
  /** This kit with X-Ray documents and metrics, and every slot of its server module. */
  KIT_EVERYTHING("kit, everything on") {
    @Override
    Pair make() {
      return KitPair.everything();
    }
  },
  /** Nothing but requests that are validated by the rules of their proto file. */
  PROTOVALIDATE("protovalidate alone") {
    @Override
    Pair make() {
      return Rules.alone();
    }

    @Override
    Object request() {
      return Rules.order();
    }

    @Override
    boolean isForLoopback() {
      return false;
    }
  },
  /** This kit, everything sampled and written, around that. */
  KIT_PROTOVALIDATE("kit, X-Ray documents written, protovalidate") {
    @Override
    Pair make() {
      return Rules.traced();
    }

    @Override
    Object request() {
      return Rules.order();
    }

    @Override
    boolean isForLoopback() {
      return false;
    }
  },
  /** gRPC's own metrics (A66), which are no interceptors and need a transport. */
  GRPC_METRICS("grpc-opentelemetry, metrics") {
    @Override
    Pair make() {
      return OpenTelemetryPair.grpcMetrics();
    }

    @Override
    boolean isForPair() {
      return false;
    }
  },
  /** OpenTelemetry's library with a sampler that drops everything. */
  OTEL_UNSAMPLED("OpenTelemetry library, not sampled") {
    @Override
    Pair make() {
      return OpenTelemetryPair.library(0);
    }
  },
  /** OpenTelemetry's library, one trace in a hundred sampled. */
  OTEL_ONE_PERCENT("OpenTelemetry library, 1 %") {
    @Override
    Pair make() {
      return OpenTelemetryPair.library(0.01);
    }
  },
  /** OpenTelemetry's library, everything sampled, a batch processor. */
  OTEL_SAMPLED("OpenTelemetry library, batched") {
    @Override
    Pair make() {
      return OpenTelemetryPair.library(1);
    }
  },
  /** Brave, nothing sampled. */
  BRAVE_UNSAMPLED("Brave, not sampled") {
    @Override
    Pair make() {
      return BravePair.unsampled();
    }
  },
  /** Brave, everything sampled, a handler that drops spans: recorded and never written. */
  BRAVE_SAMPLED("Brave, recorded, not written") {
    @Override
    Pair make() {
      return BravePair.recorded();
    }
  },
  /** Brave, everything sampled, spans queued and written as JSON by Zipkin's reporter. */
  BRAVE_REPORTED("Brave, Zipkin JSON written") {
    @Override
    Pair make() {
      return BravePair.reported();
    }
  },
  /** The X-Ray SDK, wired as its users wire it for gRPC, everything sampled. */
  XRAY_SDK("X-Ray SDK wiring") {
    @Override
    Pair make() {
      return XRaySdkWiring.make();
    }
  };

  private final String title;

  Variant(String title) {
    this.title = title;
  }

  abstract Pair make();

  /** Returns the message that calls send, and that answers are made of. */
  Object request() {
    return "request";
  }

  /** Returns what tables call it. */
  String title() {
    return title;
  }

  /** Returns whether it is measured without a transport. */
  boolean isForPair() {
    return true;
  }

  /** Returns whether it is measured over a transport. */
  boolean isForLoopback() {
    return true;
  }

  /** Returns the part of the class path that this variant needs. */
  String classPath(String whole) {
    List<String> others = new ArrayList<>();
    if (!name().startsWith("OTEL")) {
      // It changes how gRPC keeps its context, whoever traces.
      others.add("opentelemetry-grpc-1.6");
      if (this != KIT_OPENTELEMETRY && this != GRPC_METRICS) {
        others.add("opentelemetry");
      }
    }
    if (!name().startsWith("BRAVE")) {
      others.add("brave");
      others.add("zipkin");
    }
    if (this != XRAY_SDK) {
      others.add("aws-xray");
    }
    return Main.without(whole, others);
  }
}

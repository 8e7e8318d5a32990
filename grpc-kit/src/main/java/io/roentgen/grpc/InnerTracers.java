// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.lang.System.Logger.Level;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks for interceptors of other tracers that calls reach after this kit's. What they do cannot be
 * seen before they have done it; but which interceptors are still to come is kept by gRPC in what a
 * call is handed to next, a chain of its own objects whose fields are read here.
 *
 * <p>Interceptors are known by the names of their classes. One that another keeps to itself is not
 * found.
 */
final class InnerTracers {
  private static final System.Logger LOG = System.getLogger(InnerTracers.class.getName());

  /** How many objects of a chain are looked at. */
  private static final int MAX_LINKS = 64;

  /**
   * Another tracer.
   *
   * @param loaded a class that is there if it can be used
   * @param prefix what the names of its interceptors' classes begin with
   * @param observes whether it makes spans only if its registry has a handler that does
   */
  record Library(String name, String loaded, String prefix, boolean observes) {}

  static final List<Library> LIBRARIES =
      List.of(
          new Library(
              "OpenTelemetry",
              "io.opentelemetry.instrumentation.grpc.v1_6.GrpcTelemetry",
              "io.opentelemetry.instrumentation.grpc.",
              false),
          new Library("Brave", "brave.grpc.GrpcTracing", "brave.grpc.", false),
          new Library(
              "Micrometer",
              "io.micrometer.core.instrument.binder.grpc.ObservationGrpcServerInterceptor",
              "io.micrometer.core.instrument.binder.grpc.ObservationGrpc",
              true));

  /** gRPC's own tracing, an experiment that is there with its metrics and off unless asked for. */
  static final Library GRPC =
      new Library(
          "gRPC's own OpenTelemetry tracing",
          "io.grpc.opentelemetry.GrpcOpenTelemetry",
          "io.grpc.opentelemetry.OpenTelemetryTracingModule$",
          false);

  private static final String GRPC_FLAG = "ENABLE_OTEL_TRACING";

  private static final ClassValue<Field[]> LINKS =
      new ClassValue<>() {
        @Override
        protected Field[] computeValue(Class<?> type) {
          return links(type);
        }
      };

  private final Library[] libraries;
  private final ClassValue<Library[]> libraryOf =
      new ClassValue<>() {
        @Override
        protected Library[] computeValue(Class<?> type) {
          return libraryOf(type);
        }
      };

  /** Interceptors that observe, by whether that makes spans. */
  private volatile Observing[] observing = {};

  /** Channels are few and stay; the last one is most often the next. */
  private volatile @Nullable Looked lastLooked;

  private record Observing(WeakReference<Object> interceptor, boolean makesSpans) {}

  private record Looked(WeakReference<Channel> next, @Nullable String name) {}

  /** Returns the libraries that may have interceptors in this process. */
  static List<Library> known() {
    if (!isGrpcTracing()) {
      return LIBRARIES;
    }
    List<Library> all = new ArrayList<>(LIBRARIES);
    all.add(GRPC);
    return all;
  }

  /** Returns whether gRPC traces by itself, where it is configured to measure. */
  static boolean isGrpcTracing() {
    try {
      Field flag =
          Class.forName(GRPC.loaded, true, InnerTracers.class.getClassLoader())
              .getDeclaredField(GRPC_FLAG);
      flag.setAccessible(true);
      return flag.getBoolean(null);
    } catch (ClassNotFoundException | LinkageError notUsable) {
      return false;
    } catch (ReflectiveOperationException | RuntimeException another) {
      // It need not be an experiment for ever: then its interceptors say whether it is on.
      return true;
    }
  }

  /** Makes one that looks for those of {@code libraries} that are on the class path. */
  InnerTracers(List<Library> libraries) {
    List<Library> there = new ArrayList<>();
    for (Library library : libraries) {
      if (OtherTracers.exists(library.loaded, InnerTracers.class.getClassLoader())) {
        there.add(library);
      }
    }
    this.libraries = there.toArray(new Library[0]);
  }

  /** Returns the name of a tracer whose interceptor a served call goes through next, or null. */
  @Nullable String find(ServerCallHandler<?, ?> next) {
    return libraries.length == 0 ? null : new Search().along(next);
  }

  /** Returns the name of a tracer whose interceptor a call that is made goes through, or null. */
  @Nullable String find(Channel next) {
    if (libraries.length == 0) {
      return null;
    }
    Looked last = lastLooked;
    if (last != null && last.next.refersTo(next)) {
      return last.name;
    }
    String name = new Search().along(next);
    lastLooked = new Looked(new WeakReference<>(next), name);
    return name;
  }

  /** One way along a chain. */
  private final class Search {
    private int left = MAX_LINKS;

    @Nullable String along(Object link) {
      for (Field field : LINKS.get(link.getClass())) {
        Object value = read(field, link);
        if (value == null || left-- <= 0) {
          continue;
        }
        String found =
            value instanceof ServerInterceptor || value instanceof ClientInterceptor
                ? tracer(value)
                : along(value);
        if (found != null) {
          return found;
        }
      }
      return null;
    }
  }

  private @Nullable String tracer(Object interceptor) {
    for (Library library : libraryOf.get(interceptor.getClass())) {
      if (!library.observes || makesSpans(interceptor)) {
        return library.name;
      }
    }
    return null;
  }

  /** Returns the one library whose interceptor this is, if it is one's. */
  private Library[] libraryOf(Class<?> type) {
    for (Library library : libraries) {
      if (type.getName().startsWith(library.prefix)) {
        return new Library[] {library};
      }
    }
    return new Library[0];
  }

  private boolean makesSpans(Object interceptor) {
    for (Observing known : observing) {
      if (known.interceptor.refersTo(interceptor)) {
        return known.makesSpans;
      }
    }
    boolean makesSpans = Observations.traces(interceptor);
    synchronized (this) {
      List<Observing> all = new ArrayList<>();
      for (Observing known : observing) {
        if (!known.interceptor.refersTo(null)) {
          all.add(known);
        }
      }
      all.add(new Observing(new WeakReference<>(interceptor), makesSpans));
      observing = all.toArray(new Observing[0]);
    }
    return makesSpans;
  }

  /** Returns the fields of a link that have an interceptor or the next link. */
  private static Field[] links(Class<?> type) {
    List<Field> links = new ArrayList<>();
    for (Class<?> at = type; at != null && at != Object.class; at = at.getSuperclass()) {
      for (Field field : at.getDeclaredFields()) {
        Class<?> what = field.getType();
        // What is around an inner class is not what comes after it.
        boolean goesOn =
            ServerInterceptor.class.isAssignableFrom(what)
                || ServerCallHandler.class.isAssignableFrom(what)
                || ClientInterceptor.class.isAssignableFrom(what)
                || Channel.class.isAssignableFrom(what);
        if (goesOn
            && !Modifier.isStatic(field.getModifiers())
            && !field.getName().startsWith("this$")
            && isOpen(field)) {
          links.add(field);
        }
      }
    }
    return links.toArray(new Field[0]);
  }

  private static boolean isOpen(Field field) {
    try {
      field.setAccessible(true);
      return true;
    } catch (InaccessibleObjectException | SecurityException closed) {
      LOG.log(
          Level.WARNING,
          "interceptors not seen field="
              + field
              + "; another tracer's inside this kit's makes a second span",
          closed);
      return false;
    }
  }

  private static @Nullable Object read(Field field, Object link) {
    try {
      return field.get(link);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What is known of Micrometer, which need not be on the class path. */
  private static final class Observations {
    private static final String PACKAGE = "io.micrometer.observation.";
    private static final String TRACING = "io.micrometer.tracing.handler.TracingObservationHandler";

    /** Returns whether an interceptor's registry has a handler that makes spans. */
    static boolean traces(Object interceptor) {
      try {
        Field field = interceptor.getClass().getDeclaredField("registry");
        field.setAccessible(true);
        Object registry = field.get(interceptor);
        Object config = call(registry, PACKAGE + "ObservationRegistry", "observationConfig");
        return anyTraces(
            call(
                config,
                PACKAGE + "ObservationRegistry$ObservationConfig",
                "getObservationHandlers"));
      } catch (ReflectiveOperationException | RuntimeException e) {
        LOG.log(
            Level.WARNING,
            "observations not seen interceptor="
                + interceptor.getClass().getName()
                + "; if they make spans each call has two: install it outside this kit's",
            e);
        return false;
      }
    }

    private static boolean anyTraces(Object handlers) throws ReflectiveOperationException {
      String composite = PACKAGE + "ObservationHandler$CompositeObservationHandler";
      for (Object handler : (Collection<?>) handlers) {
        if (named(handler.getClass(), TRACING) != null) {
          return true;
        }
        if (named(handler.getClass(), composite) != null
            && anyTraces(call(handler, composite, "getHandlers"))) {
          return true;
        }
      }
      return false;
    }

    private static Object call(Object on, String declaring, String name)
        throws ReflectiveOperationException {
      Class<?> type = named(on.getClass(), declaring);
      if (type == null) {
        throw new ClassNotFoundException(on.getClass() + " is no " + declaring);
      }
      Method method = type.getDeclaredMethod(name);
      method.setAccessible(true);
      return method.invoke(on);
    }

    /** Returns what a class is or extends or implements that is called so, or null. */
    private static @Nullable Class<?> named(@Nullable Class<?> type, String name) {
      if (type == null || type.getName().equals(name)) {
        return type;
      }
      for (Class<?> implemented : type.getInterfaces()) {
        Class<?> found = named(implemented, name);
        if (found != null) {
          return found;
        }
      }
      return named(type.getSuperclass(), name);
    }
  }
}

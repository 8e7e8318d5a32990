// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Makes gRPC calls of methods that the server describes by reflection, with messages given as JSON.
 */
final class GrpcCalls implements AutoCloseable {
  private static final int MAX_MESSAGE = 64 << 20;
  private static final int MOST_FILES = 1_000;

  private final ManagedChannel channel;
  private final Channel withHeaders;
  private final Duration timeout;
  private final TraceStart trace;
  private final Map<String, FileDescriptor> files = new HashMap<>();

  /** Connects when the first call is made. */
  GrpcCalls(
      String target,
      boolean tls,
      Duration timeout,
      List<Map.Entry<String, String>> headers,
      TraceStart trace) {
    this.timeout = timeout;
    this.trace = trace;
    NettyChannelBuilder builder =
        NettyChannelBuilder.forTarget("dns:///" + target).maxInboundMessageSize(MAX_MESSAGE);
    if (!tls) {
      builder.usePlaintext();
    }
    channel = builder.build();
    withHeaders =
        ClientInterceptors.intercept(
            channel, MetadataUtils.newAttachHeadersInterceptor(metadata(headers)));
  }

  private static Metadata metadata(List<Map.Entry<String, String>> headers) {
    Metadata metadata = new Metadata();
    for (Map.Entry<String, String> header : headers) {
      if (header.getKey().endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
        throw new WrongUseException(
            "header: " + header.getKey() + " (expected: a text header; this one is binary)");
      }
      try {
        metadata.put(
            Metadata.Key.of(header.getKey(), Metadata.ASCII_STRING_MARSHALLER), header.getValue());
      } catch (IllegalArgumentException e) {
        throw new WrongUseException("header: " + e.getMessage(), e);
      }
    }
    return metadata;
  }

  /** A method, and how it is called. */
  record Method(
      MethodDescriptor descriptor, io.grpc.MethodDescriptor<DynamicMessage, DynamicMessage> grpc) {
    /** Returns a request. */
    DynamicMessage message(String json) {
      DynamicMessage.Builder builder = DynamicMessage.newBuilder(descriptor.getInputType());
      try {
        JsonFormat.parser().merge(json, builder);
      } catch (InvalidProtocolBufferException e) {
        throw new WrongUseException(
            "message: "
                + e.getMessage()
                + " (expected: JSON of "
                + descriptor.getInputType().getFullName()
                + ')',
            e);
      }
      return builder.build();
    }
  }

  /**
   * Asks the server for a method.
   *
   * @param name {@code package.Service/Method}
   * @throws WrongUseException if there is none, or the server does not answer or not describe
   *     itself
   */
  Method method(String name) throws InterruptedException {
    int slash = name.indexOf('/');
    if (slash < 1 || slash == name.length() - 1) {
      throw new WrongUseException("method: " + name + " (expected: package.Service/Method)");
    }
    String serviceName = name.substring(0, slash);
    ServiceDescriptor service = service(serviceName);
    MethodDescriptor method = service.findMethodByName(name.substring(slash + 1));
    if (method == null) {
      throw new WrongUseException(
          "method: "
              + name
              + " (expected: one of "
              + service.getMethods().stream().map(MethodDescriptor::getName).toList()
              + ')');
    }
    return new Method(
        method,
        io.grpc.MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
            .setType(type(method))
            .setFullMethodName(name)
            .setRequestMarshaller(
                ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getInputType())))
            .setResponseMarshaller(
                ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getOutputType())))
            .build());
  }

  private static MethodType type(MethodDescriptor method) {
    if (method.isClientStreaming()) {
      return method.isServerStreaming() ? MethodType.BIDI_STREAMING : MethodType.CLIENT_STREAMING;
    }
    return method.isServerStreaming() ? MethodType.SERVER_STREAMING : MethodType.UNARY;
  }

  private ServiceDescriptor service(String name) throws InterruptedException {
    Map<String, FileDescriptorProto> protos = new HashMap<>();
    String unknown = "service: " + name + " (expected: one that the server describes)";
    try (Asking asking = new Asking()) {
      FileDescriptorProto file =
          add(
              protos,
              asking.ask(
                  ServerReflectionRequest.newBuilder().setFileContainingSymbol(name).build()),
              unknown);
      List<String> wanted = new ArrayList<>(file.getDependencyList());
      Set<String> asked = new HashSet<>();
      while (!wanted.isEmpty()) {
        String next = wanted.remove(wanted.size() - 1);
        if (protos.containsKey(next) || !asked.add(next)) {
          continue;
        }
        if (asked.size() > MOST_FILES) {
          throw new WrongUseException("service: " + name + " needs more than 1000 files");
        }
        add(
            protos,
            asking.ask(ServerReflectionRequest.newBuilder().setFileByFilename(next).build()),
            "file: " + next + " (expected: one that the server describes)");
        FileDescriptorProto proto = protos.get(next);
        if (proto != null) {
          wanted.addAll(proto.getDependencyList());
        }
      }
      ServiceDescriptor service =
          file(protos, file.getName(), new HashSet<>())
              .findServiceByName(name.substring(name.lastIndexOf('.') + 1));
      if (service == null) {
        throw new WrongUseException(unknown);
      }
      return service;
    } catch (InvalidProtocolBufferException | Descriptors.DescriptorValidationException e) {
      throw new WrongUseException("service: " + name + ": the server's description is bad", e);
    }
  }

  /** Adds the files of an answer, and returns the first one. */
  private static FileDescriptorProto add(
      Map<String, FileDescriptorProto> protos, ServerReflectionResponse answer, String otherwise)
      throws InvalidProtocolBufferException {
    List<ByteString> bytes = answer.getFileDescriptorResponse().getFileDescriptorProtoList();
    if (bytes.isEmpty()) {
      throw new WrongUseException(otherwise);
    }
    for (ByteString one : bytes) {
      FileDescriptorProto proto = FileDescriptorProto.parseFrom(one);
      protos.put(proto.getName(), proto);
    }
    return FileDescriptorProto.parseFrom(bytes.get(0));
  }

  private FileDescriptor file(
      Map<String, FileDescriptorProto> protos, String name, Set<String> under)
      throws Descriptors.DescriptorValidationException {
    FileDescriptor known = files.get(name);
    if (known != null) {
      return known;
    }
    FileDescriptorProto proto = protos.get(name);
    if (proto == null || !under.add(name)) {
      throw new WrongUseException("file: " + name + ": the server's description is bad");
    }
    FileDescriptor[] dependencies = new FileDescriptor[proto.getDependencyCount()];
    for (int i = 0; i < dependencies.length; i++) {
      dependencies[i] = file(protos, proto.getDependency(i), under);
    }
    FileDescriptor file = FileDescriptor.buildFrom(proto, dependencies, true);
    files.put(name, file);
    return file;
  }

  /** One stream of questions to the server's reflection. */
  private final class Asking implements AutoCloseable {
    private final BlockingQueue<Object> answers = new ArrayBlockingQueue<>(2);
    private final StreamObserver<ServerReflectionRequest> questions =
        ServerReflectionGrpc.newStub(withHeaders)
            .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse answer) {
                    answers.add(answer);
                  }

                  @Override
                  public void onError(Throwable t) {
                    answers.add(Status.fromThrowable(t));
                  }

                  @Override
                  public void onCompleted() {
                    answers.add(Status.UNAVAILABLE.withDescription("the stream ended"));
                  }
                });

    ServerReflectionResponse ask(ServerReflectionRequest question) throws InterruptedException {
      questions.onNext(question);
      Object answer = answers.take();
      if (answer instanceof ServerReflectionResponse response) {
        return response;
      }
      Status status = (Status) answer;
      throw new WrongUseException(
          status.getCode() == Status.Code.UNIMPLEMENTED
              ? "the server does not describe its services (expected: grpc.reflection.v1)"
              : "cannot ask the server: " + status.getCode() + ' ' + status.getDescription());
    }

    @Override
    public void close() {
      ((ClientCallStreamObserver<ServerReflectionRequest>) questions).cancel("done", null);
    }
  }

  /**
   * How a call is made, beside its messages.
   *
   * @param cancelAfter so many messages received
   */
  record Options(Duration deadline, int cancelAfter) {
    static final int NEVER = Integer.MAX_VALUE;

    Options(Duration deadline) {
      this(deadline, NEVER);
    }
  }

  /**
   * What came.
   *
   * @param first when the first message did, {@link Answer#NOW} if none did
   */
  record Received(Status status, List<DynamicMessage> messages, long first) {}

  /** Returns the time-out of calls. */
  Duration timeout() {
    return timeout;
  }

  /** Makes a call of any kind: sends all messages, receives all, at most 1,000 of them kept. */
  Received call(Turn turn, Method method, List<DynamicMessage> requests, Options options)
      throws InterruptedException {
    Metadata headers = new Metadata();
    trace
        .headers(turn.random())
        .forEach(
            h ->
                headers.put(
                    Metadata.Key.of(h.getKey(), Metadata.ASCII_STRING_MARSHALLER), h.getValue()));
    ClientCall<DynamicMessage, DynamicMessage> call =
        withHeaders.newCall(
            method.grpc(),
            CallOptions.DEFAULT.withDeadlineAfter(
                options.deadline().toNanos(), TimeUnit.NANOSECONDS));
    Listening listening = new Listening(call, options.cancelAfter());
    call.start(listening, headers);
    call.request(1);
    for (DynamicMessage request : requests) {
      call.sendMessage(request);
    }
    call.halfClose();
    try {
      return listening.await();
    } catch (InterruptedException e) {
      call.cancel("cut off", e);
      throw e;
    }
  }

  private static final class Listening extends ClientCall.Listener<DynamicMessage> {
    private static final int MOST_KEPT = 1_000;

    private final ClientCall<DynamicMessage, DynamicMessage> call;
    private final int cancelAfter;
    private final List<DynamicMessage> messages = new ArrayList<>();
    private final BlockingQueue<Received> done = new ArrayBlockingQueue<>(1);
    private int count;
    private long first = Answer.NOW;

    Listening(ClientCall<DynamicMessage, DynamicMessage> call, int cancelAfter) {
      this.call = call;
      this.cancelAfter = cancelAfter;
    }

    @Override
    public void onMessage(DynamicMessage message) {
      if (first == Answer.NOW) {
        first = System.nanoTime();
      }
      if (messages.size() < MOST_KEPT) {
        messages.add(message);
      }
      count++;
      if (count == cancelAfter) {
        call.cancel("the client has seen enough", null);
      }
      call.request(1);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      done.add(new Received(status, messages, first));
    }

    Received await() throws InterruptedException {
      return done.take();
    }
  }

  /** Returns a scenario of one method and its messages. Expected is OK. */
  static Scenario scenario(
      GrpcCalls calls, String name, Shape shape, Method method, List<DynamicMessage> requests) {
    Call call =
        turn -> {
          Status status = calls.call(turn, method, requests, new Options(calls.timeout())).status();
          return new Answer(status.getCode().name(), !status.isOk(), Answer.NOW);
        };
    return new Scenario(
        name, shape, List.of(new Operation(method.descriptor().getName(), 1, call)), calls::close);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    try {
      var _ = channel.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import com.google.protobuf.DynamicMessage;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Calls of one method. */
@Command(
    name = "grpc",
    description =
        "Makes gRPC calls of one method, 10 a second for 10 s unless said otherwise. The server must"
            + " have reflection. A status that is not OK is a failed call.",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true)
final class GrpcCommand extends RunCommand {
  @Parameters(index = "0", paramLabel = "HOST:PORT", description = "For example 127.0.0.1:50051")
  private String target = "";

  @Parameters(
      index = "1",
      paramLabel = "METHOD",
      description = "For example greeting.v3.GreetingService/Greeting")
  private String method = "";

  @Parameters(
      index = "2..*",
      paramLabel = "JSON",
      description = "The request, {} by default; several are sent where the method takes a stream.")
  private List<String> messages = List.of();

  @Option(names = "--tls", description = "Over TLS; the server's certificate must be trusted.")
  private boolean tls;

  GrpcCommand(Ending process) {
    super(process);
  }

  @Override
  Scenario scenario() throws InterruptedException {
    Shape shape = options.shape(new Shape.Open(10));
    GrpcCalls calls =
        new GrpcCalls(
            Target.grpc(target, options.anywhere()),
            tls,
            options.timeout(),
            options.headers(),
            options.trace());
    try {
      GrpcCalls.Method found = calls.method(method);
      List<String> texts = messages.isEmpty() ? List.of("{}") : messages;
      if (texts.size() > 1 && !found.descriptor().isClientStreaming()) {
        throw new WrongUseException("JSON: " + texts.size() + " messages (expected: one)");
      }
      List<DynamicMessage> requests = texts.stream().map(found::message).toList();
      return GrpcCalls.scenario(calls, "grpc", shape, found, requests);
    } catch (WrongUseException | InterruptedException e) {
      calls.close();
      throw e;
    }
  }

  @Override
  int defaultSeconds() {
    return 10;
  }
}

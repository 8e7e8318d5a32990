// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Requests of one address. */
@Command(
    name = "http",
    description =
        "Sends HTTP requests to one address, 10 a second for 10 s unless said otherwise. A status of"
            + " 400 or more is a failed request.",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true)
final class HttpCommand extends RunCommand {
  @Parameters(paramLabel = "URL", description = "For example http://127.0.0.1:8080/api/greeting")
  private String url = "";

  @Option(names = "--method", defaultValue = "", description = "GET, or POST if there is a body.")
  private String method = "";

  @Option(names = "--body", defaultValue = "", description = "Of each request.")
  private String body = "";

  HttpCommand(Ending process) {
    super(process);
  }

  @Override
  Scenario scenario() {
    if (!method.matches("[A-Z]*")) {
      throw new WrongUseException("--method: " + method + " (expected: such as GET)");
    }
    String name = method.isEmpty() ? (body.isEmpty() ? "GET" : "POST") : method;
    var uri = Target.http(url, options.anywhere());
    return HttpCalls.scenario(
        options.httpCalls(),
        "http",
        options.shape(new Shape.Open(10)),
        uri,
        name,
        body.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  int defaultSeconds() {
    return 10;
  }
}

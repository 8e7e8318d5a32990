// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.otlp;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.roentgen.codec.otlp.DecodedRequest;
import io.roentgen.ingest.RequestResult;
import io.roentgen.ingest.Transport;
import io.roentgen.server.intake.Encoding;
import io.roentgen.server.intake.Intake;
import io.roentgen.server.intake.Refusal;
import io.roentgen.server.intake.RefusedException;
import io.roentgen.server.intake.Reply;
import io.roentgen.server.intake.RequestBody;
import io.roentgen.server.intake.RequestHandler;

/** {@code POST /v1/traces}: protobuf and JSON, answered in the encoding of the request. */
final class OtlpHttpService implements HttpService {
  private final Intake intake;
  private final OtlpExport export;
  private final int maxRequestBytes;

  OtlpHttpService(Intake intake, OtlpExport export, int maxRequestBytes) {
    this.intake = intake;
    this.export = export;
    this.maxRequestBytes = maxRequestBytes;
  }

  @Override
  public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) {
    return intake.handle(ctx, request, new Handler(request));
  }

  private final class Handler implements RequestHandler<DecodedRequest> {
    private final HttpRequest request;
    private final OtlpHttpAnswers answers;

    Handler(HttpRequest request) {
      this.request = request;
      answers = OtlpHttpAnswers.of(request);
    }

    @Override
    public Transport transport() {
      return Transport.OTLP_HTTP;
    }

    @Override
    public int maxBodyBytes() {
      return maxRequestBytes;
    }

    @Override
    public DecodedRequest decode(RequestBody body) {
      if (request.method() != HttpMethod.POST) {
        throw new RefusedException(
            new Refusal.WrongMethod("method: " + request.method() + " (expected: POST)"));
      }
      if (OtlpHttpAnswers.find(request) == null) {
        throw new RefusedException(
            new Refusal.UnsupportedType(
                "content-type: neither of OTLP's (expected: application/x-protobuf or"
                    + " application/json)"));
      }
      Encoding encoding =
          Encoding.of("content-encoding", request.headers().get(HttpHeaderNames.CONTENT_ENCODING));
      body.decompress(encoding, maxRequestBytes);
      return answers == OtlpHttpAnswers.JSON
          ? export.decodeJson(transport(), body)
          : export.decodeProtobuf(transport(), body);
    }

    @Override
    public Reply complete(DecodedRequest decoded) {
      RequestResult result = export.write(transport(), decoded);
      byte[] answer =
          answers == OtlpHttpAnswers.JSON
              ? PartialSuccess.json(decoded)
              : PartialSuccess.protobuf(decoded);
      return new Reply(answers.ok(answer), result);
    }

    @Override
    public HttpResponse refuse(Refusal refusal) {
      return answers.refuse(refusal);
    }
  }
}

// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.roentgen.ingest.RequestResult;
import io.roentgen.ingest.Transport;
import io.roentgen.server.intake.Deadline;
import io.roentgen.server.intake.Encoding;
import io.roentgen.server.intake.Intake;
import io.roentgen.server.intake.Refusal;
import io.roentgen.server.intake.RefusedException;
import io.roentgen.server.intake.Reply;
import io.roentgen.server.intake.RequestBody;
import io.roentgen.server.intake.RequestHandler;
import io.roentgen.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Speaks the protocol of the X-Ray API (AWS rest-json) for one operation: POST, JSON both ways,
 * gzip accepted, any content type.
 */
final class XRayService<T> implements HttpService {
  private static final int MAX_DEPTH = 64;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  // The body is bounded already, and a segment document may be as long as that.
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();
  private static final byte[] EMPTY_OBJECT = {'{', '}'};

  private final Intake intake;
  private final XRayOperation<T> operation;
  private final RequestAccess access;

  XRayService(Intake intake, XRayOperation<T> operation, RequestAccess access) {
    this.intake = intake;
    this.operation = operation;
    this.access = access;
  }

  @Override
  public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) {
    RequestAccess.BodyCheck check;
    try {
      check = access.check(ctx, request);
    } catch (RefusedException e) {
      RequestBody.forget(ctx, request);
      return XRayAnswers.refuse(e.refusal());
    }
    return intake.handle(ctx, request, new Handler(request, check));
  }

  private final class Handler implements RequestHandler<T> {
    private final HttpRequest request;
    private final RequestAccess.BodyCheck check;

    Handler(HttpRequest request, RequestAccess.BodyCheck check) {
      this.request = request;
      this.check = check;
    }

    @Override
    public @Nullable Transport transport() {
      return operation.transport();
    }

    @Override
    public int maxBodyBytes() {
      return operation.maxRequestBytes();
    }

    @Override
    public T decode(RequestBody body) {
      if (request.method() != HttpMethod.POST) {
        throw new RefusedException(
            new Refusal.WrongMethod("method: " + request.method() + " (expected: POST)"));
      }
      check.check(body.bytes(), body.offset(), body.length());
      Encoding encoding =
          Encoding.of("content-encoding", request.headers().get(HttpHeaderNames.CONTENT_ENCODING));
      body.decompress(encoding, operation.maxRequestBytes());
      try (JsonParser json = parser(body)) {
        return operation.read(json);
      } catch (JsonProcessingException e) {
        throw new RefusedException(new Refusal.Malformed(message(e)));
      } catch (IOException e) {
        throw new RefusedException(
            new Refusal.Malformed("body: not UTF-8 JSON: " + e.getMessage()));
      }
    }

    private static JsonParser parser(RequestBody body) throws IOException {
      return body.length() == 0
          ? JSON.createParser(EMPTY_OBJECT)
          : JSON.createParser(body.bytes(), body.offset(), body.length());
    }

    private static String message(JsonProcessingException e) {
      if (e instanceof StreamConstraintsException) {
        return "body: nested too deep, or a number with too many digits (expected: at most "
            + MAX_DEPTH
            + " levels, "
            + StreamReadConstraints.DEFAULT_MAX_NUM_LEN
            + " digits)";
      }
      var at = e.getLocation();
      String where = at == null ? "" : " at " + at.getLineNr() + ":" + at.getColumnNr();
      return "body: not JSON" + where + (e instanceof JsonEOFException ? ": ends too early" : "");
    }

    @Override
    public Reply complete(T decoded) {
      var bytes = new ByteArrayOutputStream(256);
      RequestResult result;
      try (JsonGenerator json = JSON.createGenerator(bytes)) {
        json.writeStartObject();
        result = operation.answer(decoded, json);
        json.writeEndObject();
      } catch (XRayException e) {
        return new Reply(XRayAnswers.refuse(e), RequestResult.REJECTED);
      } catch (Deadline.PassedException e) {
        return new Reply(
            XRayAnswers.refuse(XRayException.invalid(String.valueOf(e.getMessage()))),
            RequestResult.REJECTED);
      } catch (StoreException e) {
        return new Reply(XRayAnswers.refuse(e), RequestResult.FAILED);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write JSON to memory", e);
      }
      return new Reply(XRayAnswers.ok(bytes.toByteArray()), result);
    }

    @Override
    public HttpResponse refuse(Refusal refusal) {
      return XRayAnswers.refuse(refusal);
    }
  }
}

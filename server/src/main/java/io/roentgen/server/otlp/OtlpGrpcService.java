// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.otlp;

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
import java.nio.ByteBuffer;

/**
 * The gRPC method {@code TraceService/Export}: one message in a frame of five bytes and its
 * content, one answer and trailers. Source: "gRPC over HTTP2" and the OTLP specification.
 *
 * <p>The frames are read here and not by a gRPC library because that decompresses and copies on the
 * event loop, after it has taken in the whole message; here the bytes are bounded as they arrive,
 * and decompressed where decoding is done. RATIONALE.md of this module has more.
 */
final class OtlpGrpcService implements HttpService {
  private static final int FRAME_HEADER_BYTES = 5;

  private final Intake intake;
  private final OtlpExport export;
  private final int maxRequestBytes;

  OtlpGrpcService(Intake intake, OtlpExport export, int maxRequestBytes) {
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

    Handler(HttpRequest request) {
      this.request = request;
    }

    @Override
    public Transport transport() {
      return Transport.OTLP_GRPC;
    }

    @Override
    public int maxBodyBytes() {
      return maxRequestBytes + FRAME_HEADER_BYTES;
    }

    @Override
    public DecodedRequest decode(RequestBody body) {
      if (request.method() != HttpMethod.POST) {
        throw new RefusedException(
            new Refusal.WrongMethod("method: " + request.method() + " (expected: POST)"));
      }
      if (!OtlpRoutes.isGrpc(request)) {
        throw new RefusedException(
            new Refusal.UnsupportedType("content-type: not gRPC (expected: application/grpc)"));
      }
      if (unframe(body)) {
        Encoding encoding = Encoding.of("grpc-encoding", request.headers().get("grpc-encoding"));
        if (encoding == Encoding.IDENTITY) {
          throw new RefusedException(
              new Refusal.Malformed(
                  "grpc-encoding: none (expected: one, as the message is compressed)"));
        }
        body.decompress(encoding, maxRequestBytes);
      }
      return export.decodeProtobuf(transport(), body);
    }

    /** Takes the frame off and returns whether the message in it is compressed. */
    private static boolean unframe(RequestBody body) {
      if (body.length() < FRAME_HEADER_BYTES) {
        throw new RefusedException(
            new Refusal.Malformed("message: missing (expected: exactly one)"));
      }
      byte[] bytes = body.bytes();
      int at = body.offset();
      int flag = bytes[at];
      long length = Integer.toUnsignedLong(ByteBuffer.wrap(bytes).getInt(at + 1));
      if ((flag & ~1) != 0 || length != body.length() - FRAME_HEADER_BYTES) {
        throw new RefusedException(
            new Refusal.Malformed(
                "message: flag "
                    + flag
                    + " and length "
                    + length
                    + " before "
                    + (body.length() - FRAME_HEADER_BYTES)
                    + " bytes (expected: flag 0 or 1, and exactly one message)"));
      }
      body.skip(FRAME_HEADER_BYTES);
      return flag == 1;
    }

    @Override
    public Reply complete(DecodedRequest decoded) {
      RequestResult result = export.write(transport(), decoded);
      return new Reply(GrpcAnswers.message(PartialSuccess.protobuf(decoded)), result);
    }

    @Override
    public HttpResponse refuse(Refusal refusal) {
      return GrpcAnswers.refuse(refusal);
    }
  }
}

package io.crmwebhooks.admin;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/** Sends a {@link Problem} where no route does. Used by the event loop only. */
final class ProblemResponse {
  private ProblemResponse() {}

  static void send(RoutingContext ctx, Problem problem) {
    HttpServerResponse response = ctx.response();
    if (response.ended() || response.closed()) {
      return;
    }
    if (response.headWritten()) {
      response.close(); // half an answer is all that can be said
      return;
    }
    problem.headers().forEach(response::putHeader);
    end(response, problem);
  }

  /** Answers what is no HTTP request, or too long for one, and ends the connection. */
  static void refuseUnread(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    end(
        request.response(),
        cause instanceof TooLongHttpLineException
            ? Problem.of(414, "the request line is longer than this server takes")
            : cause instanceof TooLongHttpHeaderException
                ? Problem.of(431, "the headers are longer or more than this server takes")
                : Problem.of(400, "the request cannot be read"));
    request.response().close();
  }

  /** For the connection itself, where there is no request. */
  static FullHttpResponse of(Problem problem) {
    byte[] body = Json.bytes(problem.toJson());
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(problem.status()),
            Unpooled.wrappedBuffer(body));
    response
        .headers()
        .set(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
        .set(HttpHeaders.CONTENT_LENGTH, body.length);
    return response;
  }

  private static void end(HttpServerResponse response, Problem problem) {
    response
        .setStatusCode(problem.status())
        .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
        .end(Buffer.buffer(Json.bytes(problem.toJson())));
  }
}

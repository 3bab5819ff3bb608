package io.crmwebhooks.admin;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/**
 * The common parts of all responses, and the responses that no route makes. Used by the event loop
 * only.
 */
final class Responses {
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
          + " require-trusted-types-for 'script'; trusted-types 'none'";

  private Responses() {}

  /**
   * Tells browsers to take the media type as it is given, and to load scripts, styles and data from
   * here only. They run no inline ones, never make a page from a text (Trusted Types), show it in
   * no frame, and send no referrer. No header allows other origins, so a page of one can read
   * nothing here. A token is never sent by itself, as a cookie is, so such a page can do nothing
   * either.
   */
  static void secure(RoutingContext ctx) {
    MultiMap headers = ctx.response().headers();
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Content-Security-Policy", POLICY);
    headers.set("X-Frame-Options", "DENY");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("Cross-Origin-Opener-Policy", "same-origin");
    headers.set("Cache-Control", isOfConsole(ctx.normalizedPath()) ? "no-cache" : "no-store");
  }

  /** Its files hold no data. A browser may keep them, and asks each time whether they are newer. */
  private static boolean isOfConsole(String path) {
    return path.equals("/") || path.startsWith("/console/");
  }

  /** Sends a problem. */
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

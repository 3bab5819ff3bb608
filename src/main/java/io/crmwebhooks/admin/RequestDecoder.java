package io.crmwebhooks.admin;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;

/**
 * Reads requests as the server's own decoder does, with a bound on the number of headers: a short
 * one takes fifty times its length in memory, and a head may never end. Used by the event loop
 * only.
 */
final class RequestDecoder extends VertxHttpRequestDecoder {
  private static final int MOST_HEADERS = 100;

  RequestDecoder(HttpServerOptions options) {
    super(options);
  }

  @Override
  protected HttpMessage createMessage(String[] line) {
    return new DefaultHttpRequest(
        HttpVersion.valueOf(line[2]), HttpMethod.valueOf(line[0]), line[1], new FewHeaders());
  }

  private static final class FewHeaders extends DefaultHttpHeaders {
    @Override
    public HttpHeaders add(CharSequence name, Object value) {
      if (size() >= MOST_HEADERS) {
        throw new TooLongHttpHeaderException("more than " + MOST_HEADERS + " headers");
      }
      return super.add(name, value);
    }
  }
}

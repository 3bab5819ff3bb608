package io.crmwebhooks.http;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hc.core5.http.HttpMessage;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;

/**
 * Lets the one who makes an attempt on this thread see the headers as they went over the wire,
 * which the routes do not keep. Only a test of a webhook does.
 */
public final class AttemptTap implements AutoCloseable {
  private static final ThreadLocal<AttemptTap> CURRENT = new ThreadLocal<>();

  private Map<String, String> requestHeaders = Map.of();
  private Map<String, String> responseHeaders = Map.of();
  private Integer status;

  private AttemptTap() {}

  /** Sees the attempts of this thread until it is closed. */
  public static AttemptTap open() {
    AttemptTap tap = new AttemptTap();
    CURRENT.set(tap);
    return tap;
  }

  /** Whether somebody wants to see the headers of this thread's attempt. */
  static boolean isOpen() {
    return CURRENT.get() != null;
  }

  static void observe(HttpRequest request, HttpResponse response) {
    AttemptTap tap = CURRENT.get();
    if (tap != null) {
      tap.requestHeaders = headers(request);
      tap.responseHeaders = headers(response);
      tap.status = response.getCode();
    }
  }

  private static Map<String, String> headers(HttpMessage message) {
    Map<String, String> headers = new LinkedHashMap<>();
    message
        .headerIterator()
        .forEachRemaining(
            header ->
                headers.merge(
                    header.getName(), String.valueOf(header.getValue()), (a, b) -> a + ", " + b));
    return headers;
  }

  public Map<String, String> requestHeaders() {
    return requestHeaders;
  }

  public Map<String, String> responseHeaders() {
    return responseHeaders;
  }

  /** Null when there was no response. */
  public Integer status() {
    return status;
  }

  @Override
  public void close() {
    CURRENT.remove();
  }
}

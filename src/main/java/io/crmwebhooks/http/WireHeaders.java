package io.crmwebhooks.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hc.core5.http.HttpMessage;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;

/**
 * The headers of one attempt as they went over the wire, which the routes do not keep. Only a test
 * of a webhook asks for them. Of one thread.
 */
public final class WireHeaders {
  private Map<String, String> request = new TreeMap<>();
  private Map<String, String> response = new TreeMap<>();
  private final List<Token> tokens = new ArrayList<>();
  private Integer status;

  /**
   * An access token that the request needed.
   *
   * @param fetched from its server, and not kept from before
   * @param error why there is none, in words; null: there is
   */
  public record Token(boolean fetched, long millis, String error) {}

  void observe(HttpRequest sent, HttpResponse answer) {
    request = headers(sent);
    response = headers(answer);
    status = answer.getCode();
  }

  void observe(Map<String, String> sent) {
    request = new TreeMap<>(sent);
  }

  private static Map<String, String> headers(HttpMessage message) {
    Map<String, String> headers = new TreeMap<>();
    message
        .headerIterator()
        .forEachRemaining(
            header ->
                headers.merge(
                    header.getName(), String.valueOf(header.getValue()), (a, b) -> a + ", " + b));
    return headers;
  }

  /** Those of the request; of what may be a secret only the names. */
  public Map<String, String> request() {
    request.replaceAll(
        (name, value) -> RequestHeaders.isPlain(name) ? value : RequestHeaders.HIDDEN);
    return request;
  }

  /** Those of the answer, without the values of cookies; none when there was no answer. */
  public Map<String, String> response() {
    response.replaceAll(
        (name, value) ->
            name.regionMatches(true, 0, "set-cookie", 0, 10) ? RequestHeaders.HIDDEN : value);
    return response;
  }

  /** One where the webhook has client credentials, and another one after an answer of 401. */
  public List<Token> tokens() {
    return tokens;
  }

  /** Null when there was no response. */
  public Integer status() {
    return status;
  }
}

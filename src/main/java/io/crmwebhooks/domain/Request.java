package io.crmwebhooks.domain;

import java.util.Map;

/**
 * How a delivery is sent where a route has made that differ from its webhook. It is kept with the
 * delivery. Immutable.
 *
 * @param url where to; null: as the webhook says
 * @param endpoint scheme, host and port of the URL, where they are others than the webhook's; null:
 *     they are not
 * @param contentType of the body; null: that of the format
 * @param headers sent besides those of the contract; they win over the webhook's own
 */
public record Request(
    String url, String endpoint, String contentType, Map<String, String> headers) {
  /** Nothing but the body differs. */
  public static final Request SAME = new Request(null, null, null, Map.of());

  public Request {
    headers = headers == null ? Map.of() : Map.copyOf(headers);
  }
}

package io.crmwebhooks.http;

import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;

/**
 * Which headers of the message camel-http sends: all but Camel's own, and the content type, which
 * goes with the body. The signing has removed everything that it did not set, so camel-http's own
 * patterns would look for nothing, at a tenth of the cost of a delivery. Thread-safe.
 */
public final class SentHeaders implements HeaderFilterStrategy {
  @Override
  public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
    return name.startsWith("Camel") || name.equals(Exchange.CONTENT_TYPE);
  }

  @Override
  public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
    return true;
  }
}

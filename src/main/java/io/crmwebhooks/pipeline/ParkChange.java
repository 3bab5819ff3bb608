package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.MalformedChangeException;
import io.crmwebhooks.domain.Verdicts;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Sets aside the change that a step has failed on, with the reason, so that the changes behind it
 * go on. Thread-safe.
 */
public final class ParkChange implements Processor {
  @Override
  public void process(Exchange exchange) {
    Change change = exchange.getProperty("change", Change.class);
    Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    Verdicts.of(exchange).refuse(change, reason(exchange, failure));
  }

  /** Why the change cannot be sent, in words. */
  static String reason(Exchange exchange, Exception failure) {
    return failure instanceof MalformedChangeException
        ? failure.getMessage()
        : "could not be dispatched: " + StepPlace.of(exchange, failure) + rootMessage(failure);
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root.getClass().getSimpleName() + ": " + withoutExchange(root.getMessage());
  }

  /** Camel names exchanges and messages by ids that say nothing to whoever reads it later. */
  private static String withoutExchange(String message) {
    return message == null
        ? "no message"
        : message
            .replaceAll("( on the exchange:|\\.)? ?(Exchange|Message)\\[[^\\]]*]", "")
            .replaceAll("\\b[0-9A-F]{10,}-[0-9A-F]{16}\\b", "…");
  }
}

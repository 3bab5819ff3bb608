package io.crmwebhooks.dispatch;

import io.crmwebhooks.observe.News;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Sets aside the change that a step of the dispatch has failed on, with the reason, so that the
 * changes behind it go on.
 */
public final class ParkChange implements Processor {
  private final News news;

  public ParkChange(News news) {
    this.news = news;
  }

  @Override
  public void process(Exchange exchange) {
    Change change = exchange.getProperty("change", Change.class);
    String reason = reason(exchange);
    news.tell("change.parked", null, change + ": " + reason);
    Batch.of(exchange).park(change, reason);
  }

  /** Why the change could not be dispatched, in words. */
  public static String reason(Exchange exchange) {
    Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    return failure instanceof MalformedChangeException
        ? failure.getMessage()
        : "could not be dispatched: " + rootMessage(failure);
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root.getClass().getSimpleName() + ": " + root.getMessage();
  }
}

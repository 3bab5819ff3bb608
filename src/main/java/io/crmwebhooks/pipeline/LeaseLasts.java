package io.crmwebhooks.pipeline;

import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.Predicate;

/**
 * Matches while a claim may still be recorded as one's own. That of a batch is renewed while it
 * moves; the lease of any other is counted from the making of the exchange, which is before the
 * claim, however long each try of the record takes. Thread-safe.
 */
public final class LeaseLasts implements Predicate {
  private final long millis;

  public LeaseLasts(Duration lease) {
    this.millis = lease.toMillis();
  }

  @Override
  public boolean matches(Exchange exchange) {
    Batch batch = Batch.of(exchange);
    return batch == null ? exchange.getClock().elapsed() < millis : batch.claim().isHeld();
  }
}

package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Outcome;
import org.apache.camel.Exchange;
import org.apache.camel.Predicate;

/**
 * Hands the outcome in the body to its batch, and matches when it must be recorded on its own:
 * because the delivery was a pending one, or because its batch has been recorded without it.
 * Thread-safe.
 */
public final class LateOutcome implements Predicate {
  @Override
  public boolean matches(Exchange exchange) {
    Outcome outcome = exchange.getMessage().getBody(Outcome.class);
    Batch batch = outcome.delivery().batch();
    return batch == null || !batch.accept(outcome);
  }
}

package io.crmwebhooks.deliver;

import io.crmwebhooks.record.Outcome;
import org.apache.camel.Exchange;
import org.apache.camel.Predicate;

/** Matches an outcome, in the body, that says that the webhook is gone for good. Thread-safe. */
public final class WebhookGone implements Predicate {
  @Override
  public boolean matches(Exchange exchange) {
    return exchange.getMessage().getBody() instanceof Outcome.Gone;
  }
}

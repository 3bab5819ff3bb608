package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Outcome;
import org.apache.camel.Exchange;
import org.apache.camel.Predicate;

/**
 * Matches an outcome, in the body, that says that the webhook is gone for good, unless the database
 * knows already. Thread-safe.
 */
public final class WebhookGone implements Predicate {
  private final EndpointLoads loads;

  public WebhookGone(EndpointLoads loads) {
    this.loads = loads;
  }

  @Override
  public boolean matches(Exchange exchange) {
    return exchange.getMessage().getBody() instanceof Outcome.Gone gone
        && loads.of(gone.delivery().webhook().id()).isGoneUnrecorded();
  }
}

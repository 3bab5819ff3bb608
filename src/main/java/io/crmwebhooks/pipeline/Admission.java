package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Delivery;
import org.apache.camel.Exchange;
import org.apache.camel.Predicate;

/**
 * Says whether the delivery in the body, of a batch, may be sent now: its webhook has an attempt
 * free, which a paused one has not, and the batch is still open. If not it stays owed, and is
 * recorded as pending with its batch; for a webhook that is gone, as cancelled. Thread-safe.
 */
public final class Admission implements Predicate {
  private final EndpointLoads loads;

  public Admission(EndpointLoads loads) {
    this.loads = loads;
  }

  @Override
  public boolean matches(Exchange exchange) {
    Delivery delivery = exchange.getMessage().getBody(Delivery.class);
    EndpointLoad load = loads.of(delivery.webhook().id());
    if (load.isGone(delivery.webhook())) {
      delivery.batch().cancel(delivery);
      return false;
    }
    if (!load.tryEnter(load.health().limit(delivery.webhook().concurrency()))) {
      delivery.batch().refuse(delivery);
      return false;
    }
    if (delivery.batch().start(delivery)) {
      return true;
    }
    load.withdraw();
    return false;
  }
}

package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Webhook;
import java.util.Collection;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Processor;

/**
 * Owes the change in the body to every webhook subscribed to it, with one body rendered for all of
 * them.
 */
public final class OweDeliveries implements Processor {
  private final Subscriptions subscriptions;

  public OweDeliveries(Subscriptions subscriptions) {
    this.subscriptions = subscriptions;
  }

  @Override
  public void process(Exchange exchange) throws InvalidPayloadException {
    Change change = exchange.getMessage().getMandatoryBody(Change.class);
    Collection<Webhook> webhooks = subscriptions.matching(change.getWorkspace(), change.getEvent());
    Batch batch = Batch.of(exchange);
    if (webhooks.isEmpty()) {
      batch.owe(change, List.of());
      return;
    }
    byte[] body = PayloadRenderer.render(change);
    batch.owe(
        change, webhooks.stream().map(webhook -> delivery(change, webhook, body, batch)).toList());
  }

  private static Delivery delivery(Change change, Webhook webhook, byte[] body, Batch batch) {
    return Delivery.first(
            change.getId(),
            change.getEpoch(),
            change.getEvent(),
            change.getRecordId(),
            webhook,
            body,
            change.isCustomised(),
            batch)
        .occurredAt(change.getOccurredAt());
  }
}

package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Outcome;
import java.time.Duration;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Predicate;

/**
 * Says of a batch whether {@code owe-in-order.sql} is to run before it is sent, and makes its JSON
 * parameter. It runs while any webhook wants an order, also when the batch owes nothing to that
 * one: then nobody has to wait for the batch. Thread-safe.
 */
public final class OweInOrder implements Predicate {
  private final Subscriptions subscriptions;

  public OweInOrder(Subscriptions subscriptions) {
    this.subscriptions = subscriptions;
  }

  @Override
  public boolean matches(Exchange exchange) {
    return !Batch.of(exchange).inOrder().isEmpty() || subscriptions.anyInOrder();
  }

  /** Leaves in the body what is to be owed. */
  public void rows(Exchange exchange) {
    List<OutcomeRow> rows =
        Batch.of(exchange).inOrder().stream()
            .map(delivery -> OutcomeRow.appended(new Outcome.Owed(delivery, Duration.ZERO)))
            .toList();
    exchange.getMessage().setBody(rows);
  }

  /** Notes that they stand in the database. */
  public void written(Exchange exchange) {
    Batch.of(exchange).writtenInOrder();
  }
}

package io.crmwebhooks.dispatch;

import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Turns the rows of {@code claim-changes.sql} into the batch that the exchange carries from here
 * on. What the routes ask of it stands beside it as properties: Camel remembers the objects that an
 * expression such as {@code ${body.changes}} was asked of, a thousand of them.
 */
public final class OpenBatch implements Processor {
  private final IntConsumer sizes;

  /**
   * @param sizes is told how many changes each batch has
   */
  public OpenBatch(IntConsumer sizes) {
    this.sizes = sizes;
  }

  @Override
  @SuppressWarnings("unchecked")
  public void process(Exchange exchange) {
    List<Map<String, Object>> rows = exchange.getMessage().getBody(List.class);
    sizes.accept(rows.size());
    Batch batch = new Batch(rows.stream().map(Change::new).toList());
    exchange.setProperty(Batch.PROPERTY, batch);
    exchange.setProperty("changes", batch.getChanges());
    exchange.setProperty("claim", rows.get(0).get("claim_id"));
    exchange.setProperty("revision", rows.get(0).get("revision"));
  }
}

package io.crmwebhooks.dispatch;

import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Turns the rows of {@code claim-changes.sql} into the batch that the exchange carries from here
 * on.
 */
public final class OpenBatch implements Processor {
  @Override
  @SuppressWarnings("unchecked")
  public void process(Exchange exchange) {
    List<Map<String, Object>> rows = exchange.getMessage().getBody(List.class);
    long revision = ((Number) rows.get(0).get("revision")).longValue();
    Batch batch = new Batch(rows.stream().map(Change::new).toList(), revision);
    exchange.setProperty(Batch.PROPERTY, batch);
    exchange.getMessage().setBody(batch);
  }
}

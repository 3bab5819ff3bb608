package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Aside;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.domain.Verdicts;
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
  private final Claims claims;
  private final IntConsumer sizes;
  private final News news;

  /**
   * @param sizes is told how many changes each batch has
   */
  public OpenBatch(Claims claims, IntConsumer sizes, News news) {
    this.claims = claims;
    this.sizes = sizes;
    this.news = news;
  }

  @Override
  @SuppressWarnings("unchecked")
  public void process(Exchange exchange) {
    List<Map<String, Object>> rows = exchange.getMessage().getBody(List.class);
    Aside.run("sizes of batches", () -> sizes.accept(rows.size()));
    Claim claim = claims.open(exchange, ((Number) rows.get(0).get("claim_id")).longValue());
    Batch batch = new Batch(rows.stream().map(Change::new).toList(), claim, news);
    exchange.setProperty(Batch.PROPERTY, batch);
    exchange.setProperty(Verdicts.PROPERTY, batch.verdicts());
    exchange.setProperty("changes", batch.getChanges());
    exchange.setProperty("claim", rows.get(0).get("claim_id"));
    exchange.setProperty("revision", rows.get(0).get("revision"));
  }
}

package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.News;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.RuntimeCamelException;

/**
 * What becomes of outcomes of pending deliveries that the database refuses to record: they are
 * recorded in halves, these again, and the delivery whose outcome is refused all by itself is
 * recorded without the words of others, and dies with the reason when that is refused, too.
 * Thread-safe.
 */
public final class RefusedOutcomes {
  /** The exchange property with the rows that are being written. */
  static final String ROWS = "rows";

  private final News news;

  public RefusedOutcomes(News news) {
    this.news = news;
  }

  /**
   * The rows of the exchange in two parts, or as one that says less.
   *
   * @throws RuntimeCamelException when there is no less; the delivery falls due when its lease ends
   */
  public List<List<OutcomeRow>> halves(Exchange exchange) {
    @SuppressWarnings("unchecked")
    List<OutcomeRow> rows = exchange.getProperty(ROWS, List.class);
    int half = rows.size() / 2;
    if (half > 0) {
      return List.of(rows.subList(0, half), rows.subList(half, rows.size()));
    }
    OutcomeRow row = rows.get(0);
    if (row.saysLeast()) {
      throw new RuntimeCamelException(
          "the outcome of delivery " + row.id() + " cannot be recorded",
          exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
    }
    OutcomeRow plain = row.withoutWords();
    if (!plain.equals(row)) {
      return List.of(List.of(plain));
    }
    String reason = Refusal.reason(exchange);
    news.tell(
        "delivery.dead", row.subscriptionId().toString(), "delivery " + row.id() + ": " + reason);
    return List.of(List.of(row.unrecordable(reason)));
  }
}

package io.crmwebhooks.pipeline;

import io.crmwebhooks.database.StorableText;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a batch and makes the document that {@code record-batch.sql} reads: the outcome of each
 * delivery, the changes that were parked or dropped, and those that nobody had time for.
 * Thread-safe.
 */
public final class BatchRecord {
  private static final Logger LOG = LoggerFactory.getLogger(BatchRecord.class);

  /** The exchange property with the {@link BatchDocument} that is being written. */
  static final String DOCUMENT = "document";

  /** The exchange property with the claim that ends with it. */
  static final String CLAIM = "claim";

  private final EndpointLoads loads;
  private final Duration lease;

  /**
   * @param lease how long a delivery that is still being sent is left alone
   */
  public BatchRecord(EndpointLoads loads, Duration lease) {
    this.loads = loads;
    this.lease = lease;
  }

  /** Closes the batch of the exchange and leaves its document in the exchange. */
  public void close(Exchange exchange) {
    Batch batch = Batch.of(exchange);
    Batch.Closed closed = batch.close(lease);
    for (Delivery stuck : batch.unanswered()) {
      loads.observeUnanswered(stuck);
    }
    exchange.setProperty(
        "owesMore", closed.outcomes().stream().anyMatch(Outcome.Owed.class::isInstance));
    exchange.setProperty("updates", updates(batch, closed));
    exchange.setProperty(
        DOCUMENT,
        new BatchDocument(
            closed.returned(),
            closed.outcomes().stream().map(OutcomeRow::appended).toList(),
            batch.parked().entrySet().stream()
                .map(p -> new BatchDocument.Parked(p.getKey(), StorableText.of(p.getValue())))
                .toList(),
            batch.dropped()));
  }

  /** What {@code supersede.sql} reads; null when there is nothing to do for it. */
  private static List<OutcomeRow> updates(Batch batch, Batch.Closed closed) {
    List<OutcomeRow> updates =
        Stream.concat(
                batch.inOrder().stream().map(delivery -> new Outcome.Owed(delivery, Duration.ZERO)),
                closed.outcomes().stream())
            .filter(outcome -> outcome.delivery().supersedes())
            .filter(
                outcome ->
                    !(outcome instanceof Outcome.Dead
                        || outcome instanceof Outcome.Gone
                        || outcome instanceof Outcome.Cancelled))
            .map(OutcomeRow::appended)
            .toList();
    return updates.isEmpty() ? null : updates;
  }

  /** Tells when nothing was written, because the claim was no longer there. */
  public void written(Exchange exchange) {
    if (exchange.getMessage().getHeader("CamelJdbcRowCount", 0, Integer.class) == 0) {
      LOG.warn(
          "batch.lost claim={} its lease had ended; whoever has its changes now records them",
          exchange.getProperty(CLAIM));
    }
  }

  /**
   * Notes that the batch stands in the database; the outcomes that came too late for it are left in
   * the body.
   */
  public void recorded(Exchange exchange) {
    exchange.getMessage().setBody(Batch.of(exchange).recorded());
  }
}

package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.News;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.RuntimeCamelException;

/**
 * What becomes of a batch that the database refuses to record: it is recorded in halves, these
 * again, and the change that is refused all by itself is recorded without the words of others, such
 * as a receiver's answer, and only when that is refused, too, parked: so it does not stop those
 * beside it. Its deliveries may have been sent. Thread-safe.
 */
public final class RefusedBatch {
  private static final String PARTS = "parts";

  private final News news;

  public RefusedBatch(News news) {
    this.news = news;
  }

  /** A part of a batch and the claim that ends with it; 0: none does. */
  public record Part(long claim, BatchDocument document) {}

  /**
   * Splits the document of the exchange and leaves the changes that need a claim of their own in
   * the body.
   *
   * @throws RuntimeCamelException when nothing is left to be split or parked; the batch is repeated
   *     when its lease ends
   */
  public void split(Exchange exchange) {
    BatchDocument document = exchange.getProperty(BatchRecord.DOCUMENT, BatchDocument.class);
    BatchDocument plain = document.withoutWords();
    if (document.changeIds().size() == 1 && !plain.equals(document)) {
      exchange.setProperty(PARTS, List.of(plain));
      exchange.getMessage().setBody(Set.of());
      return;
    }
    if (document.bare()) {
      throw new RuntimeCamelException(
          "changes " + document.changeIds() + " can be neither recorded nor parked",
          exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
    }
    List<Long> ids = document.changeIds();
    Set<Long> first = Set.copyOf(ids.subList(0, ids.size() / 2));
    if (first.isEmpty()) {
      String reason = Refusal.reason(exchange) + "; it may have been sent";
      news.tell("change.parked", null, "change " + ids.get(0) + ": " + reason);
      exchange.setProperty(PARTS, List.of(document.parking(reason)));
    } else {
      exchange.setProperty(
          PARTS, List.of(document.only(first::contains), document.only(id -> !first.contains(id))));
    }
    exchange.getMessage().setBody(first);
  }

  /**
   * The parts with their claims.
   *
   * @param claimed the new claim of the first part; no row when it has none
   */
  public List<Part> parts(@Body List<Map<String, Object>> claimed, Exchange exchange) {
    List<?> documents = exchange.getProperty(PARTS, List.class);
    long claim = exchange.getProperty(BatchRecord.CLAIM, Long.class);
    BatchDocument last = (BatchDocument) documents.get(documents.size() - 1);
    if (documents.size() == 1) {
      return List.of(new Part(claim, last));
    }
    long own = claimed.isEmpty() ? 0 : ((Number) claimed.get(0).get("claim_id")).longValue();
    return List.of(new Part(own, (BatchDocument) documents.get(0)), new Part(claim, last));
  }

  /** Makes the part in the body what is recorded next. */
  public void take(@Body Part part, Exchange exchange) {
    exchange.setProperty(BatchRecord.CLAIM, part.claim());
    exchange.setProperty(BatchRecord.DOCUMENT, part.document());
  }
}

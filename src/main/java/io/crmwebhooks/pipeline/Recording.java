package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.crmwebhooks.database.StorableText;
import io.crmwebhooks.domain.Delivery.Line;
import io.crmwebhooks.domain.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stage that writes what came of the deliveries: makes the parameters of {@code
 * find-waiting.sql}, {@code settle-batch.sql}, {@code supersede.sql} and {@code
 * record-redeliveries.sql}. Thread-safe.
 */
public final class Recording {
  private static final Logger LOG = LoggerFactory.getLogger(Recording.class);

  /** The exchange property with the {@link BatchDocument} that is being written. */
  static final String DOCUMENT = "document";

  /**
   * The exchange property with the id of the change that alone is written; empty: all of them are,
   * and the claim ends.
   */
  static final String ONLY = "only";

  private final Endpoints endpoints;
  private final Duration deliveryLease;
  private final Duration pollLease;

  /**
   * @param deliveryLease how long a delivery that is still being sent is left alone
   * @param pollLease how long a claim lasts that is not renewed
   */
  public Recording(Endpoints endpoints, Duration deliveryLease, Duration pollLease) {
    this.endpoints = endpoints;
    this.deliveryLease = deliveryLease;
    this.pollLease = pollLease;
  }

  /**
   * Hands the outcome in the body to its batch, and says whether it must be recorded on its own:
   * the delivery was a pending one, or its batch is recorded without it.
   */
  public boolean isLate(Exchange exchange) {
    Batch batch = Carried.BATCH.of(exchange);
    return batch == null || !batch.accept(exchange.getMessage().getBody(Outcome.class));
  }

  /**
   * Says whether a claim may still be recorded as one's own. The lease of a batch is renewed while
   * it moves. Any other lease counts from the creation of the exchange, which is before the claim,
   * however long each try of the record takes.
   */
  public boolean leaseLasts(Exchange exchange) {
    Batch batch = Carried.BATCH.of(exchange);
    return batch == null
        ? exchange.getClock().elapsed() < pollLease.toMillis()
        : batch.claim().isHeld();
  }

  /** Whether the batch owes deliveries that keep an order. */
  public static boolean keepsOrder(Exchange exchange) {
    return !Carried.BATCH.of(exchange).lines().isEmpty();
  }

  /** The lines of one webhook. */
  record Lines(
      @JsonProperty("subscription_id") UUID webhookId,
      @JsonProperty("records") List<RecordOf> records) {}

  /** The record of a line. */
  record RecordOf(
      @JsonProperty("object") String object, @JsonProperty("record_id") String recordId) {}

  /** The input of {@code find-waiting.sql}. */
  public List<Lines> lines(Exchange exchange) {
    Map<UUID, List<RecordOf>> byWebhook =
        Carried.BATCH.of(exchange).lines().stream()
            .collect(
                Collectors.groupingBy(
                    Line::webhookId,
                    Collectors.mapping(
                        line -> new RecordOf(line.object(), line.recordId()),
                        Collectors.toList())));
    return byWebhook.entrySet().stream().map(of -> new Lines(of.getKey(), of.getValue())).toList();
  }

  /** Takes its answer. */
  public void hold(@Body List<Map<String, Object>> rows, Exchange exchange) {
    Batch batch = Carried.BATCH.of(exchange);
    for (Map<String, Object> row : rows) {
      batch.waitFrom(
          new Line(
              (UUID) row.get("subscription_id"),
              (String) row.get("object"),
              (String) row.get("record_id")),
          ((Number) row.get("change_id")).longValue());
    }
  }

  /** Closes the batch of the exchange and leaves its document in the exchange. */
  public void close(Exchange exchange) {
    Batch batch = Carried.BATCH.of(exchange);
    Ledger.Closed closed = batch.close(deliveryLease);
    batch.unanswered().forEach(endpoints::observeUnanswered);
    exchange.setProperty("owesMore", closed.outcomes().stream().anyMatch(Recording::isPending));
    exchange.setProperty("updates", updates(closed));
    exchange.setProperty(ONLY, "");
    exchange.setProperty(
        DOCUMENT,
        new BatchDocument(
            batch.isOfLog() ? Set.of() : closed.returned(),
            closed.outcomes().stream().map(OutcomeRow::appended).toList(),
            batch.verdicts().parked().entrySet().stream()
                .map(p -> new BatchDocument.Parked(p.getKey(), StorableText.of(p.getValue())))
                .toList(),
            batch.verdicts().dropped()));
  }

  private static boolean isPending(Outcome outcome) {
    return outcome.state() == Outcome.State.RETRY
        && outcome.attempt() == null
        && outcome.delay() != null
        && !outcome.waits();
  }

  /** The input of {@code supersede.sql}; null when there is nothing to do for it. */
  private static List<OutcomeRow> updates(Ledger.Closed closed) {
    List<OutcomeRow> updates =
        closed.outcomes().stream().filter(Recording::supersedes).map(OutcomeRow::appended).toList();
    return updates.isEmpty() ? null : updates;
  }

  private static boolean supersedes(Outcome outcome) {
    return outcome.delivery().supersedes()
        && outcome.state() != Outcome.State.DEAD
        && outcome.state() != Outcome.State.CANCELLED;
  }

  /** Tells when nothing was written, because the claim was no longer there. */
  public void written(Exchange exchange) {
    if (exchange.getMessage().getHeader("CamelJdbcRowCount", 0, Integer.class) == 0) {
      LOG.warn(
          "batch.lost claim={} its lease had ended; whoever has its changes now records them",
          Carried.BATCH.of(exchange).claim().id());
    }
  }

  /**
   * Notes that the batch stands in the database.
   *
   * @return the outcomes that came too late for it
   */
  public List<Outcome> recorded(Exchange exchange) {
    return Carried.BATCH.of(exchange).recorded();
  }

  /** The outcomes of pending deliveries as rows. */
  public List<OutcomeRow> rows(@Body List<Outcome> outcomes) {
    return outcomes.stream()
        .flatMap(outcome -> outcome.each().stream())
        .map(OutcomeRow::updated)
        .toList();
  }

  /**
   * The input of {@code settle-batch.sql}: all outcomes of a batch, or of one change. Immutable.
   */
  record BatchDocument(
      Set<Long> returned, List<OutcomeRow> outcomes, List<Parked> parked, List<Long> dropped) {
    static final BatchDocument EMPTY = new BatchDocument(Set.of(), List.of(), List.of(), List.of());

    /** A change set aside. */
    record Parked(@JsonProperty("change_id") long changeId, String reason) {}

    /** Nothing but that a change is set aside. */
    static BatchDocument parking(long changeId, String reason) {
      return new BatchDocument(
          Set.of(), List.of(), List.of(new Parked(changeId, reason)), List.of());
    }

    /** The changes that it says something about, in order. */
    Set<Long> changeIds() {
      Set<Long> ids = new TreeSet<>(returned);
      outcomes.forEach(outcome -> ids.add(outcome.changeId()));
      parked.forEach(change -> ids.add(change.changeId()));
      ids.addAll(dropped);
      return ids;
    }

    /** The part about one of its changes. */
    BatchDocument only(long changeId) {
      return new BatchDocument(
          returned.contains(changeId) ? Set.of(changeId) : Set.of(),
          outcomes.stream().filter(outcome -> outcome.changeId() == changeId).toList(),
          parked.stream().filter(change -> change.changeId() == changeId).toList(),
          dropped.contains(changeId) ? List.of(changeId) : List.of());
    }

    /** Whether it holds words of others, which the database may not be able to keep. */
    boolean hasWords() {
      return outcomes.stream().anyMatch(OutcomeRow::hasWords)
          || parked.stream().anyMatch(p -> !p.reason().equals(StorableText.ascii(p.reason())));
    }

    /** The same without those. */
    BatchDocument withoutWords() {
      return new BatchDocument(
          returned,
          outcomes.stream().map(OutcomeRow::withoutWords).toList(),
          parked.stream()
              .map(p -> new Parked(p.changeId(), StorableText.ascii(p.reason())))
              .toList(),
          dropped);
    }

    /** Whether it says nothing but that changes are set aside. */
    boolean onlyParks() {
      return returned.isEmpty() && outcomes.isEmpty() && dropped.isEmpty();
    }
  }
}

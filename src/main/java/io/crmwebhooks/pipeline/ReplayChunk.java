package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.crmwebhooks.database.StorableText;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Outcome;
import io.crmwebhooks.domain.Request;
import io.crmwebhooks.domain.Webhook;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The next changes of a replay on their way through the routes, and what is to be recorded of them.
 * Thread-safe.
 */
final class ReplayChunk {
  private static final Logger LOG = LoggerFactory.getLogger(ReplayChunk.class);

  /**
   * A delivery to be made; the body only where it does not follow from the change.
   *
   * @param state null: it is to be sent
   * @param reason why it is not; null: it is
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Owed(
      @JsonProperty("change_id") long changeId,
      long epoch,
      String body,
      Request request,
      String state,
      String reason) {
    static Owed of(Delivery delivery) {
      Change change = delivery.change();
      if (delivery.problem() != null) {
        return unsent(change, Outcome.State.DEAD, StorableText.of(delivery.problem()));
      }
      return delivery.isLeftOut()
          ? unsent(change, Outcome.State.CANCELLED, Outcome.LEFT_OUT)
          : new Owed(
              change.getId(),
              change.getEpoch(),
              delivery.isCustomised() ? new String(delivery.body(), StandardCharsets.UTF_8) : null,
              Request.SAME.equals(delivery.request()) ? null : delivery.request(),
              null,
              null);
    }

    private static Owed unsent(Change change, Outcome.State state, String reason) {
      return new Owed(change.getId(), change.getEpoch(), null, null, state.column(), reason);
    }
  }

  private final long replay;
  private final long position;
  private final long reached;
  private final Webhook webhook;
  private final List<Change> changes = new ArrayList<>();
  private final List<String> again = new ArrayList<>();
  private final List<Owed> deliveries = new ArrayList<>();

  // Its lease is for the step as a whole. And nothing is parked: others may have got it long ago.
  private final Verdicts verdicts =
      new Verdicts(
          () -> {},
          (change, reason) ->
              LOG.warn("replay.refused change={} reason=\"{}\"", change.getId(), reason));

  /**
   * Reads the rows of {@code replay-chunk.sql}: at least one, all with how far it has looked.
   *
   * @param position up to which the replay had come
   * @param room for so many had been asked
   * @param webhook that it is for
   */
  ReplayChunk(
      long replay, long position, int room, Webhook webhook, List<Map<String, Object>> rows) {
    this.replay = replay;
    this.webhook = webhook;
    this.position = position;
    long last = position;
    for (Map<String, Object> row : rows) {
      if (row.get("change_id") == null) {
        continue; // nothing found
      }
      last = number(row, "change_id");
      if (row.get("delivery_id") == null) {
        changes.add(ChangeRow.read(row));
      } else {
        again.add((String) row.get("delivery_id"));
      }
    }
    boolean more =
        last > position
            && (number(rows.get(0), "found") == room || number(rows.get(0), "found") > rows.size());
    reached = more ? last : Math.max(position, number(rows.get(0), "reach"));
  }

  private static long number(Map<String, Object> row, String column) {
    return ((Number) row.get(column)).longValue();
  }

  /**
   * The changes that go through the routes; a delivery that is made pending again as it is does
   * not.
   */
  List<Change> changes() {
    return changes;
  }

  /** The verdicts on those. */
  Verdicts verdicts() {
    return verdicts;
  }

  /** The webhook that it is for. */
  Webhook webhook() {
    return webhook;
  }

  /** Owes a change; it has no delivery when the webhook does not want it. */
  synchronized void owe(Change change, List<Delivery> made) {
    if (verdicts.settle(change)) {
      made.forEach(delivery -> deliveries.add(Owed.of(delivery)));
    }
  }

  /**
   * The input of {@code owe-replay.sql}.
   *
   * @throws IllegalStateException when changes were given back: all has to be done again
   */
  synchronized Map<String, Object> document() {
    if (!verdicts.givenBack().isEmpty()) {
      throw new IllegalStateException("too many customising steps hang");
    }
    Map<String, Object> document = new HashMap<>();
    document.put("replay", replay);
    document.put("position", position);
    document.put("reached", reached);
    document.put("deliveries", deliveries);
    document.put("again", again);
    document.put("owed", deliveries.size() + again.size());
    document.put("dropped", verdicts.dropped());
    document.put("refused", verdicts.parked().size());
    verdicts
        .parked()
        .forEach(
            (change, reason) ->
                document.put("error", StorableText.of("change " + change + ": " + reason)));
    return document;
  }
}

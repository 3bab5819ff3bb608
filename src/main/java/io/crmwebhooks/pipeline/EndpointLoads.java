package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.crmwebhooks.database.DatabaseTime;
import io.crmwebhooks.domain.Delivery;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Body;
import org.apache.camel.ExchangeProperty;

/** The {@link EndpointLoad} of each webhook that this process has met. Thread-safe. */
public final class EndpointLoads {
  private final PauseRule rule;
  private final Map<UUID, EndpointLoad> loads = new ConcurrentHashMap<>();
  private long revision;

  /** Those of endpoints that are never paused. */
  public EndpointLoads() {
    this(PauseRule.NEVER);
  }

  public EndpointLoads(PauseRule rule) {
    this.rule = rule;
  }

  public EndpointLoad of(UUID webhookId) {
    return loads.computeIfAbsent(webhookId, id -> new EndpointLoad(new EndpointHealth(rule)));
  }

  /** Notes that the database knows that a webhook is gone. */
  public void recordedGone(@ExchangeProperty("webhookId") String webhookId) {
    of(UUID.fromString(webhookId)).recordedGone();
  }

  /** Notes that a delivery being sent has had no answer yet. */
  public void observeUnanswered(Delivery delivery) {
    of(delivery.webhook().id()).observeUnanswered(delivery.elapsedMillis());
  }

  /**
   * Takes over what stands in the database of the endpoint of each webhook with an id. Rows with a
   * revision that is older than what has been taken over are left.
   */
  public synchronized void adopt(@Body List<Map<String, Object>> rows) {
    if (!rows.isEmpty() && rows.get(0).get("revision") instanceof Number read) {
      if (read.longValue() < revision) {
        return;
      }
      revision = read.longValue();
    }
    for (Map<String, Object> row : rows) {
      String failingSince = (String) row.get("failing_since");
      boolean known = row.get("id") != null && loads.containsKey(row.get("id"));
      if (known || failingSince != null) {
        Number pauses = (Number) row.get("pauses");
        of((UUID) row.get("id"))
            .health()
            .adopt(
                failingSince == null ? null : DatabaseTime.parse(failingSince),
                row.get("paused_until") != null,
                pauses == null ? 0 : pauses.intValue());
      }
    }
  }

  /** Attempts in flight, of all webhooks together. */
  public int inFlight() {
    return loads.values().stream().mapToInt(EndpointLoad::inFlight).sum();
  }

  /**
   * What {@code claim-due.sql} must heed of a webhook.
   *
   * @param inFlight attempts; while batches have places of their own, those beyond these
   * @param bytes of the bodies in flight
   * @param most of such attempts that there may be, when the webhook allows more; null: it says
   *     itself
   */
  public record Busy(
      @JsonProperty("subscription_id") UUID subscriptionId,
      @JsonProperty("in_flight") int inFlight,
      @JsonProperty("bytes") long bytes,
      @JsonProperty("most") Integer most) {}

  /**
   * The webhooks that have attempts in flight or may not have as many as they allow.
   *
   * @param bytes of the bodies in flight, by webhook
   */
  public List<Busy> busy(Map<UUID, Long> bytes) {
    List<Busy> busy = new ArrayList<>();
    loads.forEach(
        (id, load) -> {
          EndpointLoad.Places places = load.placesOfClaims();
          if (places.taken() > 0 || places.most() != null) {
            busy.add(new Busy(id, places.taken(), bytes.getOrDefault(id, 0L), places.most()));
          }
        });
    return busy;
  }
}

package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Webhook;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.apache.camel.ExchangeProperty;

/** Goes between the routes, {@code claim-due.sql} and {@code keep-order.sql}. Thread-safe. */
public final class Redeliveries {
  private final EndpointLoads loads;
  private final Subscriptions subscriptions;
  private final InFlight inFlight;
  private final int limit;
  private final long bytes;

  /**
   * @param limit attempts in flight beyond which nothing more is claimed
   * @param bytes likewise, of the bodies in flight
   */
  public Redeliveries(
      EndpointLoads loads, Subscriptions subscriptions, InFlight inFlight, int limit, long bytes) {
    this.loads = loads;
    this.subscriptions = subscriptions;
    this.inFlight = inFlight;
    this.limit = limit;
    this.bytes = bytes;
  }

  /** What {@code claim-due.sql} must leave room for. */
  public List<EndpointLoads.Busy> busy() {
    return loads.busy(inFlight.bytesByWebhook());
  }

  /** How many attempts of one webhook may be in flight: however slow it is, others find room. */
  public int most() {
    return Math.max(1, limit - limit / 4);
  }

  /** Bytes in flight of one webhook beyond which nothing more of it is claimed. */
  public long webhookBytes() {
    return bytes / 4;
  }

  /** How many more deliveries may be claimed now, of all webhooks together. */
  public int room() {
    if (inFlight.bytes() >= bytes) {
      return 0;
    }
    return Math.max(0, limit - loads.inFlight());
  }

  /** The revision of the subscriptions that the claim has seen. */
  public long revision(@Body List<Map<String, Object>> rows) {
    return ((Number) rows.get(0).get("revision")).longValue();
  }

  /** Those of the claimed rows that {@code keep-order.sql} must judge, as it wants them. */
  public List<Map<String, Object>> toJudge(@Body List<Map<String, Object>> rows) {
    return rows.stream()
        .filter(this::isToJudge)
        .map(row -> Map.of("id", row.get("id"), "probe", row.get("probe")))
        .toList();
  }

  private boolean isToJudge(Map<String, Object> row) {
    Webhook webhook = subscriptions.byId((UUID) row.get("subscription_id"));
    return webhook != null && webhook.ordering().asksForRecord();
  }

  /**
   * Makes the claimed rows ready to send. A row of a webhook that went away since the claim is left
   * out: its lease ends, and housekeeping cancels it.
   *
   * @param judged rows with the ids that may be sent, of those to judge; null: there were none
   */
  public List<Delivery> claimed(
      @Body List<Map<String, Object>> rows,
      @ExchangeProperty("judged") List<Map<String, Object>> judged) {
    Set<Object> mayGo =
        judged == null
            ? Set.of()
            : judged.stream().map(row -> row.get("id")).collect(Collectors.toSet());
    return rows.stream()
        .filter(row -> mayGo.contains(row.get("id")) || !isToJudge(row))
        .map(this::delivery)
        .filter(Objects::nonNull)
        .toList();
  }

  private Delivery delivery(Map<String, Object> row) {
    Webhook webhook = subscriptions.byId((UUID) row.get("subscription_id"));
    if (webhook == null || loads.of(webhook.id()).isGone(webhook)) {
      return null;
    }
    Change change = new Change(row);
    String kept = (String) row.get("body");
    byte[] body =
        kept == null ? PayloadRenderer.render(change) : kept.getBytes(StandardCharsets.UTF_8);
    Delivery delivery =
        Delivery.again(
            (String) row.get("id"),
            change.getId(),
            change.getEvent(),
            webhook,
            body,
            new Delivery.History(
                ((Number) row.get("attempts")).intValue(),
                ((Number) row.get("schedule_from")).intValue(),
                (Boolean) row.get("replayed"),
                (Boolean) row.get("probe")));
    delivery.occurredAt(change.getOccurredAt());
    loads.of(webhook.id()).enter();
    inFlight.add(delivery); // not only when it begins: the next claim counts its bytes
    return delivery;
  }
}

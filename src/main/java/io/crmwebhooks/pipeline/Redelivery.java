package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Post;
import io.crmwebhooks.domain.Request;
import io.crmwebhooks.domain.Webhook;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;

/**
 * The stage that sends pending deliveries: goes between its routes, {@code claim-due.sql} and
 * {@code keep-order.sql}. Thread-safe.
 */
public final class Redelivery {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Endpoints endpoints;
  private final Subscriptions subscriptions;
  private final int limit;
  private final long bytes;

  /**
   * @param limit attempts in flight beyond which nothing more is claimed
   * @param bytes likewise, of the bodies in flight
   */
  public Redelivery(Endpoints endpoints, Subscriptions subscriptions, int limit, long bytes) {
    this.endpoints = endpoints;
    this.subscriptions = subscriptions;
    this.limit = limit;
    this.bytes = bytes;
  }

  /** The deliveries that {@code claim-due.sql} must leave room for. */
  public List<Endpoints.Busy> busy() {
    return endpoints.busy();
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
    return endpoints.bytes() >= bytes ? 0 : Math.max(0, limit - endpoints.attempts());
  }

  /**
   * Those of the claimed rows that {@code keep-order.sql} must judge, as it wants them. The
   * exchange carries the webhooks that are served now from here on.
   */
  public List<Map<String, Object>> toJudge(
      @Body List<Map<String, Object>> rows, Exchange exchange) {
    Subscriptions.Snapshot webhooks = subscriptions.now();
    Carried.WEBHOOKS.put(exchange, webhooks);
    List<Map<String, Object>> toJudge = new ArrayList<>();
    for (Map<String, Object> row : rows) {
      Webhook webhook = webhook(row, webhooks);
      if (isToJudge(webhook)) {
        toJudge.add(
            Map.of("id", row.get("id"), "probe", row.get("probe"), "post", post(row, webhook)));
      }
    }
    return toJudge;
  }

  /** The same of those in order that go out in one POST. */
  private static Object post(Map<String, Object> row, Webhook webhook) {
    if (row.get("post_id") != null) {
      return row.get("post_id");
    }
    return webhook.limits().batching().isArray() && row.get("request") == null ? "" : row.get("id");
  }

  private static boolean isToJudge(Webhook webhook) {
    return webhook != null && webhook.ordering().asksForRecord();
  }

  private static Webhook webhook(Map<String, Object> row, Subscriptions.Snapshot webhooks) {
    return webhooks.byId().get((UUID) row.get("subscription_id"));
  }

  /**
   * Makes the claimed rows ready to send: those that were sent together before are so again, and
   * others of webhooks that want several in one POST are put together now. A row of a webhook that
   * went away since the claim is left out: its lease ends, and housekeeping cancels it.
   *
   * @param judged rows with the ids that may be sent, of those to judge
   */
  public List<Delivery> claimed(
      @Body List<Map<String, Object>> rows,
      @Variable("judged") List<Map<String, Object>> judged,
      Exchange exchange) {
    Subscriptions.Snapshot webhooks = Carried.WEBHOOKS.of(exchange);
    Set<Object> mayGo = judged.stream().map(row -> row.get("id")).collect(Collectors.toSet());
    List<Delivery> single = new ArrayList<>();
    Map<Object, Map<String, Delivery>> batches = new LinkedHashMap<>();
    for (Map<String, Object> row : rows) {
      Webhook webhook = webhook(row, webhooks);
      boolean goes = mayGo.contains(row.get("id")) || !isToJudge(webhook);
      Delivery delivery = goes ? delivery(row, webhook) : null;
      if (delivery != null && row.get("post_id") != null) {
        batches
            .computeIfAbsent(row.get("post_id"), id -> new TreeMap<>())
            .put(delivery.id(), delivery);
      } else if (delivery != null) {
        single.add(delivery);
      }
    }
    List<Delivery> posts = new ArrayList<>(Posts.due(single));
    batches.values().forEach(each -> posts.add(Post.of(List.copyOf(each.values()))));
    return posts.stream().filter(endpoints::enter).toList();
  }

  private static Request request(String kept) {
    try {
      return kept == null ? null : JSON.readValue(kept, Request.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a delivery holds a request that was not written here", e);
    }
  }

  /** Null when its webhook is not served, or the change of one in a batch is gone. */
  private static Delivery delivery(Map<String, Object> row, Webhook webhook) {
    if (webhook == null || row.get("event") == null) {
      return null;
    }
    Change change = ChangeRow.read(row);
    String id = (String) row.get("id");
    String kept = (String) row.get("body");
    Request request = request((String) row.get("request"));
    return Delivery.again(
        id,
        change,
        webhook,
        kept == null
            ? Delivery.Content.rendered(change, webhook, id, request)
            : new Delivery.Content(kept.getBytes(StandardCharsets.UTF_8), request),
        new Delivery.History(
            ((Number) row.get("attempts")).intValue(),
            ((Number) row.get("schedule_from")).intValue(),
            (Boolean) row.get("replayed"),
            (Boolean) row.get("probe"),
            kept != null));
  }
}

package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crmwebhooks.domain.EventPattern;
import io.crmwebhooks.domain.Limits;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.domain.Webhook.Interest;
import io.crmwebhooks.domain.Webhook.Ordering;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.camel.Body;

/**
 * The webhooks that are served, as of one revision of the subscription table. A claim says which
 * revision it has seen; when that is another one the routes load them again before they dispatch.
 * Thread-safe: a load replaces all at once.
 */
public final class Subscriptions {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<List<String>> OPERATIONS = new TypeReference<>() {};
  private static final TypeReference<Map<String, String>> LABELS = new TypeReference<>() {};

  // Event names come from the CRM: enough for any schema, and no way to fill the memory.
  private static final int EVENTS_REMEMBERED = 10_000;

  /**
   * The webhooks of one revision. Whoever sends deliveries in an order takes all webhooks from the
   * same one: those of a line go together when they have the same webhook.
   *
   * @param byEvent remembers what {@code byOperation} has been asked
   */
  record Snapshot(
      long revision,
      Map<UUID, Webhook> byId,
      Map<UUID, Webhook> disabled,
      Map<String, List<Webhook>> byOperation,
      Map<String, Collection<Webhook>> byEvent) {
    /** The webhooks of the workspace that are subscribed to the event, each once. */
    Collection<Webhook> matching(String workspace, String event) {
      String key = key(workspace, event);
      Collection<Webhook> known = byEvent.get(key);
      if (known != null) {
        return known;
      }
      Collection<Webhook> found = find(workspace, event);
      if (byEvent.size() < EVENTS_REMEMBERED) {
        byEvent.put(key, found);
      }
      return found;
    }

    private Collection<Webhook> find(String workspace, String event) {
      Collection<Webhook> found = List.of();
      for (String operation : EventPattern.matching(event)) {
        List<Webhook> more = byOperation.get(key(workspace, operation));
        if (more != null && EventPattern.isExactInTwenty(event) && !operation.equals(event)) {
          more = more.stream().filter(webhook -> !webhook.interest().ofTwenty()).toList();
        }
        if (more != null) {
          if (found.isEmpty()) {
            found = more;
          } else {
            found = new LinkedHashSet<>(found);
            found.addAll(more);
          }
        }
      }
      return found;
    }
  }

  private final int defaultConcurrency;
  private final Function<Map<String, Object>, Webhook.Destination> destinations;
  private volatile Snapshot snapshot =
      new Snapshot(-1, Map.of(), Map.of(), Map.of(), new ConcurrentHashMap<>());

  /**
   * @param defaultConcurrency attempts in flight of a webhook that does not say
   * @param destinations makes of a row where and how the webhook is sent
   */
  public Subscriptions(
      int defaultConcurrency, Function<Map<String, Object>, Webhook.Destination> destinations) {
    this.defaultConcurrency = defaultConcurrency;
    this.destinations = destinations;
  }

  /** Whether rows, all with the revision that a claim has seen, know another one than this. */
  public boolean isStale(@Body List<Map<String, Object>> rows) {
    return snapshot.revision != ((Number) rows.get(0).get("revision")).longValue();
  }

  /**
   * Takes the rows of {@code load-webhooks.sql}: at least one, all with the revision that they
   * belong to. Those of a revision that is here already change nothing.
   */
  public synchronized void load(@Body List<Map<String, Object>> rows) {
    long revision = ((Number) rows.get(0).get("revision")).longValue();
    if (revision <= snapshot.revision) {
      return;
    }
    Map<UUID, Webhook> byId = new HashMap<>();
    Map<UUID, Webhook> disabled = new HashMap<>();
    Map<String, List<Webhook>> byOperation = new HashMap<>();
    for (Map<String, Object> row : rows) {
      if (row.get("id") != null) {
        Webhook webhook = webhook(row);
        if (Boolean.FALSE.equals(row.get("enabled"))) {
          disabled.put(webhook.id(), webhook);
          continue;
        }
        byId.put(webhook.id(), webhook);
        for (String operation : new LinkedHashSet<>(webhook.eventPatterns())) {
          byOperation
              .computeIfAbsent(key(webhook.workspace(), operation), k -> new ArrayList<>())
              .add(webhook);
        }
      }
    }
    snapshot = new Snapshot(revision, byId, disabled, byOperation, new ConcurrentHashMap<>());
  }

  private Webhook webhook(Map<String, Object> row) {
    Number concurrency = (Number) row.get("concurrency");
    return new Webhook(
        new Webhook.Name(
            (UUID) row.get("id"),
            (String) row.get("description"),
            row.get("labels") instanceof String labels ? read(labels, LABELS) : Map.of()),
        new Interest(
            (String) row.get("workspace"),
            read((String) row.get("operations"), OPERATIONS),
            "twenty".equals(row.get("source")),
            row.get("live_from") instanceof Long from ? from : Interest.ALWAYS,
            StoredFilter.of((String) row.get("filter"))),
        Format.of(row),
        Limits.of(
            concurrency == null ? defaultConcurrency : concurrency.intValue(),
            (Double) row.get("rate_limit"),
            (String) row.get("timeout"),
            (String) row.get("retry_schedule"),
            Limits.Batching.of(
                row.get("batch_size") instanceof Integer size ? size : 1,
                (String) row.get("batch_wait"),
                (String) row.get("compress"))),
        new Ordering(
            Boolean.TRUE.equals(row.get("in_order")),
            Boolean.TRUE.equals(row.get("hold")),
            Boolean.TRUE.equals(row.get("supersede"))),
        destinations.apply(row));
  }

  private static <T> T read(String json, TypeReference<T> as) {
    try {
      return JSON.readValue(json, as);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("PostgreSQL wrote other JSON than the schema allows", e);
    }
  }

  private static String key(String workspace, String operation) {
    return workspace + '\n' + operation;
  }

  /** The webhook of this id, whether it is served or disabled, or null when there is none. */
  public Webhook servedOrDisabled(UUID id) {
    Snapshot now = snapshot;
    return now.byId.getOrDefault(id, now.disabled.get(id));
  }

  /** Those that are served now. */
  Snapshot now() {
    return snapshot;
  }
}

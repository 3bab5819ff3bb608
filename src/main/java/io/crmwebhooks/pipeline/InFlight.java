package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Delivery;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The deliveries that this process has claimed to send or is sending right now. Thread-safe. */
public final class InFlight {
  private final Set<Delivery> deliveries = ConcurrentHashMap.newKeySet();

  /** Adds one that is claimed or begun; twice is as good as once. */
  public void add(Delivery delivery) {
    deliveries.add(delivery);
  }

  /** Says whether it was there, that is, whether its attempt had not ended yet. */
  boolean remove(Delivery delivery) {
    return deliveries.remove(delivery);
  }

  /** How many of them are for such webhooks. */
  public long count(Predicate<UUID> webhooks) {
    return deliveries.stream().filter(d -> webhooks.test(d.webhook().id())).count();
  }

  /** Bytes of their bodies. */
  public long bytes() {
    return deliveries.stream().mapToLong(delivery -> delivery.body().length).sum();
  }

  /** The same, by webhook. */
  public Map<UUID, Long> bytesByWebhook() {
    return deliveries.stream()
        .collect(
            Collectors.groupingBy(
                delivery -> delivery.webhook().id(),
                Collectors.summingLong(delivery -> delivery.body().length)));
  }

  /** Ids of the deliveries that have not ended. */
  public List<String> ids() {
    return deliveries.stream().map(Delivery::id).toList();
  }
}

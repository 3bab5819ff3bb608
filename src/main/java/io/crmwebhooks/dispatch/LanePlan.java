package io.crmwebhooks.dispatch;

import io.crmwebhooks.deliver.Delivery;
import io.crmwebhooks.deliver.EndpointLoad;
import io.crmwebhooks.deliver.EndpointLoads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.support.ExpressionAdapter;

/**
 * Spreads the deliveries of a batch over lanes, which are sent side by side, each one delivery
 * after the other. Webhooks that answer within a fiftieth of the patience share a few lanes. A
 * slower one gets lanes of its own, as many as bring its deliveries home in half the patience,
 * within its concurrency. What a webhook could not answer in that time is in no lane: it is
 * recorded as pending and sent from there. Thread-safe.
 */
public final class LanePlan extends ExpressionAdapter {
  private final EndpointLoads loads;
  private final int sharedLanes;
  private final Duration patience;
  private final double quickMillis;
  private final double slowMillis;

  public LanePlan(EndpointLoads loads, int sharedLanes, Duration patience) {
    this.loads = loads;
    this.sharedLanes = sharedLanes;
    this.patience = patience;
    this.quickMillis = patience.toMillis() / 50.0;
    this.slowMillis = patience.toMillis() / 2.0;
  }

  @Override
  public Object evaluate(Exchange exchange) {
    Batch batch = Batch.of(exchange);
    batch.sendFor(patience);
    return lanes(batch.owed(), batch::refuse);
  }

  /**
   * The lanes of a batch; every delivery is in one of them at most.
   *
   * @param refused takes the deliveries that are in none
   */
  List<List<Delivery>> lanes(List<Delivery> owed, Consumer<Delivery> refused) {
    Map<Webhook, List<Delivery>> byWebhook = new LinkedHashMap<>();
    owed.forEach(
        delivery ->
            byWebhook.computeIfAbsent(delivery.webhook(), k -> new ArrayList<>()).add(delivery));
    List<Delivery> shared = new ArrayList<>();
    List<List<Delivery>> lanes = new ArrayList<>();
    byWebhook.forEach(
        (webhook, deliveries) -> {
          EndpointLoad load = loads.of(webhook.id());
          double latency = load.latencyMillis();
          int free = Math.max(0, webhook.concurrency() - load.inFlight());
          if (latency <= quickMillis && free >= sharedLanes) {
            shared.addAll(deliveries);
            return;
          }
          int eachLane = (int) (slowMillis / latency);
          int count = eachLane == 0 ? 0 : Math.min(free, 1 + (deliveries.size() - 1) / eachLane);
          int sent = Math.min(deliveries.size(), count * eachLane);
          lanes.addAll(split(deliveries.subList(0, sent), count));
          deliveries.subList(sent, deliveries.size()).forEach(refused);
        });
    return Stream.concat(split(shared, sharedLanes).stream(), lanes.stream()).toList();
  }

  private static List<List<Delivery>> split(List<Delivery> deliveries, int count) {
    int lanes = Math.min(count, deliveries.size());
    return IntStream.range(0, lanes)
        .mapToObj(
            lane ->
                IntStream.iterate(lane, i -> i < deliveries.size(), i -> i + lanes)
                    .mapToObj(deliveries::get)
                    .toList())
        .toList();
  }
}

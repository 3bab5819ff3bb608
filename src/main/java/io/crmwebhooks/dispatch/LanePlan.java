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
 * after the other. Webhooks that answer quickly share a few lanes. One that answers slowly gets
 * lanes of its own, as many as bring its deliveries home in half the patience, within its
 * concurrency. One that would not answer in time, or has no attempt free, gets no lane: what is in
 * no lane is recorded as pending and sent from there. Thread-safe.
 */
public final class LanePlan extends ExpressionAdapter {
  private final EndpointLoads loads;
  private final int sharedLanes;
  private final double patienceMillis;

  public LanePlan(EndpointLoads loads, int sharedLanes, Duration patience) {
    this.loads = loads;
    this.sharedLanes = sharedLanes;
    this.patienceMillis = patience.toMillis();
  }

  @Override
  public Object evaluate(Exchange exchange) {
    Batch batch = Batch.of(exchange);
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
          int free = webhook.concurrency() - load.inFlight();
          double work = deliveries.size() * load.latencyMillis();
          if (load.latencyMillis() > patienceMillis / 2 || free <= 0) {
            deliveries.forEach(refused);
            return;
          }
          if (work <= patienceMillis * sharedLanes && free >= sharedLanes) {
            shared.addAll(deliveries);
          } else {
            lanes.addAll(
                split(deliveries, Math.min(free, (int) Math.ceil(work / (patienceMillis / 2)))));
          }
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

package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Webhook;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.support.ExpressionAdapter;

/**
 * Spreads the deliveries of a batch over lanes, which are sent side by side, each one delivery
 * after the other.
 *
 * <ul>
 *   <li>Webhooks that answer within a fiftieth of the patience share a few lanes, those that have
 *       not answered yet as many others. Claims of pending deliveries leave places to both.
 *   <li>A slower webhook gets lanes of its own, as many as bring its deliveries home in half the
 *       patience, but no more than its share of its concurrency, since other batches have it too.
 *   <li>Slower webhooks that have little to do share lanes that are over in half the patience.
 *   <li>What a webhook could not answer before the patience is over is in no lane, nor is anything
 *       for a paused one or one with a rate limit: it is recorded as pending and sent from there.
 * </ul>
 *
 * Thread-safe.
 */
public final class LanePlan extends ExpressionAdapter {
  private final EndpointLoads loads;
  private final FanOut fanOut;
  private final int sharedLanes;
  private final int batches;
  private final Duration patience;
  private final double quickMillis;
  private final double laneMillis;
  private final double longestLaneMillis;

  /**
   * @param fanOut is told what each batch owes
   * @param batches in flight at once
   */
  public LanePlan(
      EndpointLoads loads, FanOut fanOut, int sharedLanes, int batches, Duration patience) {
    this.loads = loads;
    this.fanOut = fanOut;
    this.sharedLanes = sharedLanes;
    this.batches = batches;
    this.patience = patience;
    this.quickMillis = patience.toMillis() / 50.0;
    this.laneMillis = patience.toMillis() / 2.0;
    this.longestLaneMillis = patience.toMillis() * 0.8;
  }

  @Override
  public Object evaluate(Exchange exchange) {
    Batch batch = Batch.of(exchange);
    batch.sendFor(patience);
    List<Delivery> owed = batch.owed();
    fanOut.observe(batch.getChanges().size(), owed.size());
    List<Lane> lanes = lanes(owed, batch::refuse);
    batch.plan((int) lanes.stream().filter(Lane::quick).count());
    return lanes;
  }

  /**
   * The lanes of a batch; every delivery is in one of them at most.
   *
   * @param refused takes the deliveries that are in none
   */
  List<Lane> lanes(List<Delivery> owed, Consumer<Delivery> refused) {
    Map<Webhook, List<Delivery>> byWebhook = new LinkedHashMap<>();
    owed.forEach(
        delivery ->
            byWebhook.computeIfAbsent(delivery.webhook(), k -> new ArrayList<>()).add(delivery));
    List<Delivery> quick = new ArrayList<>();
    List<Delivery> unproven = new ArrayList<>();
    List<Lane> lanes = new ArrayList<>();
    SharedLane slower = new SharedLane(lanes);
    byWebhook.forEach(
        (webhook, deliveries) -> {
          EndpointLoad load = loads.of(webhook.id());
          double latency = load.latencyMillis();
          boolean queued = webhook.limits().rateLimit() != null;
          int free = queued ? 0 : load.free(webhook.concurrency());
          boolean isQuick = latency <= quickMillis;
          if (isQuick && !queued && deliveries.size() >= sharedLanes) {
            load.shareWithBatches(webhook.concurrency());
          }
          if (isQuick && free >= sharedLanes) {
            (load.hasAnswered() ? quick : unproven).addAll(deliveries);
          } else if (free > 0 && deliveries.size() * latency <= laneMillis / 2) {
            slower.add(deliveries, latency);
          } else {
            int share = Math.min(free, 1 + (webhook.concurrency() - 1) / batches);
            int lanesWanted = (int) Math.ceil(deliveries.size() * latency / laneMillis);
            int count = latency > laneMillis ? 0 : Math.min(share, lanesWanted);
            int sent = Math.min(deliveries.size(), count * (int) (longestLaneMillis / latency));
            lanes.addAll(split(deliveries.subList(0, sent), count, false));
            deliveries.subList(sent, deliveries.size()).forEach(refused);
          }
        });
    lanes.addAll(0, split(unproven, sharedLanes, false));
    lanes.addAll(0, split(quick, sharedLanes, true));
    return lanes;
  }

  /** Fills lanes one after the other, each to half the patience. */
  private final class SharedLane {
    private final List<Lane> lanes;
    private List<Delivery> lane;
    private double millis;

    SharedLane(List<Lane> lanes) {
      this.lanes = lanes;
    }

    void add(List<Delivery> deliveries, double latency) {
      double more = deliveries.size() * latency;
      if (lane == null || millis + more > laneMillis) {
        lane = new ArrayList<>();
        lanes.add(new Lane(lane, false));
        millis = 0;
      }
      lane.addAll(deliveries);
      millis += more;
    }
  }

  private static List<Lane> split(List<Delivery> deliveries, int count, boolean quick) {
    int lanes = Math.min(count, deliveries.size());
    return IntStream.range(0, lanes)
        .mapToObj(
            lane ->
                new Lane(
                    IntStream.iterate(lane, i -> i < deliveries.size(), i -> i + lanes)
                        .mapToObj(deliveries::get)
                        .toList(),
                    quick))
        .toList();
  }
}

package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Webhook;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.camel.Exchange;

/**
 * Spreads the deliveries of a batch over lanes, which are sent side by side, each one delivery
 * after the other.
 *
 * <ul>
 *   <li>Webhooks that answer within a fiftieth of the patience share a few lanes, those that have
 *       not answered yet as many others. Claims of pending deliveries leave places to both.
 *   <li>A slower webhook gets lanes of its own, enough to end its deliveries in half the patience.
 *       It gets no more than a share of its concurrency, since other batches have it too.
 *   <li>Slower webhooks that have little to do share lanes that are over in half the patience.
 *   <li>A delivery is in no lane when its webhook could not answer before the patience is over, is
 *       paused or has a rate limit, or when a route has given it another endpoint. It is recorded
 *       as pending and sent from there.
 * </ul>
 *
 * The deliveries of a record to a webhook that keeps its order share a lane. So do all of such a
 * webhook that go out together. Thread-safe.
 */
public final class LanePlan {
  private static final double WEIGHT_OF_THE_LAST = 0.3;

  private final Endpoints endpoints;
  private final int mostChanges;
  private final int sharedLanes;
  private final int batches;
  private final Duration patience;
  private final double quickMillis;
  private final double laneMillis;
  private final double longestLaneMillis;
  private double deliveriesPerChange = 1;

  /**
   * @param mostChanges of a batch, and about as many deliveries
   * @param batches in flight at once
   */
  public LanePlan(
      Endpoints endpoints, int mostChanges, int sharedLanes, int batches, Duration patience) {
    this.endpoints = endpoints;
    this.mostChanges = mostChanges;
    this.sharedLanes = sharedLanes;
    this.batches = batches;
    this.patience = patience;
    this.quickMillis = patience.toMillis() / 50.0;
    this.laneMillis = patience.toMillis() / 2.0;
    this.longestLaneMillis = patience.toMillis() * 0.8;
  }

  /**
   * Deliveries that are sent one after the other.
   *
   * @param quick all of them go to webhooks that have proven quick
   */
  record Lane(List<Delivery> deliveries, boolean quick) implements Iterable<Delivery> {
    private boolean isOfArrays() {
      return deliveries.stream().noneMatch(delivery -> delivery.members().isEmpty());
    }

    @Override
    public Iterator<Delivery> iterator() {
      return deliveries.iterator();
    }
  }

  /** Leaves the lanes of a batch in the exchange. */
  public void plan(Exchange exchange) {
    Batch batch = Carried.BATCH.of(exchange);
    batch.sendFor(patience);
    observe(batch.changes().size(), batch.size());
    List<Lane> lanes = lanes(Posts.of(batch.owed(), batch::gather), batch::defer);
    int quick = (int) lanes.stream().filter(Lane::quick).count();
    batch.settlement().plan(quick, lanes.size() - quick);
    if (quick == 0 && lanes.stream().allMatch(Lane::isOfArrays)) {
      Carried.SLOT.of(exchange).workDone(); // a few answers are all that it waits for
    }
    exchange.setProperty("lanes", lanes);
    exchange.setProperty("turn", batch.settlement().turn().name());
  }

  /**
   * Notes that a lane, in the body, has ended. When all quick lanes of a batch have, the next batch
   * may begin its work, although this one may wait for slower webhooks still. Its turn is left in
   * the exchange.
   */
  public void end(Exchange exchange) {
    Settlement settlement = Carried.BATCH.of(exchange).settlement();
    if (settlement.endLane(exchange.getMessage().getBody(Lane.class).quick())) {
      Carried.SLOT.of(exchange).workDone();
    }
    Settlement.Turn turn = settlement.turn();
    if (turn == Settlement.Turn.SETTLED) { // by this lane
      Dispatch.atEnd(exchange, () -> settlement.giveUp(exchange.getException()));
    }
    exchange.setProperty("turn", turn.name());
  }

  /** Notes that all lanes have ended, or that the patience is over. */
  public void endAll(Exchange exchange) {
    exchange.setProperty("turn", Carried.BATCH.of(exchange).settlement().end().name());
  }

  /** Notes what a batch owed. */
  synchronized void observe(int changes, int deliveries) {
    deliveriesPerChange +=
        WEIGHT_OF_THE_LAST * ((double) deliveries / changes - deliveriesPerChange);
  }

  /**
   * The number of changes for the next batch, 1 at least. A batch is over when its patience is, so
   * more webhooks must not mean more deliveries in it.
   */
  public synchronized int batchSize() {
    return (int) Math.max(1, mostChanges / Math.max(1, deliveriesPerChange));
  }

  /**
   * The lanes of a batch; every delivery is in one of them at most.
   *
   * @param deferred takes the deliveries that are in none
   */
  List<Lane> lanes(List<Delivery> owed, Consumer<Delivery> deferred) {
    Map<Webhook, List<Delivery>> byWebhook = new LinkedHashMap<>();
    for (Delivery delivery : owed) {
      if (delivery.elsewhere() == null) {
        byWebhook.computeIfAbsent(delivery.webhook(), k -> new ArrayList<>()).add(delivery);
      } else {
        deferred.accept(delivery);
      }
    }
    List<Delivery> quick = new ArrayList<>();
    List<Delivery> unproven = new ArrayList<>();
    List<Lane> lanes = new ArrayList<>();
    SharedLane slower = new SharedLane(lanes);
    byWebhook.forEach(
        (webhook, deliveries) -> {
          EndpointLoad load = endpoints.of(webhook.id());
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
            if (isArray(webhook)) { // each is many, and in order there is one lane
              lanesWanted = webhook.ordering().byRecord() ? 1 : deliveries.size();
            }
            int count = latency > laneMillis ? 0 : Math.min(share, lanesWanted);
            int sent = Math.min(deliveries.size(), count * (int) (longestLaneMillis / latency));
            lanes.addAll(split(deliveries.subList(0, sent), count, false));
            deliveries.subList(sent, deliveries.size()).forEach(deferred);
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

  /** Those of a line stay together. */
  private static List<Lane> split(List<Delivery> deliveries, int count, boolean quick) {
    List<List<Delivery>> lanes =
        Stream.generate(() -> (List<Delivery>) new ArrayList<Delivery>())
            .limit(Math.min(count, deliveries.size()))
            .toList();
    Map<Object, List<Delivery>> byLine = new HashMap<>();
    int next = 0;
    for (Delivery delivery : deliveries) {
      List<Delivery> free = lanes.get(next % lanes.size());
      Object line = line(delivery);
      List<Delivery> lane = line == null ? free : byLine.computeIfAbsent(line, k -> free);
      lane.add(delivery);
      next += lane == free ? 1 : 0;
    }
    return lanes.stream().filter(l -> !l.isEmpty()).map(l -> new Lane(l, quick)).toList();
  }

  private static boolean isArray(Webhook webhook) {
    return webhook.limits().batching().isArray();
  }

  /** Those in order that go out together are of many lines. */
  private static Object line(Delivery delivery) {
    return delivery.line() != null && isArray(delivery.webhook())
        ? delivery.webhook().id()
        : delivery.line();
  }
}

package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.crmwebhooks.database.DatabaseTime;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Outcome;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;

/**
 * The endpoints of the webhooks that this process has met, with the deliveries that it has claimed
 * or is sending to them. They decide whether one more may be sent now. Thread-safe.
 */
public final class Endpoints {
  private final PauseRule rule;
  private final Detours detours;
  private final Clock clock;
  private final Duration lease;
  private final Map<UUID, EndpointLoad> loads = new ConcurrentHashMap<>();
  private final Set<Delivery> inFlight = ConcurrentHashMap.newKeySet();
  private long revision;

  /**
   * @param lease after which a claimed delivery that is not sent falls due again
   */
  public Endpoints(PauseRule rule, Clock clock, Duration lease) {
    this.rule = rule;
    this.detours = new Detours(rule);
    this.clock = clock;
    this.lease = lease;
  }

  public EndpointLoad of(UUID webhookId) {
    return loads.computeIfAbsent(webhookId, id -> new EndpointLoad(new EndpointHealth(rule)));
  }

  EndpointLoad of(Delivery delivery) {
    return of(delivery.webhook().id());
  }

  /** The endpoints that routes name in place of a webhook's. */
  Detours detours() {
    return detours;
  }

  /** Whether the endpoint that a delivery goes to is paused, as far as this process knows. */
  public boolean isPaused(Delivery delivery) {
    return delivery.elsewhere() == null
        ? of(delivery).health().isPaused()
        : detours.isPaused(delivery, clock.instant());
  }

  /**
   * Says whether the delivery in the body, from a batch, may be sent now. Nothing before it of its
   * record may wait, its webhook must have an attempt free, which a paused one does not, and the
   * batch must still be open. If not it stays owed, and is recorded as pending with its batch; for
   * a webhook that is gone, as cancelled.
   */
  public boolean admit(Exchange exchange) {
    Delivery owed = exchange.getMessage().getBody(Delivery.class);
    Batch batch = Carried.BATCH.of(exchange);
    EndpointLoad load = of(owed);
    if (load.isGone(owed.webhook())) {
      batch.cancel(owed, load.goneReason());
      return false;
    }
    Delivery delivery = batch.ready(owed);
    if (delivery == null) {
      return false;
    }
    if (delivery != owed) {
      exchange.getMessage().setBody(delivery);
    }
    if (!load.tryEnter(load.health().limit(delivery.webhook().concurrency()))) {
      batch.defer(delivery);
      return false;
    }
    if (batch.start(delivery)) {
      return true;
    }
    load.withdraw();
    return false;
  }

  /**
   * Takes a pending delivery that was claimed. Its bytes count for the next claim from now on.
   *
   * @return whether it may be sent; not when its webhook is gone, or a route has given it another
   *     endpoint that is paused
   */
  boolean enter(Delivery delivery) {
    EndpointLoad load = of(delivery);
    if (load.isGone(delivery.webhook())
        || (delivery.elsewhere() != null && !detours.admit(delivery, clock.instant(), lease))) {
      return false;
    }
    load.enter();
    inFlight.add(delivery);
    return true;
  }

  /** An attempt begins. */
  void begin(Delivery delivery) {
    inFlight.add(delivery);
  }

  /** An attempt has ended; its place is free. */
  void end(Delivery delivery, long tookMillis) {
    if (inFlight.remove(delivery)) {
      of(delivery).leave(delivery, tookMillis);
    }
  }

  /** Notes that a delivery being sent has had no answer yet. */
  void observeUnanswered(Delivery delivery) {
    of(delivery).observeUnanswered(delivery.elapsedMillis());
  }

  /**
   * Says whether the outcome in the body tells that the webhook is gone for good, unless the
   * database knows already.
   */
  public boolean isNewlyGone(Exchange exchange) {
    return exchange.getMessage().getBody() instanceof Outcome outcome
        && outcome.isGone()
        && of(outcome.delivery()).isGoneUnrecorded();
  }

  /** Notes that the database knows that a webhook is gone. */
  public void recordedGone(@ExchangeProperty("webhookId") String webhookId) {
    of(UUID.fromString(webhookId)).recordedGone();
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
      UUID id = (UUID) row.get("id");
      String failingSince = (String) row.get("failing_since");
      if (failingSince != null || (id != null && loads.containsKey(id))) {
        Instant since = failingSince == null ? null : DatabaseTime.parse(failingSince);
        int pauses = row.get("pauses") instanceof Number n ? n.intValue() : 0;
        of(id).health().adopt(since, row.get("paused_until") != null, pauses);
      }
    }
  }

  /** Attempts in flight, of all webhooks together. */
  int attempts() {
    return loads.values().stream().mapToInt(EndpointLoad::inFlight).sum();
  }

  /** How many deliveries are in flight to such webhooks. */
  public long count(Predicate<UUID> webhooks) {
    return inFlight.stream().filter(d -> webhooks.test(d.webhook().id())).count();
  }

  /** Ids of the deliveries in flight. */
  public List<String> ids() {
    return inFlight.stream().flatMap(d -> d.parts().stream()).map(Delivery::id).toList();
  }

  /** Bytes of the bodies in flight. */
  long bytes() {
    return inFlight.stream().mapToLong(Delivery::size).sum();
  }

  /**
   * The values of a webhook that {@code claim-due.sql} must heed.
   *
   * @param inFlight attempts; while batches have places of their own, those beyond these
   * @param bytes of the bodies in flight
   * @param most of such attempts that there may be, when the webhook allows more; null: it says
   *     itself
   */
  record Busy(
      @JsonProperty("subscription_id") UUID subscriptionId,
      @JsonProperty("in_flight") int inFlight,
      @JsonProperty("bytes") long bytes,
      @JsonProperty("most") Integer most) {}

  /** The webhooks that have attempts in flight or may not have as many as they allow. */
  List<Busy> busy() {
    Map<UUID, Long> bytes =
        inFlight.stream()
            .collect(
                Collectors.groupingBy(
                    delivery -> delivery.webhook().id(), Collectors.summingLong(Delivery::size)));
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

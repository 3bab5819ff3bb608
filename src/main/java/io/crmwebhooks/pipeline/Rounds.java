package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.pipeline.Batch.Hold;
import io.crmwebhooks.pipeline.Claims.Claim;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.apache.camel.Exchange;
import org.apache.camel.RuntimeCamelException;

/**
 * Works through the changes that one look at a log has brought. Each round is a batch, and the next
 * begins when that is settled. Changes that a batch gives back are the first of the next one, so
 * nothing of a partition is overtaken. The batch goes on in another exchange, since it may wait for
 * slow webhooks for longer than until it is settled. Thread-safe; each exchange is of one thread.
 */
public final class Rounds {
  private static final int LOOKS_IN_A_LEASE = 5; // the first may come when half of it is over
  private static final long PAUSE_MILLIS = 100;
  private static final long LOOK_AGAIN_MILLIS = 5000;
  private static final String LEFT = "left";

  private final Claims claims;
  private final Dispatch dispatch;
  private final LanePlan lanes;
  private final BooleanSupplier mayTake;
  private final BooleanSupplier running;

  /**
   * @param mayTake whether there is any use in another batch now
   * @param running whether the process is to go on
   */
  public Rounds(
      Claims claims,
      Dispatch dispatch,
      LanePlan lanes,
      BooleanSupplier mayTake,
      BooleanSupplier running) {
    this.claims = claims;
    this.dispatch = dispatch;
    this.lanes = lanes;
    this.mayTake = mayTake;
    this.running = running;
  }

  /** Begins with the rows in the body. A change that is in the log twice is one. */
  @SuppressWarnings("unchecked")
  public void begin(Exchange exchange) {
    Map<Long, Change> changes = new LinkedHashMap<>();
    for (Map<String, Object> row :
        (List<Map<String, Object>>) exchange.getMessage().getBody(List.class)) {
      Change change = ChangeRow.read(row);
      changes.putIfAbsent(change.getId(), change);
    }
    exchange.setProperty(LEFT, new ArrayDeque<>(changes.values()));
  }

  /**
   * Whether there is another round before the next look at the log. Looks must not be far apart,
   * since all processes wait for the slowest one while they share out its partitions anew.
   */
  public static boolean isNext(Exchange exchange) {
    return !left(exchange).isEmpty() && exchange.getClock().elapsed() < LOOK_AGAIN_MILLIS;
  }

  /** The ids of the changes that are not settled yet. */
  public static Set<Long> leftIds(Exchange exchange) {
    Set<Long> ids = new HashSet<>();
    left(exchange).forEach(change -> ids.add(change.getId()));
    return ids;
  }

  @SuppressWarnings("unchecked")
  private static Deque<Change> left(Exchange exchange) {
    return exchange.getProperty(LEFT, Deque.class);
  }

  /**
   * Makes the next changes the batch that the exchange carries. It waits for a place among those
   * that this process works on.
   *
   * @throws RuntimeCamelException when the process is to end, or the changes are not its own
   */
  public void open(Exchange exchange) throws InterruptedException {
    ChangeLog log = Carried.LOG.of(exchange);
    Claims.Slot slot = place(log);
    Carried.SLOT.put(exchange, slot);
    Deque<Change> left = left(exchange);
    List<Change> changes = new ArrayList<>();
    for (int size = lanes.batchSize(); changes.size() < size && !left.isEmpty(); ) {
      changes.add(left.poll());
    }
    Duration age = Duration.ofNanos(System.nanoTime() - log.ownSince());
    dispatch.carry(exchange, changes, slot.open(new Claim(0, log.lease(), age)), Hold.LOG);
  }

  private Claims.Slot place(ChangeLog log) throws InterruptedException {
    for (long asked = System.nanoTime(); running.getAsBoolean(); ) {
      Claims.Slot slot = mayTake.getAsBoolean() ? claims.takeSlot() : null;
      if (slot != null) {
        return slot;
      }
      if (!mayTake.getAsBoolean()) {
        Thread.sleep(PAUSE_MILLIS);
      }
      if (System.nanoTime() - asked > log.lease().toNanos() / LOOKS_IN_A_LEASE) {
        if (!log.confirm()) {
          throw taken();
        }
        asked = System.nanoTime();
      }
    }
    throw new RuntimeCamelException("the process ends before its next batch");
  }

  private static RuntimeCamelException taken() {
    return new RuntimeCamelException("the changes of the batch are no longer this process's own");
  }

  /** Begins the work on the batch, in the exchange that does it. */
  public void work(Exchange exchange) {
    Settlement settlement = Carried.BATCH.of(exchange).settlement();
    Claims.Slot slot = Carried.SLOT.of(exchange);
    Dispatch.atEnd(
        exchange,
        () -> {
          slot.end();
          settlement.leave(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
        });
  }

  /**
   * Waits until the batch is settled. Meanwhile it makes sure that the changes stay this process's
   * own.
   *
   * @throws RuntimeCamelException when it is not settled
   */
  public void await(Exchange exchange) throws InterruptedException {
    Batch batch = Carried.BATCH.of(exchange);
    try {
      await(exchange, batch);
    } catch (RuntimeException | InterruptedException e) {
      batch.claim().lost(); // nobody asks for it any more
      throw e;
    }
  }

  private static void await(Exchange exchange, Batch batch) throws InterruptedException {
    ChangeLog log = Carried.LOG.of(exchange);
    long look = log.lease().toNanos() / LOOKS_IN_A_LEASE;
    while (true) {
      try {
        Set<Long> returned = batch.settlement().result().get(look, TimeUnit.NANOSECONDS);
        Deque<Change> left = left(exchange);
        for (int i = batch.changes().size() - 1; i >= 0; i--) {
          if (returned.contains(batch.changes().get(i).getId())) {
            left.addFirst(batch.changes().get(i));
          }
        }
        return;
      } catch (TimeoutException e) {
        confirm(log, batch.claim());
      } catch (ExecutionException e) {
        throw new RuntimeCamelException(e.getCause().getMessage(), e.getCause());
      }
    }
  }

  private static void confirm(ChangeLog log, Claim claim) {
    claim.ask();
    boolean own;
    try {
      own = log.confirm();
    } catch (RuntimeException e) { // it may be known the next time
      if (claim.isHeld()) {
        return;
      }
      throw e;
    }
    if (!own) {
      claim.lost();
      throw taken();
    }
    claim.renewed();
  }

  /**
   * To be called before a batch is written. When nobody has said of late whose its changes are, it
   * waits until that is known.
   *
   * @throws RuntimeCamelException when somebody else may have its changes by now
   */
  public static void requireClaim(Exchange exchange) throws InterruptedException {
    if (!Carried.BATCH.of(exchange).claim().awaitHeld()) {
      throw taken();
    }
  }

  /** Whether nobody else can have the changes of the batch. */
  public static boolean isHeld(Exchange exchange) {
    return Carried.BATCH.of(exchange).claim().isHeld();
  }
}

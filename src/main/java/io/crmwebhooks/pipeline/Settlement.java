package io.crmwebhooks.pipeline;

import io.crmwebhooks.pipeline.Claims.Claim;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.RuntimeCamelException;

/**
 * The settlement of a batch: when it is due, as the lanes of the batch end, and its end. The
 * partitions of its claim may be free before that. Thread-safe.
 */
final class Settlement {
  /** The fate of the batch and of the partitions of its claim. */
  enum Turn {
    GOES_ON,
    /** They are free: nothing of the batch keeps an order. */
    FREED,
    /** The batch is settled as it is. Whoever is told so does it; nobody is told twice. */
    SETTLED
  }

  private final Claim claim;
  private final boolean holdsPartitions;
  private final CompletableFuture<Set<Long>> result = new CompletableFuture<>();
  private int quickLanes;
  private int otherLanes;
  private boolean hadQuickLanes;
  private boolean keepsOrder;
  private boolean partitionsAreFree;
  private boolean isDue;
  private boolean madeByLane;

  /**
   * @param holdsPartitions whether the claim keeps partitions from others
   */
  Settlement(Claim claim, boolean holdsPartitions) {
    this.claim = claim;
    this.holdsPartitions = holdsPartitions;
  }

  /** Notes that something of the batch keeps an order, so that its partitions are not free. */
  synchronized void keepOrder() {
    keepsOrder = true;
  }

  /** Says how many lanes there are: to webhooks that have proven quick, and others. */
  synchronized void plan(int quick, int others) {
    quickLanes = quick;
    otherLanes = others;
    hadQuickLanes = quick > 0;
  }

  /**
   * Notes that a lane has ended.
   *
   * @return whether it was the last of the quick ones
   */
  synchronized boolean endLane(boolean quick) {
    if (!quick) {
      otherLanes--;
      return false;
    }
    return --quickLanes == 0;
  }

  /**
   * Says what becomes of the partitions now. They are to be free when the quick lanes have ended
   * and others go on. It says so once.
   */
  synchronized Turn turn() {
    if (!holdsPartitions || isDue || partitionsAreFree || quickLanes > 0 || otherLanes == 0) {
      return Turn.GOES_ON;
    }
    if (keepsOrder) {
      if (!hadQuickLanes) {
        return Turn.GOES_ON;
      }
      claim.settling(true);
      madeByLane = true;
      return end();
    }
    partitionsAreFree = true;
    return Turn.FREED;
  }

  /** Says that it is to be made now, with what is known. It says so once. */
  synchronized Turn end() {
    if (isDue) {
      return Turn.GOES_ON;
    }
    isDue = true;
    return Turn.SETTLED;
  }

  /**
   * Notes that the batch stands in the database.
   *
   * @param returned the changes that it gives back
   */
  void done(Set<Long> returned) {
    claim.settling(false);
    result.complete(returned);
  }

  /**
   * Notes that the work on the batch has ended, but perhaps for a lane that is settling it. Such a
   * lane may outlast the patience.
   */
  synchronized void leave(Exception failure) {
    if (!madeByLane) {
      giveUp(failure);
    }
  }

  /**
   * Notes that whoever was to make it does so no more, which says nothing once it is made.
   *
   * @param failure why; null: nobody was told
   */
  void giveUp(Exception failure) {
    String why = failure == null ? "" : ": " + failure.getMessage();
    result.completeExceptionally(
        new RuntimeCamelException("the batch was not settled" + why, failure));
  }

  /** Completes with the changes that the batch gives back, or fails. */
  CompletableFuture<Set<Long>> result() {
    return result;
  }
}

package io.crmwebhooks.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.camel.Body;

/**
 * The batches in flight. Each has a {@link Slot}, which is what keeps the poll from running ahead,
 * and a {@link Claim}, which the beat renews while it moves. Thread-safe.
 */
public final class Claims {
  private final Semaphore working;
  private final Semaphore open;
  private final long waitMillis;
  private final Duration lease;
  private final Duration unknownFor;
  private final Runnable moving;
  private final Map<Long, Claim> held = new ConcurrentHashMap<>();

  /**
   * @param batches at work at once; as many again may only wait for answers
   * @param wait how long to wait for a slot; the next poll asks again
   * @param lease how long a claim lasts from when it is made or renewed
   * @param unknownFor how old a claim gets that its process does not know
   * @param moving is told whenever claims have been renewed
   */
  public Claims(int batches, Duration wait, Duration lease, Duration unknownFor, Runnable moving) {
    this.working = new Semaphore(batches);
    this.open = new Semaphore(2 * batches);
    this.waitMillis = wait.toMillis();
    this.lease = lease;
    this.unknownFor = unknownFor;
    this.moving = moving;
  }

  /**
   * Takes a slot for a batch, waiting for one a while.
   *
   * @return null: none was free
   */
  Slot takeSlot() throws InterruptedException {
    if (!open.tryAcquire(waitMillis, TimeUnit.MILLISECONDS)) {
      return null;
    }
    if (!working.tryAcquire(waitMillis, TimeUnit.MILLISECONDS)) {
      open.release();
      return null;
    }
    return new Slot();
  }

  /**
   * Notes a claim that this process has made.
   *
   * @param age how long ago it was asked for, at most
   */
  Claim hold(long id, Duration age) {
    Claim claim = new Claim(id, lease, age);
    if (age.compareTo(unknownFor) > 0) {
      claim.lost(); // the beat takes a claim that nobody knows for an answer that got lost
    }
    held.put(id, claim);
    return claim;
  }

  /** The ids of the claims that have moved since the last time, as an array of PostgreSQL. */
  public String getMoving() {
    return held.values().stream()
        .filter(Claim::askToRenew)
        .map(claim -> Long.toString(claim.id()))
        .collect(Collectors.joining(",", "{", "}"));
  }

  /** The ids of all claims that this process knows to be its own, as an array of PostgreSQL. */
  public String getHeld() {
    held.values().removeIf(Claim::isOver);
    return held.keySet().stream()
        .map(id -> Long.toString(id))
        .collect(Collectors.joining(",", "{", "}"));
  }

  /**
   * Takes what {@code beat.sql} says of those that have moved.
   *
   * @param rows each with the id of one that has moved, and whether it was there to be renewed
   */
  public void renewed(@Body List<Map<String, Object>> rows) {
    for (Map<String, Object> row : rows) {
      Claim claim = held.get(((Number) row.get("claim_id")).longValue());
      if (claim != null && Boolean.TRUE.equals(row.get("renewed"))) {
        claim.renewed();
        moving.run();
      } else if (claim != null) {
        claim.lost();
      }
    }
  }

  /**
   * A batch's place among those in flight. One that only waits for slow answers says so. One that
   * waits for a slow customising step gives its place back at once, since other bounds hold for it.
   */
  final class Slot {
    private final AtomicBoolean done = new AtomicBoolean();
    private final AtomicBoolean given = new AtomicBoolean();
    private Claim claim;

    /** Notes the claim that the batch is worked on under, as {@link Claims#hold}. */
    Claim open(long id, Duration age) {
      claim = hold(id, age);
      return claim;
    }

    /** Notes that what the batch is worked on under is no claim in the database. */
    Claim open(Claim elsewhere) {
      claim = elsewhere;
      return claim;
    }

    /** From now on the batch only waits. May be called more than once. */
    void workDone() {
      if (done.compareAndSet(false, true)) {
        working.release();
      }
    }

    /** From now on the batch counts for nothing. May be called more than once. */
    void giveBack() {
      workDone();
      if (given.compareAndSet(false, true)) {
        open.release();
      }
    }

    /** The batch is over. */
    void end() {
      giveBack();
      if (claim != null) {
        claim.leave();
      }
    }
  }

  /**
   * The claim that a batch is worked on under, as far as this process knows. It ends with its
   * lease, unless it is renewed, which it is for as long as its batch moves. Thread-safe.
   */
  static final class Claim {
    private final long id;
    private final long leaseNanos;
    private volatile long endsAt;
    private volatile long askedAt;
    private volatile long movedAt;
    private volatile boolean left;
    private volatile boolean settling;
    private boolean isLost;

    /**
     * @param age how long ago it was asked for, at most
     */
    Claim(long id, Duration lease, Duration age) {
      this.id = id;
      this.leaseNanos = lease.toNanos();
      this.askedAt = System.nanoTime() - age.toNanos();
      this.movedAt = askedAt;
      this.endsAt = askedAt + leaseNanos;
    }

    long id() {
      return id;
    }

    /** Its batch has come a step further. */
    void moved() {
      movedAt = System.nanoTime();
    }

    /**
     * Whether its batch has moved since it was last asked to be renewed; if so, this counts as
     * asking for it.
     */
    boolean askToRenew() {
      if (movedAt - askedAt <= 0) {
        return false;
      }
      ask();
      return true;
    }

    /** It is being asked for now. */
    void ask() {
      askedAt = System.nanoTime();
    }

    /** Whoever it is of has done as it was asked. */
    synchronized void renewed() {
      endsAt = askedAt + leaseNanos;
      notifyAll();
    }

    /** The database no longer knows it: it was recorded, or somebody else has taken its changes. */
    synchronized void lost() {
      endsAt = System.nanoTime();
      isLost = true;
      notifyAll();
    }

    /** Whether it is held. When its lease has ended it waits for an answer, for as long again. */
    synchronized boolean awaitHeld() throws InterruptedException {
      long until = System.nanoTime() + leaseNanos;
      for (long left = leaseNanos; !isHeld() && !isLost && left > 0; ) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
        left = until - System.nanoTime();
      }
      return isHeld();
    }

    /** Its batch has left the route that took it. A lane may be settling it still. */
    void leave() {
      left = true;
    }

    /** A lane is settling its batch, or has done so. */
    void settling(boolean now) {
      settling = now;
    }

    /** Whether nothing in this process is about it any more. */
    boolean isOver() {
      return left && !(settling && isHeld());
    }

    /**
     * Whether three quarters of its lease are left, at least. If so, its batch has come a step
     * further.
     */
    boolean goesOn() {
      long now = System.nanoTime();
      if (now - endsAt + leaseNanos / 4 * 3 >= 0) {
        return false;
      }
      movedAt = now;
      return true;
    }

    /** Whether nobody else can have taken over the changes of its batch. */
    public boolean isHeld() {
      return System.nanoTime() - endsAt < 0;
    }
  }
}

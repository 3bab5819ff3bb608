package io.crmwebhooks.pipeline;

import java.time.Duration;

/**
 * The claim that a batch is worked on under, as far as this process knows. It ends with its lease,
 * unless it is renewed, which it is for as long as its batch moves. Thread-safe.
 */
public final class Claim {
  private final long id;
  private final long leaseNanos;
  private volatile long endsAt;
  private volatile long askedAt;
  private volatile long movedAt;

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
   * Whether its batch has moved since it was last asked to be renewed; if so, this counts as asking
   * for it.
   */
  boolean askToRenew() {
    if (movedAt - askedAt <= 0) {
      return false;
    }
    askedAt = System.nanoTime();
    return true;
  }

  /** The database has done as it was asked. */
  void renewed() {
    endsAt = askedAt + leaseNanos;
  }

  /** The database no longer knows it: it was recorded, or somebody else has taken its changes. */
  void lost() {
    endsAt = System.nanoTime();
  }

  /** Whether nobody else can have taken over the changes of its batch. */
  public boolean isHeld() {
    return System.nanoTime() - endsAt < 0;
  }
}

package io.crmwebhooks.pipeline;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Says whether writers ring when they commit, or the poll looks by itself every few milliseconds.
 *
 * <ul>
 *   <li>Writers ring while few commit. Many would wait for each other, because PostgreSQL lets
 *       transactions that notify commit one after the other only.
 *   <li>The poll looks by itself for a second at a time, and goes on while that finds much.
 *   <li>It also looks for a while after writers have been asked to ring. A transaction that was
 *       about to commit then had not heard of it.
 * </ul>
 *
 * All but {@link #claimed} is for one thread.
 */
final class PollPace {
  private static final int LOOK_MILLIS = 5;
  private static final long STRETCH = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int MANY_RINGS = 50;
  private static final long BUSY = TimeUnit.SECONDS.toNanos(1);
  private static final int MANY_CHANGES = 250;

  private final LongSupplier nanos;
  private final int idleMillis;
  private final LongAdder claimed = new LongAdder();
  private boolean ringing = true;
  private long looksUntil;
  private long stretchEnds;
  private int rings;

  /**
   * @param nanos the time, of a clock that only goes forward
   * @param idleMillis how long to wait for rings when the poll does not look by itself
   */
  PollPace(LongSupplier nanos, int idleMillis) {
    this.nanos = nanos;
    this.idleMillis = idleMillis;
    this.looksUntil = nanos.getAsLong();
    this.stretchEnds = looksUntil;
  }

  /** Notes that a claim has brought changes. Thread-safe. */
  void claimed(int changes) {
    claimed.add(changes);
  }

  /** Writers have just been asked to ring, for the first time on this connection. */
  void begin() {
    ringing = true;
    rings = 0;
    looksUntil = nanos.getAsLong() + STRETCH;
  }

  /** Whether the poll looks by itself now. */
  boolean isLooking() {
    return nanos.getAsLong() - looksUntil < 0;
  }

  /** How long to wait for the next ring. */
  int waitMillis() {
    return ringing && !isLooking() ? idleMillis : LOOK_MILLIS;
  }

  /**
   * Decides after each wait.
   *
   * @param heard rings since the last one
   * @return what to ask of writers: true to ring, false not to; null: nothing
   */
  Boolean after(int heard) {
    long now = nanos.getAsLong();
    if (now - stretchEnds >= 0) {
      stretchEnds = now + STRETCH;
      rings = 0;
    }
    rings += heard;
    if (rings >= MANY_RINGS) {
      rings = 0;
      ringing = false;
      beBusy(now);
      return false;
    }
    if (ringing || now - looksUntil < 0) {
      return null;
    }
    if (claimed.sum() >= MANY_CHANGES) {
      beBusy(now);
      return null;
    }
    begin();
    return true;
  }

  private void beBusy(long now) {
    looksUntil = now + BUSY;
    claimed.reset();
  }
}

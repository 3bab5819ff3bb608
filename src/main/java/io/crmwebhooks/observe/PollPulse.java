package io.crmwebhooks.observe;

import java.sql.SQLException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.postgresql.util.PSQLState;

/**
 * Tells from the ends of its claims whether the poll moves. Any end says that the loop is alive,
 * and a success says that the database serves it. While batches whose record is tried again hold
 * every slot, nothing is claimed. Then the ends of these tries say that the loop is alive. They do
 * so for as long as a claim lasts, so a loop that hangs is still felt. At the start all is well,
 * since the database has just been used. Thread-safe.
 */
public final class PollPulse {
  private final LongSupplier nanos;
  private volatile long endedAt;
  private volatile long claimedAt;
  private volatile String trouble;
  private volatile boolean reachable = true;

  public PollPulse(LongSupplier nanos) {
    this.nanos = nanos;
    this.endedAt = nanos.getAsLong();
    this.claimedAt = endedAt;
  }

  /**
   * A claim has ended.
   *
   * @param failure null: it has succeeded
   */
  void ended(Throwable failure) {
    long now = nanos.getAsLong();
    endedAt = now;
    if (failure == null) {
      claimedAt = now;
    }
    SQLException refused = failure == null ? null : sqlException(failure);
    reachable = refused == null || !isUnreachable(refused);
    trouble = failure == null ? null : describe(refused);
  }

  /** A batch that holds a slot has tried to write what became of it, in success or failure. */
  void tried() {
    endedAt = nanos.getAsLong();
  }

  /** The database has renewed claims, because their batches move. */
  void renewed() {
    claimedAt = nanos.getAsLong();
    endedAt = claimedAt;
  }

  /** Nothing is claimed although the loop is alive and the database well, for this reason. */
  void heldUp(String reason) {
    endedAt = nanos.getAsLong();
    trouble = reason;
  }

  /** Since a claim has ended, or a try to record one, however it did. */
  Duration sinceEnd() {
    return Duration.ofNanos(nanos.getAsLong() - endedAt);
  }

  /** Since a claim has succeeded. */
  Duration sinceClaim() {
    return Duration.ofNanos(nanos.getAsLong() - claimedAt);
  }

  /** Why the last claim failed, in words without anything secret; null when it did not. */
  String trouble() {
    return trouble;
  }

  /** Whether the last claim has met the database, be it to fail there. */
  boolean reachable() {
    return reachable;
  }

  private static String describe(SQLException failure) {
    if (failure == null) {
      return "claims fail, the log says why";
    }
    return isUnreachable(failure)
        ? "the database cannot be reached"
        : "claims fail with SQL state " + failure.getSQLState();
  }

  /** No state: the pool had no connection to give, in time. */
  private static boolean isUnreachable(SQLException failure) {
    String state = failure.getSQLState();
    return state == null || state.startsWith("57P") || PSQLState.isConnectionError(state);
  }

  private static SQLException sqlException(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof SQLException found) {
        return found;
      }
    }
    return null;
  }
}

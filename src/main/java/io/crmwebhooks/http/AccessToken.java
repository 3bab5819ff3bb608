package io.crmwebhooks.http;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The access token of one webhook, kept until shortly before its end. One attempt fetches it while
 * the others wait, each for as long as it may. A failed fetch counts for all who ask within {@link
 * #PAUSE_NANOS}. Thread-safe.
 */
final class AccessToken {
  static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Between a fetch and the end of a token for which its server names none. */
  private static final long UNNAMED_SECONDS = 300;

  private static final long LONGEST_SECONDS = TimeUnit.DAYS.toSeconds(1);
  private static final long MARGIN_SECONDS = 60;

  /**
   * A token with its times, by the clock of this class.
   *
   * @param renewed when the next one is fetched
   * @param over when it can be used no longer
   */
  record Held(String value, long renewed, long over) {
    /**
     * @param asked when it was asked for
     * @param seconds that it is good for, as its server says; not positive: it does not say
     */
    static Held of(String value, long asked, long seconds) {
      long bounded = seconds <= 0 ? UNNAMED_SECONDS : Math.min(seconds, LONGEST_SECONDS);
      long life = TimeUnit.SECONDS.toNanos(bounded);
      long margin = Math.min(TimeUnit.SECONDS.toNanos(MARGIN_SECONDS), life / 5);
      return new Held(value, asked + life - margin, asked + life);
    }

    private boolean isFresh(long now) {
      return renewed - now > 0;
    }

    private boolean isUsable(long now) {
      return over - now > 0;
    }

    @Override
    public String toString() {
      return "access token";
    }
  }

  /** Asks the token server. */
  interface Fetch {
    /**
     * @param nanos within which it must end
     */
    Held within(long nanos) throws TokenServerException;
  }

  private final ClientCredentials credentials;
  private final LongSupplier nanoTime;
  private final ReentrantLock fetching = new ReentrantLock();
  private final AtomicReference<Held> held = new AtomicReference<>();
  private TokenServerException failure; // of the last fetch, under the lock
  private long failedAt;

  AccessToken(ClientCredentials credentials, LongSupplier nanoTime) {
    this.credentials = credentials;
    this.nanoTime = nanoTime;
  }

  /** With what it is asked for; with others it is another token. */
  ClientCredentials credentials() {
    return credentials;
  }

  /**
   * The token to send now. While a new one is fetched before the end of the old one, others go on
   * with the old one, as do all when that fails.
   *
   * @param nanos until the deadline of the attempt
   */
  Held get(long nanos, Fetch fetch) throws TokenServerException {
    long asked = nanoTime.getAsLong();
    Held known = held.get();
    if (known != null && known.isFresh(asked)) {
      return known;
    }
    if (known != null && known.isUsable(asked)) {
      return fetching.tryLock() ? fetched(asked, nanos, fetch) : known;
    }
    if (!isLockedWithin(nanos)) {
      throw new TokenServerException("no token in time, while another attempt asks for it");
    }
    return fetched(asked, nanos, fetch);
  }

  private boolean isLockedWithin(long nanos) throws TokenServerException {
    try {
      return fetching.tryLock(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TokenServerException("interrupted");
    }
  }

  /** With the lock, which it gives back. */
  private Held fetched(long asked, long nanos, Fetch fetch) throws TokenServerException {
    try {
      long now = nanoTime.getAsLong();
      Held known = held.get();
      if (known != null && known.isFresh(now)) {
        return known;
      }
      if (mayAsk(now)) {
        try {
          Held made = fetch.within(Math.max(0, nanos - (now - asked)));
          failure = null;
          held.set(made);
          return made;
        } catch (TokenServerException e) {
          failure = e;
          failedAt = nanoTime.getAsLong();
        }
      }
      if (known != null && known.isUsable(nanoTime.getAsLong())) {
        return known;
      }
      throw failure.again();
    } finally {
      fetching.unlock();
    }
  }

  private boolean mayAsk(long now) {
    return failure == null || now - failedAt >= PAUSE_NANOS;
  }

  /** The receiver does not take it: the next attempt needs another one. */
  void drop(Held refused) {
    held.compareAndSet(refused, null);
  }

  /** Whether nothing would be lost with it. */
  boolean isIdle() {
    if (!fetching.tryLock()) {
      return false;
    }
    try {
      long now = nanoTime.getAsLong();
      Held known = held.get();
      return mayAsk(now) && (known == null || !known.isUsable(now));
    } finally {
      fetching.unlock();
    }
  }
}

package io.crmwebhooks.api;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Slows failed logins down, by client address: each failure is answered later than the one before,
 * and while a few of an address wait for their answers, or many of all, further ones are refused
 * unread. A token that was right before is known and does not wait among them, so that who works
 * with one is not held up by the failures of others at the same address, such as a proxy's. An
 * address without failures for a while starts anew; of too many addresses and tokens the oldest are
 * forgotten. Thread-safe.
 */
final class LoginThrottle {
  static final int MOST_WAITING = 10;
  static final int MOST_WAITING_IN_ALL = 200;
  static final int MOST_ADDRESSES = 10_000;
  static final int MOST_TOKENS = 1000;
  private static final long FIRST_MILLIS = 100;
  private static final long LONGEST_MILLIS = 5000;
  private static final long FORGET_NANOS = Duration.ofMinutes(10).toNanos();

  private static final class Failures {
    int count;
    int waiting;
    long lastNanos;
  }

  private final LongSupplier nanos;
  private final Map<String, Failures> byAddress = new Newest<>(MOST_ADDRESSES);
  private final Map<String, Boolean> right = new Newest<>(MOST_TOKENS);
  private int waiting;

  /**
   * @param nanos as {@link System#nanoTime}
   */
  LoginThrottle(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /**
   * Whether a token has opened something before.
   *
   * @param token its hash
   */
  synchronized boolean knows(String token) {
    return right.get(token) != null;
  }

  /** Notes a token that opens something. */
  synchronized void succeeded(String token) {
    right.put(token, true);
  }

  /**
   * Whether a token of this address that is not known is looked at at all. It waits then until
   * {@link #answered}.
   */
  synchronized boolean admits(String address) {
    Failures failures = byAddress.computeIfAbsent(address, a -> new Failures());
    if (waiting >= MOST_WAITING_IN_ALL || failures.waiting >= MOST_WAITING) {
      return false;
    }
    failures.waiting++;
    waiting++;
    return true;
  }

  synchronized void answered(String address) {
    waiting--;
    Failures failures = byAddress.get(address);
    if (failures != null && failures.waiting > 0) {
      failures.waiting--;
    }
  }

  /**
   * Notes a failure.
   *
   * @return milliseconds after which it is answered
   */
  synchronized long failed(String address, String token) {
    right.remove(token); // it may have been revoked
    Failures failures = byAddress.computeIfAbsent(address, a -> new Failures());
    long now = nanos.getAsLong();
    if (failures.count > 0 && now - failures.lastNanos > FORGET_NANOS) {
      failures.count = 0;
    }
    failures.lastNanos = now;
    int doublings = Math.min(failures.count++, 10);
    return Math.min(FIRST_MILLIS << doublings, LONGEST_MILLIS);
  }

  /** Keeps those that were asked for last. */
  private static final class Newest<V> extends LinkedHashMap<String, V> {
    private static final long serialVersionUID = 1L;
    private final int most;

    Newest(int most) {
      super(16, 0.75f, true);
      this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
      return size() > most;
    }
  }
}

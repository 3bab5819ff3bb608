package io.crmwebhooks.api;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Slows failed logins down, by client address: each failure is answered later than the one before,
 * and while a few of an address wait for their answers its further ones are refused unread. A right
 * token is never held up by the failures of others at the same address, such as a proxy's, unless
 * so many of them are waiting. An address without failures for a while starts anew; of too many
 * addresses the oldest are forgotten. Thread-safe.
 */
final class LoginThrottle {
  static final int MOST_WAITING = 10;
  static final int MOST_ADDRESSES = 10_000;
  private static final long FIRST_MILLIS = 100;
  private static final long LONGEST_MILLIS = 5000;
  private static final long FORGET_NANOS = Duration.ofMinutes(10).toNanos();

  private static final class Failures {
    int count;
    int waiting;
    long lastNanos;
  }

  private final LongSupplier nanos;
  private final Map<String, Failures> byAddress =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
          return size() > MOST_ADDRESSES;
        }
      };

  /**
   * @param nanos as {@link System#nanoTime}
   */
  LoginThrottle(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** Whether a token of this address is looked at at all. */
  synchronized boolean admits(String address) {
    Failures failures = byAddress.get(address);
    return failures == null || failures.waiting < MOST_WAITING;
  }

  /**
   * Notes a failure.
   *
   * @return milliseconds after which it is answered, and {@link #answered} called
   */
  synchronized long failed(String address) {
    Failures failures = byAddress.computeIfAbsent(address, a -> new Failures());
    long now = nanos.getAsLong();
    if (failures.count > 0 && now - failures.lastNanos > FORGET_NANOS) {
      failures.count = 0;
    }
    failures.lastNanos = now;
    failures.waiting++;
    int doublings = Math.min(failures.count++, 10);
    return Math.min(FIRST_MILLIS << doublings, LONGEST_MILLIS);
  }

  synchronized void answered(String address) {
    Failures failures = byAddress.get(address);
    if (failures != null && failures.waiting > 0) {
      failures.waiting--;
    }
  }
}

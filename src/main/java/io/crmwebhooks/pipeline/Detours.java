package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Delivery;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * How the endpoints fare that routes have given to deliveries in place of their webhook's, as far
 * as this process knows. One that keeps failing is paused by the rule of all endpoints. Then the
 * deliveries to it that are claimed go out when their lease ends, and one at a time tries it. The
 * least used are forgotten. Thread-safe.
 */
final class Detours {
  private static final int MOST = 1000;

  private record Key(UUID webhook, String endpoint) {}

  private static final class Health {
    int failures;
    int pauses;
    boolean probed; // after the pause
    Instant pausedUntil = Instant.MIN;
  }

  private final PauseRule rule;
  private final Map<Key, Health> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Health> eldest) {
          return size() > MOST;
        }
      };

  Detours(PauseRule rule) {
    this.rule = rule;
  }

  private static Key key(Delivery delivery) {
    return new Key(delivery.webhook().id(), delivery.elsewhere());
  }

  synchronized boolean isPaused(Delivery delivery, Instant now) {
    Health health = known.get(key(delivery));
    return health != null && now.isBefore(health.pausedUntil);
  }

  /**
   * Says whether a delivery may be sent now. After a pause the first one that asks may, and the
   * others wait for what becomes of it.
   *
   * @param patience how long they wait for that
   */
  synchronized boolean admit(Delivery delivery, Instant now, Duration patience) {
    Health health = known.get(key(delivery));
    if (health == null || health.pauses == 0) {
      return true;
    }
    if (now.isBefore(health.pausedUntil)) {
      return false;
    }
    health.pausedUntil = now.plus(patience);
    health.probed = true;
    return true;
  }

  synchronized void succeeded(Delivery delivery) {
    known.remove(key(delivery));
  }

  /**
   * Notes that an attempt has failed.
   *
   * @param status of the answer; null: there was none
   * @param asked how long the receiver wants to be left alone
   */
  synchronized void failed(Delivery delivery, Instant now, Integer status, Duration asked) {
    Health health = known.computeIfAbsent(key(delivery), key -> new Health());
    if (now.isBefore(health.pausedUntil) && !health.probed) {
      return; // it was on its way when the pause began
    }
    health.failures += PauseRule.weight(status);
    boolean asks = rule.failures() > 0 && !asked.isZero() && PauseRule.isOfTheEndpoint(status);
    if (health.probed || rule.isReached(health.failures) || asks) {
      health.failures = 0;
      health.probed = false;
      health.pausedUntil = now.plus(rule.length(health.pauses++, asked));
    }
  }
}

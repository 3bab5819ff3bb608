package io.crmwebhooks.demo;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The last 10,000 deliveries, by which a receiver tells a first attempt from a redelivery and from
 * a repeat. Thread-safe.
 */
final class AttemptLog {
  private static final int REMEMBERED = 10_000;

  private record Seen(int attempts, boolean accepted) {}

  static String ordinal(int number) {
    return number
        + switch (number % 100 / 10 == 1 ? 0 : number % 10) {
          case 1 -> "st";
          case 2 -> "nd";
          case 3 -> "rd";
          default -> "th";
        };
  }

  private final Map<String, Seen> deliveries =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Seen> eldest) {
          return size() > REMEMBERED;
        }
      };

  /** The number of this attempt of a delivery, from 1. */
  synchronized int next(String delivery) {
    Seen before = deliveries.getOrDefault(delivery, new Seen(0, false));
    deliveries.put(delivery, new Seen(before.attempts() + 1, before.accepted()));
    return before.attempts() + 1;
  }

  /** Notes that it was accepted; true when an earlier attempt had been. */
  synchronized boolean accept(String delivery) {
    Seen before = deliveries.getOrDefault(delivery, new Seen(1, false));
    deliveries.put(delivery, new Seen(before.attempts(), true));
    return before.accepted();
  }
}

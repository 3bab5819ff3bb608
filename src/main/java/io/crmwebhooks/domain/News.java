package io.crmwebhooks.domain;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** Takes what operators should know. Returns at once and never fails. */
public interface News {
  /** The event of a change that is set aside. */
  String PARKED = "change.parked";

  /** Where nobody is to be told, as on the command line. */
  News UNTOLD = (event, webhook, reason) -> {};

  /**
   * Tells that something has happened.
   *
   * @param event such as {@code webhook.disabled}
   * @param webhook the id of the webhook that it is about, or null
   * @param reason in words
   */
  void tell(String event, String webhook, String reason);

  /**
   * Lets one piece of news of each kind through in an interval, and counts the others, so that a
   * storm of them makes a few lines. Thread-safe.
   */
  final class NewsPace {
    private static final int KINDS_REMEMBERED = 10_000;

    /** When one was let through, and how many have been left out since. */
    private record Kind(long toldAt, long leftOut) {}

    private final long interval;
    private final LongSupplier nanos;
    private final Map<String, Kind> kinds = new ConcurrentHashMap<>();

    /**
     * @param nanos the time, of a clock that only goes forward
     */
    public NewsPace(Duration interval, LongSupplier nanos) {
      this.interval = interval.toNanos();
      this.nanos = nanos;
    }

    /**
     * Asks whether this one may go.
     *
     * @return how many of its kind have been left out before it; empty: it is left out itself
     */
    public OptionalLong admit(String kind) {
      long now = nanos.getAsLong();
      if (kinds.size() > KINDS_REMEMBERED) {
        kinds.values().removeIf(known -> now - known.toldAt >= interval);
      }
      long[] before = {-1};
      kinds.compute(
          kind,
          (name, known) -> {
            if (known != null && now - known.toldAt < interval) {
              return new Kind(known.toldAt, known.leftOut + 1);
            }
            before[0] = known == null ? 0 : known.leftOut;
            return new Kind(now, 0);
          });
      return before[0] < 0 ? OptionalLong.empty() : OptionalLong.of(before[0]);
    }
  }
}

package io.crmwebhooks.pipeline;

import java.time.Duration;

/** What a replay does next. */
public sealed interface Step {
  /** Owes up to so many deliveries more. */
  record Owe(int room) implements Step {}

  /**
   * Waits.
   *
   * @param reason in words, where it does not go on by itself; else null
   */
  record Wait(String reason, Duration time) implements Step {}

  /** Has owed all, and each has been sent at least once. */
  record Done() implements Step {}

  /** Ends before its time. */
  record Cancel(String reason) implements Step {}
}

package io.crmwebhooks.domain;

import java.time.Duration;

/** What became of a delivery, named by the state that it leaves the delivery in. */
public sealed interface Outcome {
  Delivery delivery();

  /** The receiver accepted it. */
  record Delivered(Delivery delivery, Attempt attempt) implements Outcome {}

  /** The attempt failed; the next one falls due after {@code delay}. */
  record RetryAt(Delivery delivery, Attempt attempt, Duration delay) implements Outcome {}

  /** The attempt failed and the schedule is spent. */
  record Dead(Delivery delivery, Attempt attempt) implements Outcome {}

  /** The receiver wants no deliveries any more; this one is cancelled. */
  record Gone(Delivery delivery, Attempt attempt) implements Outcome {}

  /** Not attempted: the webhook has turned out to be gone since it was owed. */
  record Cancelled(Delivery delivery) implements Outcome {}

  /**
   * Not attempted, or not answered yet: pending, and due after {@code delay} unless its outcome
   * comes before.
   */
  record Owed(Delivery delivery, Duration delay) implements Outcome {}
}

package io.crmwebhooks.pipeline;

import java.time.Duration;

/**
 * How fast a replay owes its deliveries. It must starve nobody. So at any time only a share of the
 * webhook's attempts in flight is owed and not sent yet. The rest stays free for new changes, and
 * deliveries that wait for the webhook go first. Immutable.
 */
public final class ReplayPace {
  private final double share;
  private final int failures;
  private final Duration pause;
  private final Duration delay;

  /**
   * @param share of the webhook's concurrency, at least one place
   * @param failures that may wait for their next attempt, before it matters how many have arrived
   * @param pause between two steps
   * @param delay until one that cannot go on looks again
   */
  public ReplayPace(double share, int failures, Duration pause, Duration delay) {
    this.share = share;
    this.failures = failures;
    this.pause = pause;
    this.delay = delay;
  }

  /**
   * The values that the next step depends on.
   *
   * @param deleted the webhook is no longer there
   * @param enabled the webhook is served, and not in shadow
   * @param concurrency attempts in flight that the webhook allows
   * @param ended the last change of the range has been dealt with
   * @param owed deliveries so far
   * @param unattempted those of them that have not been sent yet
   * @param failing those of them that have failed and wait for their next attempt
   * @param othersWait other deliveries of the webhook are due
   * @param stoodStill for how long what is to be sent before the next step has not moved
   */
  public record Situation(
      boolean deleted,
      boolean enabled,
      int concurrency,
      boolean ended,
      long owed,
      long unattempted,
      long failing,
      boolean othersWait,
      Duration stoodStill) {}

  /**
   * The next step of a replay.
   *
   * @param room it owes up to so many deliveries more; 0: none now
   * @param state that it is in
   * @param reason in words, where it ends before its time or does not go on by itself; else null
   * @param delay until the next step
   */
  public record Step(int room, String state, String reason, Duration delay) {
    static final String RUNNING = "running";
    static final String DONE = "done";
    static final String CANCELLED = "cancelled";

    static Step owe(int room) {
      return new Step(room, RUNNING, null, Duration.ZERO);
    }

    static Step wait(String reason, Duration time) {
      return new Step(0, RUNNING, reason, time);
    }

    static Step end(String state, String reason) {
      return new Step(0, state, reason, Duration.ZERO);
    }
  }

  /** Milliseconds between two steps. */
  public long pauseMillis() {
    return pause.toMillis();
  }

  public Step next(Situation now) {
    if (now.deleted()) {
      return Step.end(Step.CANCELLED, "the webhook was deleted");
    }
    if (now.ended() && now.unattempted() == 0) {
      return Step.end(Step.DONE, null);
    }
    if (!now.enabled()) {
      return Step.wait("the webhook is disabled or in shadow", delay);
    }
    if (now.failing() > failures && now.failing() > now.owed() / 5) {
      return Step.wait(
          now.failing() + " of its deliveries have failed and wait to be sent again", delay);
    }
    if (now.othersWait()) {
      return Step.wait("other deliveries of the webhook go first", untilNextLook(now));
    }
    long room = Math.max(1, (long) (now.concurrency() * share)) - now.unattempted();
    return now.ended() || room <= 0 ? Step.wait(null, untilNextLook(now)) : Step.owe((int) room);
  }

  /**
   * An endpoint that is paused, silent or at its rate limit takes nothing sooner when it is asked
   * often. Two delays, since as much may pass between two looks: owed deliveries must not run out
   * meanwhile.
   */
  private Duration untilNextLook(Situation now) {
    return now.stoodStill().compareTo(delay.multipliedBy(2)) < 0 ? pause : delay;
  }
}

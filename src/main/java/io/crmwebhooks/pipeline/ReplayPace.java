package io.crmwebhooks.pipeline;

import java.time.Duration;

/**
 * How fast a replay owes its deliveries. So that it starves nobody, only a share of what may be in
 * flight to the webhook is owed and not sent yet at any time: the rest stays free for what happens
 * now, and what waits for the webhook goes first. Immutable.
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
   * What the next step depends on.
   *
   * @param deleted the webhook is no longer there
   * @param enabled the webhook is served
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

  /** Milliseconds between two steps. */
  public long pauseMillis() {
    return pause.toMillis();
  }

  public Step next(Situation now) {
    if (now.deleted()) {
      return new Step.Cancel("the webhook was deleted");
    }
    if (now.ended() && now.unattempted() == 0) {
      return new Step.Done();
    }
    if (!now.enabled()) {
      return new Step.Wait("the webhook is disabled", delay);
    }
    if (now.failing() > failures && now.failing() > now.owed() / 5) {
      return new Step.Wait(
          now.failing() + " of its deliveries have failed and wait to be sent again", delay);
    }
    if (now.othersWait()) {
      return new Step.Wait("other deliveries of the webhook go first", untilNextLook(now));
    }
    long room = Math.max(1, (long) (now.concurrency() * share)) - now.unattempted();
    return now.ended() || room <= 0
        ? new Step.Wait(null, untilNextLook(now))
        : new Step.Owe((int) room);
  }

  /**
   * What an endpoint that is paused, silent or within its rate limit does not take is taken no
   * sooner when it is asked for often. Two delays, since as much may pass between two looks: what
   * is owed must not run out meanwhile.
   */
  private Duration untilNextLook(Situation now) {
    return now.stoodStill().compareTo(delay.multipliedBy(2)) < 0 ? pause : delay;
  }
}

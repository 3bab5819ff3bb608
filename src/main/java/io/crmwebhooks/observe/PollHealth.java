package io.crmwebhooks.observe;

import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * Says by the {@link PollPulse} whether this process is well. It is <em>live</em> while claims, or
 * tries to record them, end, in success or failure: only a new start helps when none does, and none
 * helps when the database is away. It is <em>ready</em> while claims succeed. Asks the database
 * nothing, so that a probe neither waits nor costs. Thread-safe.
 */
final class PollHealth extends AbstractHealthCheck {
  private final boolean live;
  private final Duration limit;
  private final Supplier<Duration> age;
  private final Supplier<String> complaint;

  private PollHealth(
      String id, boolean live, Duration limit, Supplier<Duration> age, Supplier<String> complaint) {
    super("crm-webhooks", id);
    this.live = live;
    this.limit = limit;
    this.age = age;
    this.complaint = complaint;
  }

  /** Down when no claim, nor a try to record one, has ended for longer than the limit. */
  static PollHealth live(PollPulse pulse, Duration limit) {
    return new PollHealth("poll", true, limit, pulse::sinceEnd, () -> "the poll stands still");
  }

  /** Down when no claim has succeeded for longer than the limit. */
  static PollHealth ready(PollPulse pulse, Duration limit) {
    return new PollHealth(
        "database",
        false,
        limit,
        pulse::sinceClaim,
        () -> pulse.trouble() == null ? "no claim comes to its end" : pulse.trouble());
  }

  @Override
  public boolean isLiveness() {
    return live;
  }

  @Override
  public boolean isReadiness() {
    return !live;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    Duration now = age.get();
    builder.detail("lastClaimSecondsAgo", now.toSeconds());
    if (now.compareTo(limit) <= 0) {
      builder.up();
    } else {
      builder
          .message("no changes claimed for " + now.toSeconds() + " s: " + complaint.get())
          .down();
    }
  }
}

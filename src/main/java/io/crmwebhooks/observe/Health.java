package io.crmwebhooks.observe;

import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * Says whether this process is well, by the {@link PollPulse}. It is <em>live</em> while claims, or
 * tries to record them, end, in success or failure. When none ends, only a new start helps; when
 * the database is away, a new start does not help. It is <em>ready</em> while claims succeed. Asks
 * the database nothing, so that a probe neither waits nor costs. Thread-safe.
 */
final class Health extends AbstractHealthCheck {
  private enum Kind {
    LIVENESS,
    READINESS,
    SHOWN_ONLY
  }

  private final Kind kind;
  private final Consumer<HealthCheckResultBuilder> answer;

  private Health(String id, Kind kind, Consumer<HealthCheckResultBuilder> answer) {
    super("crm-webhooks", id);
    this.kind = kind;
    this.answer = answer;
  }

  /** Down when no claim, nor a try to record one, has ended for longer than the limit. */
  static HealthCheck live(PollPulse pulse, Duration limit) {
    return new Health(
        "poll",
        Kind.LIVENESS,
        result -> within(limit, pulse.sinceEnd(), () -> "the poll stands still", result));
  }

  /** Down when no claim has succeeded for longer than the limit. */
  static HealthCheck ready(PollPulse pulse, Duration limit) {
    return new Health(
        "database",
        Kind.READINESS,
        result ->
            within(
                limit,
                pulse.sinceClaim(),
                () -> pulse.trouble() == null ? "no claim comes to its end" : pulse.trouble(),
                result));
  }

  /**
   * Down when Kafka's brokers have not answered for longer than the limit. Their addresses are not
   * for everybody who may ask.
   *
   * @param silence zero: they have answered
   */
  static HealthCheck kafka(Supplier<Duration> silence, Duration limit) {
    return new Health(
        "kafka",
        Kind.READINESS,
        result -> {
          Duration now = silence.get();
          if (now.compareTo(limit) <= 0) {
            result.up();
          } else {
            result
                .message(
                    "the brokers of webhooks.kafka.brokers have not answered for %d s"
                        .formatted(now.toSeconds()))
                .down();
          }
        });
  }

  /**
   * Whether tables are captured as they should be. Always up: no probe mends a trigger, and a new
   * start neither.
   */
  static HealthCheck capture(DatabaseReading reading) {
    return new Health(
        "capture",
        Kind.SHOWN_ONLY,
        result -> {
          result.detail("problems", reading.problems()).detail("lostChanges", reading.lost());
          if (reading.problems() > 0 || reading.lost() > 0) {
            result.message("not all changes are captured: \"crm-webhooks check\" says why");
          }
          result.up();
        });
  }

  private static void within(
      Duration limit, Duration age, Supplier<String> complaint, HealthCheckResultBuilder result) {
    result.detail("lastClaimSecondsAgo", age.toSeconds());
    if (age.compareTo(limit) <= 0) {
      result.up();
    } else {
      result.message("no changes claimed for " + age.toSeconds() + " s: " + complaint.get()).down();
    }
  }

  @Override
  public boolean isLiveness() {
    return kind == Kind.LIVENESS;
  }

  @Override
  public boolean isReadiness() {
    return kind == Kind.READINESS;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    answer.accept(builder);
  }
}

package io.crmwebhooks.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.health.HealthCheck;
import org.junit.jupiter.api.Test;

class PollPulseTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final AtomicLong now = new AtomicLong();
  private final PollPulse pulse = new PollPulse(now::get);
  private final HealthCheck live = Health.live(pulse, LIMIT);
  private final HealthCheck ready = Health.ready(pulse, LIMIT);

  @Test
  void a_claim_that_succeeds_says_that_all_is_well() {
    pass(100);
    pulse.ended(null);
    assertThat(state(live)).isEqualTo(HealthCheck.State.UP);
    assertThat(state(ready)).isEqualTo(HealthCheck.State.UP);
  }

  @Test
  void claims_that_fail_for_longer_than_the_limit_make_it_not_ready_but_leave_it_live() {
    pass(10);
    pulse.ended(new SQLException("secret", "42P01"));
    assertThat(state(ready)).isEqualTo(HealthCheck.State.UP);
    pass(1);
    pulse.ended(new SQLException("secret", "42P01"));
    assertThat(state(ready)).isEqualTo(HealthCheck.State.DOWN);
    assertThat(state(live)).isEqualTo(HealthCheck.State.UP);
    assertThat(ready.call().getMessage())
        .contains("no changes claimed for 11 s: claims fail with SQL state 42P01");
    assertThat(pulse.reachable()).isTrue();
    pulse.ended(null);
    assertThat(state(ready)).isEqualTo(HealthCheck.State.UP);
  }

  @Test
  void a_claim_that_does_not_end_makes_it_neither_live_nor_ready() {
    pass(11);
    assertThat(state(live)).isEqualTo(HealthCheck.State.DOWN);
    assertThat(state(ready)).isEqualTo(HealthCheck.State.DOWN);
  }

  @Test
  void tries_to_record_batches_that_hold_all_slots_leave_it_live_but_not_ready() {
    pass(9);
    pulse.tried();
    pass(9);
    assertThat(state(live)).isEqualTo(HealthCheck.State.UP);
    assertThat(state(ready)).isEqualTo(HealthCheck.State.DOWN);
    pass(2);
    assertThat(state(live)).isEqualTo(HealthCheck.State.DOWN);
  }

  @Test
  void a_database_that_cannot_be_reached_is_told_from_one_that_refuses_the_statement() {
    for (SQLException failure :
        new SQLException[] {
          new SQLTransientConnectionException("the pool had none in time"),
          new SQLException("refused", "08001"),
          new SQLException("shutting down", "57P01")
        }) {
      pulse.ended(new IllegalStateException(failure));
      assertThat(pulse.reachable()).isFalse();
      assertThat(pulse.trouble()).isEqualTo("the database cannot be reached");
    }
    pulse.ended(new IllegalStateException("a bean failed"));
    assertThat(pulse.reachable()).isTrue();
    assertThat(pulse.trouble()).isEqualTo("claims fail, the log says why");
  }

  @Test
  void brokers_that_are_silent_for_longer_than_the_limit_make_it_not_ready_and_are_told() {
    AtomicLong silence = new AtomicLong(10);
    HealthCheck kafka = Health.kafka(() -> Duration.ofSeconds(silence.get()), LIMIT);
    assertThat(state(kafka)).isEqualTo(HealthCheck.State.UP);
    silence.set(11);
    assertThat(state(kafka)).isEqualTo(HealthCheck.State.DOWN);
    assertThat(kafka.call().getMessage())
        .contains("the brokers of webhooks.kafka.brokers have not answered for 11 s");
    assertThat(kafka.isReadiness()).isTrue();
    assertThat(kafka.isLiveness()).isFalse();
  }

  private static HealthCheck.State state(HealthCheck check) {
    return check.call().getState();
  }

  private void pass(int seconds) {
    now.addAndGet(seconds * 1_000_000_000L);
  }
}

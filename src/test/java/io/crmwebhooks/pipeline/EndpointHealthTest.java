package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.pipeline.EndpointHealth.Failure;
import io.crmwebhooks.pipeline.RetrySchedule.Jitter;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EndpointHealthTest {
  private static final Instant START = Instant.parse("2025-02-10T15:30:50Z");
  private static final Duration FIRST = Duration.ofSeconds(5);
  private static final Webhook WEBHOOK =
      TestWebhook.to("http://localhost/").withConcurrency(8).build();

  private final EndpointHealth health =
      new EndpointHealth(
          new PauseRule(4, FIRST, Duration.ofMinutes(5), Duration.ofDays(5), Jitter.NONE));
  private final Delivery first = Changes.first(1, "r1", WEBHOOK);
  private final Delivery pending = again(false);
  private final Delivery probe = again(true);
  private Instant now = START;

  @Test
  void as_many_failures_in_a_row_as_the_setting_says_ask_for_a_pause_once() {
    assertThat(fails(500)).isEmpty();
    assertThat(fails(500)).isEmpty();
    assertThat(fails(404)).isEmpty();
    assertThat(fails(500)).contains(new Failure(Duration.ZERO, FIRST));
    assertThat(health.limit(8)).as("what follows waits at once").isZero();
    assertThat(fails(500)).as("what was in flight").isEmpty();
    assertThat(fails(500)).isEmpty();
  }

  @Test
  void a_success_among_them_begins_the_count_anew() {
    fails(500);
    fails(500);
    fails(500);
    assertThat(health.succeeded(first, now)).isFalse();
    fails(500);
    fails(500);
    assertThat(fails(500)).isEmpty();
    assertThat(health.limit(8)).isEqualTo(8);
  }

  @Test
  void an_endpoint_that_is_away_is_paused_after_half_as_many() {
    assertThat(fails(null)).isEmpty();
    assertThat(fails(503)).isPresent();
  }

  @Test
  void a_receiver_that_asks_for_time_is_paused_at_once_for_as_long() {
    Optional<Failure> asked = health.failed(first, now, 429, Duration.ofMinutes(10));
    assertThat(asked).contains(new Failure(Duration.ZERO, Duration.ofMinutes(10)));
  }

  @Test
  void one_that_asks_because_of_one_delivery_is_not() {
    assertThat(health.failed(first, now, 400, Duration.ofMinutes(10))).isEmpty();
  }

  @Test
  void what_is_asked_and_not_answered_is_asked_again_after_a_while() {
    health.failed(first, now, 503, FIRST);
    now = now.plusSeconds(5);
    assertThat(fails(503)).isEmpty();
    now = now.plusMillis(1);
    assertThat(fails(503)).isPresent();
  }

  @Test
  void a_pause_that_was_asked_for_in_vain_ends_with_the_next_success() {
    health.failed(first, now, 503, FIRST);
    assertThat(health.limit(8)).isZero();
    assertThat(health.limitOfClaims())
        .as("claims go on, since the database knows no pause")
        .isNull();
    assertThat(health.succeeded(pending, now)).isFalse();
    assertThat(health.limit(8)).isEqualTo(8);
  }

  @Test
  void while_it_is_paused_nothing_is_sent_but_what_a_claim_brings() {
    health.adopt(START, true, 1);
    assertThat(health.limit(8)).isZero();
    assertThat(health.limitOfClaims()).isEqualTo(1);
    assertThat(fails(503)).as("what was in flight").isEmpty();
    assertThat(health.succeeded(first, now)).as("of a batch, where nobody asks").isFalse();
  }

  @Test
  void each_probe_that_fails_makes_the_next_pause_longer() {
    health.adopt(START, true, 1);
    assertThat(probeFails()).contains(new Failure(Duration.ZERO, FIRST.multipliedBy(2)));
    health.adopt(START, true, 2);
    now = now.plusSeconds(10);
    assertThat(probeFails()).contains(new Failure(Duration.ofSeconds(10), FIRST.multipliedBy(4)));
  }

  @Test
  void a_probe_that_is_accepted_is_told_and_the_attempts_grow_from_one() {
    health.adopt(START, true, 3);
    assertThat(health.succeeded(probe, now)).isTrue();
    assertThat(health.limit(8)).as("until the database says so").isZero();
    health.adopt(null, false, 0);
    assertThat(health.limit(8)).isEqualTo(1);
    assertThat(health.limitOfClaims()).isEqualTo(1);
    for (int limit = 2; limit < 8; limit++) {
      assertThat(health.succeeded(pending, now)).isFalse();
      assertThat(health.limit(8)).isEqualTo(limit);
    }
    health.succeeded(pending, now);
    assertThat(health.limit(100)).as("the webhook's own limit").isEqualTo(100);
    assertThat(health.limitOfClaims()).isNull();
  }

  @Test
  void a_process_that_hears_of_the_end_of_a_pause_begins_with_one_attempt_too() {
    health.adopt(START, true, 3);
    health.adopt(null, false, 0);
    assertThat(health.limit(8)).isEqualTo(1);
  }

  @Test
  void a_failure_while_it_grows_halves_it() {
    health.adopt(START, true, 3);
    health.adopt(null, false, 0);
    for (int i = 0; i < 5; i++) {
      health.succeeded(pending, now);
    }
    assertThat(health.limit(100)).isEqualTo(6);
    fails(500);
    assertThat(health.limit(100)).isEqualTo(3);
  }

  @Test
  void one_that_fails_rarely_but_for_long_is_noted_without_a_pause() {
    fails(500);
    now = now.plusSeconds(59);
    assertThat(fails(500)).isEmpty();
    now = now.plusSeconds(1);
    assertThat(fails(500)).contains(new Failure(Duration.ofMinutes(1), null));
    health.adopt(START, false, 0);
    assertThat(health.limit(8)).as("it goes on by way of claims").isZero();
    assertThat(health.limitOfClaims()).isNull();
    assertThat(health.succeeded(pending, now)).as("and is told to be well").isTrue();
    health.adopt(null, false, 0);
    assertThat(health.limit(8)).as("at once").isEqualTo(8);
  }

  @Test
  void one_that_is_noted_and_fails_for_too_long_is_told_again() {
    health.adopt(START, false, 0);
    assertThat(fails(500)).isEmpty();
    now = START.plus(Duration.ofDays(5));
    assertThat(fails(500)).contains(new Failure(Duration.ofDays(5), null));
  }

  @Test
  void a_load_of_the_webhooks_leaves_the_count_of_one_that_is_not_noted() {
    fails(500);
    fails(500);
    fails(500);
    health.adopt(null, false, 0);
    assertThat(fails(500)).isPresent();
  }

  private Optional<Failure> fails(Integer status) {
    return health.failed(first, now, status, Duration.ZERO);
  }

  private Optional<Failure> probeFails() {
    return health.failed(probe, now, 503, Duration.ZERO);
  }

  private static Delivery again(boolean probe) {
    return Changes.claimed(WEBHOOK, new Delivery.History(1, 0, false, probe, true));
  }
}

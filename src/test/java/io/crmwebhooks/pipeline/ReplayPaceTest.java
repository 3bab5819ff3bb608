package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.pipeline.ReplayPace.Situation;
import io.crmwebhooks.pipeline.ReplayPace.Step;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayPaceTest {
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Duration DELAY = Duration.ofSeconds(1);
  private final ReplayPace pace = new ReplayPace(0.5, 500, PAUSE, DELAY);

  private static Situation owing(int concurrency, long unattempted) {
    return new Situation(
        false, true, concurrency, false, 1000, unattempted, 0, false, Duration.ZERO);
  }

  private static Situation failing(long owed, long failing) {
    return new Situation(false, true, 32, false, owed, 0, failing, false, Duration.ZERO);
  }

  @Test
  void half_of_the_webhooks_concurrency_is_left_to_others() {
    assertThat(pace.next(owing(32, 0))).isEqualTo(Step.owe(16));
    assertThat(pace.next(owing(32, 15))).isEqualTo(Step.owe(1));
    assertThat(pace.next(owing(32, 16))).isEqualTo(Step.wait(null, PAUSE));
    assertThat(pace.next(owing(32, 40))).isEqualTo(Step.wait(null, PAUSE));
  }

  @Test
  void one_place_is_always_taken() {
    assertThat(pace.next(owing(1, 0))).isEqualTo(Step.owe(1));
    assertThat(new ReplayPace(0, 500, PAUSE, DELAY).next(owing(32, 0))).isEqualTo(Step.owe(1));
  }

  @Test
  void what_waits_for_the_webhook_goes_first() {
    assertThat(pace.next(new Situation(false, true, 32, false, 10, 0, 0, true, Duration.ZERO)))
        .satisfies(step -> assertThat(step.reason()).contains("go first"));
  }

  @Test
  void it_looks_often_only_while_what_goes_before_it_moves() {
    for (Situation situation :
        List.of(
            new Situation(false, true, 32, false, 10, 16, 0, false, Duration.ofMillis(1999)),
            new Situation(false, true, 32, true, 10, 1, 0, false, Duration.ofMillis(1999)),
            new Situation(false, true, 32, false, 10, 0, 0, true, Duration.ofMillis(1999)))) {
      assertThat(wait(situation)).isEqualTo(PAUSE);
      assertThat(wait(still(situation, Duration.ofSeconds(2)))).isEqualTo(DELAY);
    }
    assertThat(pace.next(still(owing(32, 0), Duration.ofHours(1)))).isEqualTo(Step.owe(16));
  }

  private Duration wait(Situation situation) {
    return pace.next(situation).delay();
  }

  private static Situation still(Situation s, Duration time) {
    return new Situation(
        s.deleted(),
        s.enabled(),
        s.concurrency(),
        s.ended(),
        s.owed(),
        s.unattempted(),
        s.failing(),
        s.othersWait(),
        time);
  }

  @Test
  void many_failures_hold_it_up_unless_far_more_has_arrived() {
    assertThat(pace.next(failing(1000, 500)).room()).isPositive();
    assertThat(pace.next(failing(1000, 501)))
        .isEqualTo(
            Step.wait(
                "501 of its deliveries have failed and wait to be sent again",
                Duration.ofSeconds(1)));
    assertThat(pace.next(failing(100_000, 20_000)).room()).isPositive();
    assertThat(pace.next(failing(100_000, 20_001)).room()).isZero();
  }

  @Test
  void it_is_done_when_all_has_been_sent_once_whatever_came_of_it() {
    assertThat(pace.next(new Situation(false, true, 32, true, 9, 2, 0, false, Duration.ZERO)))
        .isEqualTo(Step.wait(null, PAUSE));
    assertThat(pace.next(new Situation(false, true, 32, true, 9, 0, 5, true, Duration.ZERO)))
        .isEqualTo(Step.end(Step.DONE, null));
  }

  @Test
  void a_disabled_webhook_makes_it_wait_and_a_deleted_one_ends_it() {
    assertThat(pace.next(new Situation(false, false, 32, false, 0, 0, 0, false, Duration.ZERO)))
        .isEqualTo(Step.wait("the webhook is disabled or in shadow", Duration.ofSeconds(1)));
    assertThat(pace.next(new Situation(true, false, 32, true, 0, 0, 0, false, Duration.ZERO)))
        .isEqualTo(Step.end(Step.CANCELLED, "the webhook was deleted"));
  }
}

package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.pipeline.RetrySchedule.Jitter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryScheduleTest {
  private static final List<Duration> DELAYS =
      List.of(Duration.ofSeconds(5), Duration.ofMinutes(5));

  private static final Instant NOW = Instant.parse("2025-02-10T15:30:50Z");

  private final RetrySchedule schedule =
      new RetrySchedule(DELAYS, Jitter.NONE, Duration.ofHours(24));

  @Test
  void follows_the_schedule_and_then_is_spent() {
    assertThat(schedule.delayAfter(1, null, Duration.ZERO)).contains(Duration.ofSeconds(5));
    assertThat(schedule.delayAfter(2, null, Duration.ZERO)).contains(Duration.ofMinutes(5));
    assertThat(schedule.delayAfter(3, null, Duration.ZERO)).isEmpty();
  }

  @Test
  void a_webhook_may_have_one_of_its_own() {
    assertThat(schedule.delayAfter(1, List.of(Duration.ofHours(1)), Duration.ZERO))
        .contains(Duration.ofHours(1));
    assertThat(schedule.delayAfter(2, List.of(Duration.ofHours(1)), Duration.ZERO)).isEmpty();
    assertThat(schedule.delayAfter(1, List.of(), Duration.ZERO)).isEmpty();
  }

  @Test
  void has_jitter() {
    RetrySchedule schedule = new RetrySchedule(DELAYS, JitterTest.drawing(0.2, 0), Duration.ZERO);
    assertThat(schedule.delayAfter(1, null, Duration.ZERO)).contains(Duration.ofSeconds(4));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | PT0S",
        "120 | PT2M",
        " 120  | PT2M",
        "86400 | PT24H",
        "86401 | PT24H",
        "99999999999999999999 | PT24H",
        "Mon, 10 Feb 2025 15:31:50 GMT | PT1M",
        "Mon, 10 Feb 2025 15:30:00 GMT | PT0S",
        "Tue, 10 Feb 2026 15:30:00 GMT | PT24H",
        "Monday, 10-Feb-25 15:31:50 GMT | PT1M",
        "Mon Feb 10 15:31:50 2025 | PT1M",
        "Sun Mar  2 15:31:50 2025 | PT24H"
      })
  void seconds_and_dates_are_heeded_up_to_the_limit(String header, Duration wait) {
    assertThat(schedule.asked(header, NOW)).isEqualTo(wait);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "soon", "-5", "1.5", "10s", "2025-02-10T15:31:50Z"})
  void what_cannot_be_read_counts_as_not_there(String header) {
    assertThat(schedule.asked(header, NOW)).isZero();
  }

  @Test
  void a_date_that_is_no_date_counts_as_not_there() {
    assertThat(schedule.asked("Mon, 31 Feb 2025 15:31:50 GMT", NOW)).isZero();
  }

  @Test
  void a_receiver_may_ask_for_a_later_attempt_but_not_for_a_sooner_one() {
    assertThat(schedule.delayAfter(1, null, Duration.ofMinutes(1))).contains(Duration.ofMinutes(1));
    assertThat(schedule.delayAfter(2, null, Duration.ofMinutes(1))).contains(Duration.ofMinutes(5));
  }
}

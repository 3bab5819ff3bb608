package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RetryScheduleTest {
  private static final List<Duration> DELAYS =
      List.of(Duration.ofSeconds(5), Duration.ofMinutes(5));

  @Test
  void follows_the_schedule_and_then_is_spent() {
    RetrySchedule schedule = new RetrySchedule(DELAYS, 0, new Random(1));
    assertThat(schedule.delayAfter(1, null)).contains(Duration.ofSeconds(5));
    assertThat(schedule.delayAfter(2, null)).contains(Duration.ofMinutes(5));
    assertThat(schedule.delayAfter(3, null)).isEmpty();
  }

  @Test
  void a_webhook_may_have_one_of_its_own() {
    RetrySchedule schedule = new RetrySchedule(DELAYS, 0, new Random(1));
    assertThat(schedule.delayAfter(1, List.of(Duration.ofHours(1)))).contains(Duration.ofHours(1));
    assertThat(schedule.delayAfter(2, List.of(Duration.ofHours(1)))).isEmpty();
    assertThat(schedule.delayAfter(1, List.of())).isEmpty();
  }

  @Test
  void draws_a_delay_from_the_jitter_below_to_the_jitter_above() {
    assertThat(delayFor(0.0)).isEqualTo(Duration.ofSeconds(4));
    assertThat(delayFor(0.5)).isEqualTo(Duration.ofSeconds(5));
    assertThat(delayFor(Math.nextDown(1.0))).isEqualTo(Duration.ofSeconds(6));
  }

  private static Duration delayFor(double drawn) {
    RandomGenerator fixed =
        new RandomGenerator() {
          @Override
          public long nextLong() {
            throw new UnsupportedOperationException();
          }

          @Override
          public double nextDouble() {
            return drawn;
          }
        };
    return new RetrySchedule(DELAYS, 0.2, fixed).delayAfter(1, null).orElseThrow();
  }
}

package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PauseRuleTest {
  private static final Duration FIRST = Duration.ofSeconds(5);
  private static final Duration LONGEST = Duration.ofMinutes(1);

  @Test
  void each_pause_is_twice_as_long_as_the_one_before_up_to_the_longest() {
    PauseRule rule = rule(0, 0.5);
    assertThat(rule.length(0, Duration.ZERO)).isEqualTo(FIRST);
    assertThat(rule.length(1, Duration.ZERO)).isEqualTo(FIRST.multipliedBy(2));
    assertThat(rule.length(3, Duration.ZERO)).isEqualTo(FIRST.multipliedBy(8));
    assertThat(rule.length(4, Duration.ZERO)).isEqualTo(LONGEST);
    assertThat(rule.length(1_000_000, Duration.ZERO)).isEqualTo(LONGEST);
  }

  @Test
  void a_pause_is_drawn_from_the_jitter_below_to_the_jitter_above() {
    assertThat(rule(0.2, 0).length(0, Duration.ZERO)).isEqualTo(Duration.ofSeconds(4));
    assertThat(rule(0.2, Math.nextDown(1.0)).length(0, Duration.ZERO))
        .isEqualTo(Duration.ofSeconds(6));
  }

  @Test
  void a_pause_is_as_long_as_the_receiver_asks_at_least() {
    assertThat(rule(0, 0.5).length(0, Duration.ofHours(1))).isEqualTo(Duration.ofHours(1));
    assertThat(rule(0, 0.5).length(0, Duration.ofSeconds(1))).isEqualTo(FIRST);
  }

  @ParameterizedTest
  @CsvSource({"500,1", "404,1", "429,2", "501,1", "502,2", "503,2", "504,2", "505,1", ",2"})
  void what_says_that_the_whole_endpoint_is_in_trouble_counts_twice(Integer status, int weight) {
    assertThat(PauseRule.weight(status)).isEqualTo(weight);
  }

  @Test
  void nothing_is_paused_when_that_is_turned_off() {
    assertThat(PauseRule.NEVER.isReached(Integer.MAX_VALUE)).isFalse();
    assertThat(rule(0, 0).isReached(9)).isFalse();
    assertThat(rule(0, 0).isReached(10)).isTrue();
  }

  private static PauseRule rule(double jitter, double drawn) {
    return new PauseRule(10, FIRST, LONGEST, Duration.ofDays(5), JitterTest.drawing(jitter, drawn));
  }
}

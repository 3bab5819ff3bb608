package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.pipeline.RetrySchedule.Jitter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class JitterTest {
  @Test
  void draws_a_delay_from_the_jitter_below_to_the_jitter_above() {
    assertThat(drawing(0.2, 0.0).around(5000)).isEqualTo(Duration.ofSeconds(4));
    assertThat(drawing(0.2, 0.5).around(5000)).isEqualTo(Duration.ofSeconds(5));
    assertThat(drawing(0.2, Math.nextDown(1.0)).around(5000)).isEqualTo(Duration.ofSeconds(6));
  }

  @Test
  void leaves_a_delay_as_it_is_where_none_is_wanted() {
    assertThat(Jitter.NONE.around(5000)).isEqualTo(Duration.ofSeconds(5));
    assertThat(drawing(0, 0.9).around(5000)).isEqualTo(Duration.ofSeconds(5));
  }

  /** One that always draws the same, from 0 to 1. */
  static Jitter drawing(double most, double drawn) {
    return new Jitter(most, () -> (long) (drawn * (1L << 53)) << 11);
  }
}

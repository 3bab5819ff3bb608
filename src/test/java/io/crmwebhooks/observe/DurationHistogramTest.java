package io.crmwebhooks.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.observe.AttemptCounts.DurationHistogram;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DurationHistogramTest {
  @Test
  void percentiles_are_at_most_a_quarter_too_long() {
    DurationHistogram durations = new DurationHistogram();
    IntStream.rangeClosed(1, 1000).forEach(durations::add);
    assertThat(durations.percentile(0.5)).isBetween(500, 625);
    assertThat(durations.percentile(0.95)).isBetween(950, 1188);
    assertThat(durations.percentile(1)).isBetween(1000, 1250);
  }

  @Test
  void nothing_has_no_percentile_and_anything_has_a_bucket() {
    DurationHistogram durations = new DurationHistogram();
    assertThat(durations.percentile(0.5)).isNull();
    assertThat(durations.counts()).isEmpty();
    durations.add(0);
    assertThat(durations.percentile(0.5)).isEqualTo(1);
    durations.add(Long.MAX_VALUE);
    assertThat(durations.percentile(1)).isGreaterThan(300_000);
  }

  @Test
  void two_are_added_bucket_by_bucket() {
    DurationHistogram one = new DurationHistogram();
    one.add(1L);
    DurationHistogram other = new DurationHistogram();
    other.add(1L);
    other.add(50L);
    one.add(other);
    assertThat(one.counts()).startsWith(2).endsWith(1);
  }
}

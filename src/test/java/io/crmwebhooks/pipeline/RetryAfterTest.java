package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
  private static final Instant NOW = Instant.parse("2025-02-10T15:30:50Z");

  private final RetryAfter retryAfter = new RetryAfter(Duration.ofHours(24));

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
    assertThat(retryAfter.read(header, NOW)).contains(wait);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "soon", "-5", "1.5", "10s", "2025-02-10T15:31:50Z"})
  void what_cannot_be_read_counts_as_not_there(String header) {
    assertThat(retryAfter.read(header, NOW)).isEmpty();
  }

  @Test
  void a_date_that_is_no_date_counts_as_not_there() {
    assertThat(retryAfter.read("Mon, 31 Feb 2025 15:31:50 GMT", NOW)).isEqualTo(Optional.empty());
  }
}

package io.crmwebhooks.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class PastTimeTest {
  private static final Instant NOW = Instant.parse("2025-03-01T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "90s, 2025-03-01T11:58:30Z",
    "90m, 2025-03-01T10:30:00Z",
    "2h, 2025-03-01T10:00:00Z",
    "1d, 2025-02-28T12:00:00Z",
    "2025-02-10, 2025-02-10T00:00:00Z",
    "2025-02-10T15:30:00Z, 2025-02-10T15:30:00Z",
    "2025-02-10T15:30+02:00, 2025-02-10T13:30:00Z"
  })
  void a_time_is_how_long_ago_a_date_or_a_time_with_a_zone(String text, Instant time) {
    assertThat(PastTime.parse(text, NOW)).isEqualTo(time);
  }

  @ParameterizedTest
  @ValueSource(strings = {"yesterday", "2", "-2h", "2h30m", "2025-02-30", "2025-02-10T15:30:00"})
  void anything_else_is_refused_with_what_to_write(String text) {
    assertThatThrownBy(() -> PastTime.parse(text, NOW))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageStartingWith("'" + text + "' is no time; write how long ago");
  }

  @Test
  void the_converter_counts_from_now() {
    assertThat(new PastTime().convert("1s")).isBefore(Instant.now());
  }
}

package io.crmwebhooks.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.demo.SampleReceiver.AttemptLog;
import io.crmwebhooks.demo.SampleReceiver.Outage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrintoutTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"name\":{\"firstName\":\"Ada\",\"lastName\":\"Alder\"}} | Ada Alder",
        "{\"name\":\"Blue Heron Press\",\"title\":\"no\"} | Blue Heron Press",
        "{\"title\":\"Call about mugs\",\"id\":\"7\"} | Call about mugs",
        "{\"id\":\"7\"} | 7",
      })
  void names_the_record_as_a_person_would(String record, String label) {
    assertThat(print("{\"event\":\"x.created\",\"data\":" + record + "}"))
        .contains("x.created             " + label + "  ");
  }

  @Test
  void reads_the_body_of_twenty_too() {
    assertThat(
            print(
                "{\"eventName\":\"x.updated\",\"record\":{\"title\":\"A\"},\"updatedFields\":[\"b\"]}"))
        .contains("x.updated             A: b  ");
  }

  @Test
  void adds_the_fields_that_changed() {
    assertThat(print("{\"data\":{\"name\":\"Atlas\"},\"updatedFields\":[\"city\",\"stage\"]}"))
        .contains("  Atlas: city, stage  ");
  }

  @Test
  void shortens_a_long_label_so_that_the_columns_stay() {
    assertThat(print("{\"event\":\"x.created\",\"data\":{\"name\":\"" + "x".repeat(90) + "\"}}"))
        .contains("x".repeat(37) + "…  result");
  }

  @Test
  void an_outage_begins_with_the_first_request_ends_and_comes_back() {
    Outage outage = new Outage(Duration.ofSeconds(6), Duration.ofSeconds(45));

    assertThat(outage.meets(NOON)).isTrue();
    assertThat(outage.meets(NOON.plusMillis(5999))).isTrue();
    assertThat(outage.meets(NOON.plusSeconds(6))).isFalse();
    assertThat(outage.meets(NOON.plusSeconds(45))).isTrue();
    assertThat(Outage.NEVER.meets(NOON)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"1, 1st", "2, 2nd", "3, 3rd", "4, 4th", "11, 11th", "12, 12th", "21, 21st"})
  void counts_attempts_in_words(int number, String ordinal) {
    assertThat(AttemptLog.ordinal(number)).isEqualTo(ordinal);
  }

  private static String print(String webhook) {
    StringWriter printed = new StringWriter();
    new Printout(new PrintWriter(printed), Clock.fixed(NOON, ZoneOffset.UTC))
        .webhook("/x", webhook.getBytes(StandardCharsets.UTF_8), "result");
    return printed.toString();
  }
}

package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.domain.Change;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FormatTest {
  @Test
  void splices_the_record_in_as_it_was_written() {
    assertThat(
            text(
                Changes.of(
                    "person.created", "{\"n\": 1.10, \"n2\":12345678901234567890.123456789}")))
        .isEqualTo(
            "{\"event\":\"person.created\",\"data\":{\"n\": 1.10, \"n2\":12345678901234567890.123456789},"
                + "\"timestamp\":\"2025-02-10T15:30:50Z\"}");
  }

  @Test
  void names_the_updated_fields_of_an_update_and_of_nothing_else() {
    String fields = "[\"emails\",\"name\"]";
    assertThat(text(Changes.of(1, "", "person.updated", "{}", fields)))
        .endsWith(",\"updatedFields\":" + fields + "}");
    assertThat(text(Changes.of(1, "", "person.deleted", "{}", fields)))
        .doesNotContain("updatedFields");
  }

  @Test
  void escapes_the_event() {
    assertThat(text(Changes.of("per\"son.created", "{}")))
        .startsWith("{\"event\":\"per\\\"son.created\"");
  }

  @Test
  void keeps_every_digit_of_a_customised_record() {
    Change change =
        Changes.of(
            "person.created", "{\"salary\":1,\"n\":12345678901234567890.123456789,\"s\":\"𝄞\"}");
    change.getRecord().remove("salary");
    assertThat(text(change))
        .contains("\"data\":{\"n\":12345678901234567890.123456789,\"s\":\"𝄞\"}");
    assertThat(change.isCustomised()).isTrue();
  }

  private static String text(Change change) {
    return new String(Format.EVENT.render(change, null, null), StandardCharsets.UTF_8);
  }
}

package io.crmwebhooks.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventPatternTest {
  @Test
  void an_event_matches_exactly_four_patterns() {
    assertThat(EventPattern.matching("person.created"))
        .containsExactlyInAnyOrder("person.created", "person.*", "*.created", "*.*");
  }

  @ParameterizedTest
  @ValueSource(strings = {"person.created", "person.*", "*.created", "*.*", "_rakete.gelöscht"})
  void accepts_the_four_forms(String operation) {
    EventPattern.check(operation);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*",
        "person",
        "person.",
        ".created",
        "a.b.c",
        "per*.created",
        "person. created"
      })
  void refuses_anything_else_by_name(String operation) {
    assertThatThrownBy(() -> EventPattern.check(operation))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + operation + "'");
  }

  @ParameterizedTest
  @CsvSource({
    "person.created,",
    "person,event is not",
    "a.b.c,event is not",
    "*.created,event is not",
    "'',event is missing"
  })
  void says_what_is_wrong_with_an_event(String event, String problem) {
    if (problem == null) {
      assertThat(EventPattern.problemOf(event)).isNull();
    } else {
      assertThat(EventPattern.problemOf(event)).startsWith(problem);
    }
  }
}

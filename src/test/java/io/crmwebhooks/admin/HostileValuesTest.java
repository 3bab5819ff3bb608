package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values that PostgreSQL would refuse, refused before with the name of their field. */
class HostileValuesTest {
  private static void assertNamed(String field, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> {
              assertThat(problem.status()).isEqualTo(400);
              assertThat(problem.errors())
                  .extracting(Problem.FieldError::field)
                  .containsExactly(field);
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a=%00",
        "a=0000-01-01T00:00:00Z",
        "a=-4713-01-01T00:00:00Z",
        "a=%2B294277-01-01T00:00:00Z",
        "a=%2B999999999-01-01T00:00:00Z",
        "a=x",
        "a=1&a=2"
      })
  void a_query_with_a_time_that_cannot_be_compared(String raw) {
    Fields query = Fields.ofQuery(raw, List.of("a"));
    query.instant("a");
    assertNamed("a", query::check);
  }
}

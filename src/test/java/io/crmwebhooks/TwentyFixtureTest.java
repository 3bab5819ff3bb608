package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ground that the tests over a Twenty stand on. */
class TwentyFixtureTest {
  @ParameterizedTest
  @ValueSource(strings = {TwentyFixture.OLDER, TwentyFixture.NEWER})
  void it_is_edited_as_twenty_edits_itself(String generation) throws SQLException {
    try (TestDatabase database = TestDatabase.create()) {
      TwentyFixture twenty = TwentyFixture.create(database.dataSource(), generation);
      twenty.addWorkspace("30c1a0de-5a17-4000-8000-000000000002", "Other", "odd Schema");
      String rocket = TwentyFixture.table("_rocket");
      twenty.run(
          "INSERT INTO %s (status, tags) VALUES ('BUILT', '{RED,BLUE}')".formatted(rocket),
          edit("add_object", "probe", "probes", "custom", "name TEXT"),
          edit("add_field", "probe", "mass NUMERIC"),
          edit("edit_options", "rocket", "status", "BUILT", "LOST"),
          edit("edit_options", "rocket", "tags", "RED", "BLUE", "PINK"),
          edit("rename_field", "rocket", "pilot", "captain"),
          edit("rename_object", "rocket", "ship", "ships"),
          edit("drop_field", "ship", "budget"),
          edit("drop_object", "probe"));

      assertThat(
              twenty.value(
                  "SELECT concat_ws(' ', status, tags, \"captainFirstName\" IS NULL) FROM "
                      + TwentyFixture.table("_ship")))
          .isEqualTo("BUILT {RED,BLUE} t");
      assertThat(twenty.value("SELECT count(*) FROM \"odd Schema\"._rocket")).isEqualTo("0");
      assertThat(twenty.value("SELECT to_regclass('%s') IS NULL".formatted(rocket))).isEqualTo("t");
    }
  }

  private static String edit(String function, String... arguments) {
    return "SELECT sample_twenty.%s('%s', '%s')"
        .formatted(function, TwentyFixture.WORKSPACE, String.join("', '", arguments));
  }
}

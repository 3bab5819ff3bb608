package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.TestDatabase;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.EventPattern;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The rule by which events match is in Java for the pipeline and in SQL for replays. */
class MatchingOperationsTest {
  @Test
  void replays_match_events_by_the_rule_of_the_pipeline() throws SQLException {
    try (TestDatabase database = TestDatabase.create()) {
      Sql sql = new Sql(database.dataSource());
      for (String event : List.of("person.created", "custom_object.destroyed", "ß.𝄞")) {
        List<String> matching = new ArrayList<>();
        sql.row("SELECT webhooks.matching_operations(:?event) AS o", Map.of("event", event))
            .orElseThrow()
            .path("o")
            .forEach((JsonNode operation) -> matching.add(operation.asText()));
        assertThat(matching).isEqualTo(EventPattern.matching(event));
      }
    }
  }
}

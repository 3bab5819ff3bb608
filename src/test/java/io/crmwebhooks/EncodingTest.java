package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static io.crmwebhooks.TestReceiver.respond;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Databases that are not in UTF8: what can be converted is sent, and what cannot is parked. */
class EncodingTest {
  /**
   * @param bad a character that its encoding takes and that no conversion to UTF-8 knows; 0: it has
   *     none
   */
  @ParameterizedTest
  @CsvSource({"WIN1252, 129", "SQL_ASCII, 200", "EUC_JP, 0", "LATIN1, 0"})
  void a_value_that_cannot_be_converted_stops_nothing(String encoding, int bad) {
    Set<String> met = ConcurrentHashMap.newKeySet();
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) ->
                    respond(
                        exchange,
                        met.add(request.id()) ? 500 : 200,
                        "\u65e5\u672c \ufffd \u00e9"));
        PipelineFixture pipeline =
            new PipelineFixture(
                TestDatabase.create(encoding), "webhooks.delivery.retry-schedule", "50ms")) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{\"a\":1}");
      if (bad > 0) {
        for (int at = 0; at < 4; at++) {
          String[] values = {"'person.created'", "'r'", "'{\"a\":1}'", "'a'"};
          values[at] =
              at == 2
                  ? "'{\"a\":\"' || chr(%d) || '\"}'".formatted(bad)
                  : values[at] + " || chr(%d)".formatted(bad);
          pipeline.sql(
              "INSERT INTO webhooks.change (event, record_id, record, updated_fields)"
                  + " SELECT %s, %s, CAST(%s AS json), ARRAY[%s]".formatted((Object[]) values));
        }
      }
      pipeline.change("person.created", "{\"a\":2}");
      pipeline.start();
      soon().until(() -> pipeline.count("undispatched") == 0);
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 2);
      assertThat(pipeline.count("parked_change")).isEqualTo(bad > 0 ? 4 : 0);
      assertThat(pipeline.count("attempt WHERE status = 500 AND response IS NOT NULL"))
          .isEqualTo(2);
      JsonNode events = pipeline.api().get("/rest/events").body().path("data");
      assertThat(events).hasSize(bad > 0 ? 6 : 2);
      for (JsonNode event : events) {
        assertThat(pipeline.api().get("/rest/events/" + event.path("id")).status()).isEqualTo(200);
      }
    }
  }

  @Test
  void what_the_database_is_told_is_ascii() throws IOException {
    for (String folder : List.of("db/migration", "sql")) {
      try (Stream<Path> files = Files.list(Path.of("src/main/resources", folder))) {
        for (Path file : files.toList()) {
          assertThat(StandardCharsets.US_ASCII.newEncoder().canEncode(Files.readString(file)))
              .as(file.toString())
              .isTrue();
        }
      }
    }
  }
}

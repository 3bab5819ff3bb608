package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.HostileRows.Row;
import io.crmwebhooks.TestReceiver.Received;
import io.crmwebhooks.database.Sql;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Any value in the tables is sent or parked, once, and shown everywhere. Nothing that only reads,
 * shows or keeps house fails because of it.
 */
class HostileValuesTest {
  private static PipelineFixture pipeline;
  private static TestReceiver receiver;
  private static UUID webhook;

  @BeforeAll
  static void every_row_is_sent_once_or_parked() {
    receiver = TestReceiver.answering(200);
    pipeline =
        new PipelineFixture(
            "webhooks.metrics.period",
            "100ms",
            "webhooks.delivery.lease",
            "3s",
            "webhooks.delivery.timeout",
            "2s");
    webhook = pipeline.webhook(receiver.url("/"));
    HostileRows.insertInto(pipeline);
    pipeline.sql(
        "INSERT INTO webhooks.subscription (target_url, operations, description, enabled, headers,"
            + " created_at, updated_at, retry_schedule, concurrency)"
            + " SELECT 'http://' || repeat('h', 100000), array_agg('o' || n), repeat('d', 100000), false,"
            + " jsonb_build_object(repeat('n', 10000), ''), 'infinity', 'infinity', '99999999999d', 2147483647"
            + " FROM generate_series(1, 1000) n");
    pipeline.start();
    soon().until(() -> pipeline.count("undispatched") == 0);
  }

  @AfterAll
  static void stop() {
    pipeline.close();
    receiver.close();
  }

  private static List<Row> sent() {
    return HostileRows.ALL.stream().filter(row -> row.timestamp() != null).toList();
  }

  @Test
  void bodies_say_when_a_change_was_made_and_each_came_once() {
    soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == sent().size());
    Map<Long, String> bodies = new HashMap<>();
    for (Received received : receiver.received()) {
      String body = new String(received.body(), StandardCharsets.UTF_8);
      assertThat(bodies.put(Long.parseLong(received.id().substring(4, 20), 16), body)).isNull();
    }
    for (int i = 0; i < HostileRows.ALL.size(); i++) {
      Row row = HostileRows.ALL.get(i);
      if (row.timestamp() == null) {
        assertThat(bodies).as(row.what()).doesNotContainKey(i + 1L);
      } else {
        assertThat(bodies.get(i + 1L))
            .as(row.what())
            .contains("\"timestamp\":\"" + row.timestamp());
      }
    }
    assertThat(pipeline.count("parked_change")).isEqualTo(HostileRows.ALL.size() - sent().size());
    assertThat(pipeline.count("claim")).isZero();
  }

  @Test
  void the_api_and_the_commands_show_all_of_it() {
    ApiClient api = pipeline.api();
    Cli server = Cli.asking(pipeline.url(), PipelineFixture.TOKEN);
    Cli database = Cli.on(pipeline.databaseUrl());
    JsonNode events = api.get("/rest/events?limit=200").body().path("data");
    assertThat(events).hasSize(HostileRows.ALL.size());
    assertThat(api.get("/rest/deliveries?limit=200").body().path("data")).hasSize(sent().size());
    for (JsonNode event : events) {
      Row row = HostileRows.ALL.get(event.path("id").asInt() - 1);
      String path = "/rest/events/" + event.path("id");
      JsonNode shown = api.get(path).body();
      assertThat(shown.toString().length()).as(row.what()).isLessThan(1_200_000);
      if (row.timestamp() != null) {
        assertThat(shown.path("occurredAt").asText()).as(row.what()).startsWith(row.timestamp());
        JsonNode delivery = shown.at("/deliveries/0/id");
        assertThat(api.get("/rest/deliveries/" + delivery.asText()).body().path("body").asText())
            .as(row.what())
            .contains(row.timestamp());
      }
    }
    String digits = api.get("/rest/events/14").raw().body();
    assertThat(digits).contains("\\\"a\\\":1.50,\\\"b\\\":1e1200,");
    assertThat(api.get("/rest/stats").status()).isEqualTo(200);
    assertThat(api.get("/rest/reconciliation").status()).isEqualTo(200);
    for (int id : List.of(1, 11, 13, 18, HostileRows.ALL.size())) {
      assertThat(server.run("event", "show", id).code()).as("event " + id).isZero();
    }
    for (Cli cli : List.of(server, database)) {
      for (String list : List.of("event", "delivery", "webhook")) {
        assertThat(cli.run(list, "list").code()).as(list).isZero();
      }
      assertThat(cli.run("event", "show", 14).out()).contains("1.50", "1e1200", "1E+99999999999");
    }
  }

  @Test
  void gauges_and_housekeeping_go_on() throws Exception {
    assertThat(pipeline.scrape().value("webhooks_readings_age_seconds")).isLessThan(5);
    Sql sql = pipeline.statements();
    sql.rows(Sql.sql("note-times.sql"), Map.of());
    sql.rows(Sql.sql("wake-sleepers.sql"), Map.of());
    sql.rows(Sql.sql("stats-queue.sql"), Map.of());
    assertThat(sql.rows(Sql.sql("check-consistency.sql"), Map.of("most", 100))).isEmpty();
    JsonNode range =
        sql.row(Sql.sql("find-times.sql"), nulls("since", "until", "object", "action")).get();
    assertThat(range.has("newest")).isTrue();
    assertThat(pipeline.api().post("/rest/replays", replay("2020-01-01T00:00:00Z")).status())
        .isEqualTo(201);
  }

  private static String replay(String since) {
    return "{\"webhookId\":\"%s\",\"mode\":\"missing\",\"since\":\"%s\"}".formatted(webhook, since);
  }

  private static Map<String, Object> nulls(String... names) {
    Map<String, Object> nulls = new HashMap<>();
    for (String name : names) {
      nulls.put(name, null);
    }
    return nulls;
  }
}

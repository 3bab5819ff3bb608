package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.admin.Problem;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Sending again what has arrived and is in a topic. */
class KafkaRedeliveryTest extends KafkaOperations {
  @Test
  void one_that_arrived_is_sent_again_with_its_id_as_its_next_attempt() throws Exception {
    run("UPDATE webhooks.subscription SET ordering = 'record'");
    changes(1);
    arrived(1);
    String id = outcome(1).path("id").asText();
    JsonNode again = call(OPERATOR, "POST", "/rest/deliveries/" + id + "/redeliver", Json.object());
    assertThat(again.path("id").asText()).isEqualTo(id);
    assertThat(again.path("state").asText()).isEqualTo("pending");
    assertThat(again.path("attemptCount").asInt()).isEqualTo(1);
    assertThat(again.path("attempts")).hasSize(1);
    ObjectNode row =
        sql.row(
                "SELECT id, schedule_from, record_key IS NOT NULL AS kept, due_at <= now() AS due FROM webhooks.delivery",
                Map.of())
            .orElseThrow();
    assertThat(row)
        .hasToString(
            "{\"id\":\"%s\",\"schedule_from\":1,\"kept\":true,\"due\":true}".formatted(id));
    assertThat(changes(get("/rest/deliveries?" + since()))).containsExactly(1L);
    assertThat(get("/rest/deliveries?state=pending").path("data")).hasSize(1);
  }

  @Test
  void one_whose_body_is_not_kept_shows_none_and_is_not_sent_again() throws Exception {
    changes(1);
    outcomes.write(outcome(1).put("body_left_out", true), Instant.now());
    outcomes.flush();
    String path = "/rest/deliveries/" + outcome(1).path("id").asText();
    assertThat(get(path).path("body").isNull()).isTrue();
    assertThatThrownBy(() -> call(OPERATOR, "POST", path + "/redeliver", Json.object()))
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.status()).isEqualTo(409))
        .hasMessageContaining("too long to be kept");
  }

  @Test
  void many_that_arrived_are_sent_again_by_their_ids_or_by_a_range() throws Exception {
    changes(250);
    for (long change = 1; change <= 250; change++) {
      outcomes.write(outcome(change), Instant.now());
    }
    outcomes.flush();
    ObjectNode body = Json.object();
    body.putArray("ids")
        .add(outcome(1).path("id").asText())
        .add(outcome(2).path("id").asText())
        .add(outcome(2).path("id").asText().replace("msg_0000", "msg_0001"));
    JsonNode some = call(OPERATOR, "POST", "/rest/deliveries/redeliver", body);
    assertThat(some.path("redelivered").asInt()).isEqualTo(2);
    ObjectNode range =
        Json.object()
            .put("state", "delivered")
            .put("since", Instant.now().minusSeconds(3600).toString());
    int sum = 0;
    JsonNode page;
    do {
      page = call(OPERATOR, "POST", "/rest/deliveries/redeliver", range);
      sum += page.path("redelivered").asInt();
      range.set("cursor", page.path("nextCursor"));
    } while (page.hasNonNull("nextCursor"));
    assertThat(sum).isEqualTo(248);
    assertThatThrownBy(
            () ->
                call(
                    OPERATOR,
                    "POST",
                    "/rest/deliveries/redeliver",
                    Json.object().put("state", "delivered")))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("since");
  }

  @Test
  void more_than_fits_into_memory_is_sent_again_a_part_at_a_time() throws Exception {
    changes(30);
    ObjectNode body = Json.object();
    for (long change = 1; change <= 30; change++) {
      outcomes.write(outcome(change).put("body", "b".repeat(200_000)), Instant.now());
      body.withArray("ids").add(outcome(change).path("id").asText());
    }
    outcomes.flush();
    JsonNode again = call(OPERATOR, "POST", "/rest/deliveries/redeliver", body);
    assertThat(again.path("redelivered").asInt()).isEqualTo(30);
  }
}

package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Filters and bodies are tried on past events before they are saved. */
class TryTest extends OnePipeline {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String WON =
      ".record.stage == \"WON\" and (.updatedFields // [] | index(\"stage\"))";
  private static TestReceiver receiver;
  private static String id;

  @BeforeAll
  static void begin() {
    receiver = TestReceiver.answering(200);
    pipeline.sql(
        """
        INSERT INTO webhooks.change (event, record_id, record, updated_fields) VALUES
          ('deal.created', '1', '{"id":"1","name":"Small","stage":"NEW","n":12345678901234567890.10}', NULL),
          ('deal.updated', '1', '{"id":"1","name":"Small","stage":"WON","n":1}', ARRAY['stage']),
          ('deal.updated', '1', '{"id":"1","name":"Little","stage":"WON","n":"x"}', ARRAY['name']),
          ('deal.deleted', '2', '{"id":"2","name":"Large","stage":"NEW"}', NULL)""");
    soon().until(() -> pipeline.count("undispatched") == 0);
    id = pipeline.webhook(receiver.url("/"), "deal.*").toString();
  }

  @Test
  void each_event_is_shown_with_its_body_before_and_after_and_nothing_is_sent() {
    JsonNode tried =
        tried(
            request(
                "filter", WON, "format", "custom", "body", "{text: \"\\(.record.name) is won\"}"));
    assertThat(each(tried, "event"))
        .containsExactly("deal.deleted", "deal.updated", "deal.updated", "deal.created");
    assertThat(each(tried, "sent")).containsExactly("false", "false", "true", "false");
    JsonNode won = tried.get(2);
    assertThat(won.path("before").at("/data/name").asText()).isEqualTo("Small");
    assertThat(won.path("after")).isEqualTo(JSON.createObjectNode().put("text", "Small is won"));
    assertThat(won.path("reason").isNull()).isTrue();
    assertThat(won.path("headers").toString()).isEqualTo("{\"Content-Type\":\"application/json\"}");
    assertThat(tried.get(0).path("reason").asText()).isEqualTo("not wanted by the filter");
    assertThat(tried.get(0).path("after").isNull()).isTrue();
    assertThat(tried.get(0).path("headers")).isEmpty();
    assertThat(api.get("/rest/webhooks/" + id).body().path("filter").isNull()).isTrue();
    assertThat(pipeline.count("delivery WHERE subscription_id = '" + id + "'")).isZero();
    assertThat(receiver.received()).isEmpty();
  }

  @Test
  void a_program_that_fails_on_an_event_says_so_there() {
    JsonNode tried = tried(request("format", "custom", "body", "{n: (.record.n - 1)}"));
    assertThat(each(tried, "failed")).containsExactly("true", "true", "false", "false");
    assertThat(tried.get(1).path("sent").asBoolean()).isFalse();
    assertThat(tried.get(1).path("reason").asText()).startsWith("body ");
  }

  @Test
  void a_webhook_is_tried_as_it_is_where_nothing_is_given() {
    JsonNode tried = api.post("/rest/webhooks/" + id + "/try", null).body();
    assertThat(tried).hasSize(4).allMatch(one -> one.path("before").equals(one.path("after")));
    String text = api.post("/rest/webhooks/" + id + "/try", null).raw().body();
    assertThat(text).as("every digit").contains("12345678901234567890.10");
  }

  @Test
  void as_many_events_as_asked_for_and_of_the_asked_patterns_are_tried() {
    ObjectNode request = request().put("last", 2);
    assertThat(tried(request)).hasSize(2);
    request.putArray("events").add("*.created").add("deal.deleted");
    assertThat(each(tried(request), "event")).containsExactly("deal.deleted", "deal.created");
  }

  @Test
  void a_webhook_that_is_not_made_yet_is_tried_too() {
    ObjectNode request = request("filter", ".action == \"created\"", "contentType", "text/plain");
    request.put("format", "custom").put("body", ".record.name");
    request.putArray("operations").add("deal.created").add("deal.updated");
    JsonNode tried = api.post("/rest/webhooks/try", request.toString()).body();
    assertThat(each(tried, "sent")).containsExactly("false", "false", "true");
    assertThat(tried.get(2).path("before").path("event").asText()).isEqualTo("deal.created");
    assertThat(tried.get(2).path("after").textValue()).isEqualTo("Small");
    assertThat(tried.get(2).at("/headers/Content-Type").asText()).isEqualTo("text/plain");
  }

  @Test
  void a_format_that_no_array_has_is_tried_where_many_events_go_in_one_post() {
    String many = pipeline.webhook(receiver.url("/many"), "deal.*").toString();
    pipeline.sql("UPDATE webhooks.subscription SET batch_size = 9 WHERE target_url LIKE '%/many'");
    ApiClient.Reply reply =
        api.post("/rest/webhooks/" + many + "/try", request("format", "native").toString());
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body().at("/0/after/eventName").asText()).isEqualTo("deal.deleted");
  }

  @Test
  void the_headers_and_the_id_are_those_that_a_delivery_has() {
    String other = pipeline.webhook(receiver.url("/clouds"), "cloud.created").toString();
    pipeline.change("cloud.created", "{\"id\":\"1\"}");
    soon().until(() -> receiver.received("/clouds").size() == 1);
    JsonNode tried =
        api.post(
                "/rest/webhooks/" + other + "/try",
                request("format", "cloudevents", "cloudEventsMode", "binary").toString())
            .body();
    assertThat(tried.at("/0/headers/ce-id").asText())
        .isEqualTo(receiver.received("/clouds").get(0).id());
    assertThat(tried.at("/0/headers/ce-type").asText()).isEqualTo("cloud.created");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "{\"filter\":\".record.stage =\"} ~ filter is no jq program: column 16, it ends too early",
        "{\"format\":\"custom\"} ~ body is missing; format custom needs the program that makes the body",
        "{\"body\":\".\"} ~ body goes with format custom, not with event",
        "{\"last\":201} ~ last must be a whole number from 1 to 200",
        "{\"events\":[\"deal\"]} ~ events ",
        "{\"concurrency\":1} ~ concurrency is not a field that can be set here",
        "{\"workspace\":\"\"} ~ workspace is not a field that can be set here",
      })
  void bad_input_is_refused_by_name(String json, String reason) {
    ApiClient.Reply reply = api.post("/rest/webhooks/" + id + "/try", json);
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.errors()).anyMatch(error -> error.startsWith(reason));
  }

  @Test
  void without_an_event_a_program_that_can_never_do_is_refused_all_the_same() {
    ObjectNode request = request("filter", ".record");
    request.putArray("operations").add("nobody.created");
    ApiClient.Reply reply = api.post("/rest/webhooks/try", request.toString());
    assertThat(reply.errors()).containsExactly("filter gives object, it must give true or false");
    request.put("filter", ".record.n == 1");
    assertThat(api.post("/rest/webhooks/try", request.toString()).body()).isEmpty();
  }

  @Test
  void it_takes_the_role_operate_and_shows_nothing_of_other_workspaces() {
    ApiClient reader = as("read", null);
    assertThat(reader.post("/rest/webhooks/" + id + "/try", "{}").status()).isEqualTo(403);
    ApiClient elsewhere = as("operate", "elsewhere");
    assertThat(elsewhere.post("/rest/webhooks/" + id + "/try", "{}").status()).isEqualTo(404);
    assertThat(elsewhere.post("/rest/webhooks/try", "{}").body()).isEmpty();
    assertThat(elsewhere.post("/rest/webhooks/try", "{\"workspace\":\"\"}").status())
        .isEqualTo(400);
  }

  private static ApiClient as(String role, String workspace) {
    ObjectNode token = request("name", "t-" + UUID.randomUUID(), "role", role);
    if (workspace != null) {
      token.put("workspace", workspace);
    }
    return api.as(api.post("/rest/tokens", token.toString()).body().path("token").asText());
  }

  private static ObjectNode request(String... namesAndValues) {
    ObjectNode request = JSON.createObjectNode();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      request.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return request;
  }

  private static List<String> each(JsonNode tried, String name) {
    List<String> values = new ArrayList<>();
    tried.forEach(one -> values.add(one.path(name).asText()));
    return values;
  }

  private static JsonNode tried(ObjectNode request) {
    ApiClient.Reply reply = api.post("/rest/webhooks/" + id + "/try", request.toString());
    assertThat(reply.status()).as(reply.body().toString()).isEqualTo(200);
    return reply.body();
  }
}

package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static io.crmwebhooks.TestReceiver.respond;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import io.crmwebhooks.TestReceiver.Received;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each recipe is put in place as it stands. Changes of every kind go through it, with fields that
 * are missing, null or of another type, to a webhook with the label of the recipe and to one
 * without. None is parked, and every request bears a signature that the official library verifies.
 */
class RecipesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CHANGES =
      """
      INSERT INTO webhooks.change (event, record_id, record, updated_fields) VALUES
        ('person.created', 'full', '{"name":"Ann \\"A\\" $","emails":{"primary":"a@b"},"phones":{"primary":"1"},"n":1.10,"region":"eu","companyId":"c-1"}', NULL),
        ('person.created', 'empty', '{}', NULL),
        ('person.updated', 'nulls', '{"name":null,"emails":null,"phones":null,"region":null,"companyId":null}', NULL),
        ('person.updated', 'slow', '{"companyId":"slow","region":"Zürich"}', '{companyId}'),
        ('person.updated', 'odd', '{"name":{"first":"A"},"region":{"code":1},"companyId":"../x?y","n":[1]}', '{name}'),
        ('opportunity.updated', 'none', '{"amount":null}', '{name}'),
        ('opportunity.updated', 'stage', '{"amount":{"amountMicros":null}}', '{name,stage}'),
        ('opportunity.updated', 'text', '{"amount":{"amountMicros":"5"}}', '{amount}'),
        ('opportunity.updated', 'small', '{"amount":{"amountMicros":5}}', '{amount}'),
        ('opportunity.deleted', 'gone', '{}', NULL)""";

  @TempDir private Path folder;
  private final CountDownLatch end = new CountDownLatch(1);
  private final TestReceiver receiver = TestReceiver.answering(this::answer);

  private void answer(Received request, HttpExchange exchange) throws IOException {
    if (request.path().equals("/tiers/slow")) {
      TestReceiver.await(end);
    }
    respond(exchange, 200, request.path().startsWith("/tiers/") ? "gold" : "");
  }

  @AfterEach
  void close() {
    System.clearProperty("lookup.url");
    end.countDown();
    receiver.close();
  }

  /** The requests that a webhook got, by the id of the record. */
  private record Sent(Map<String, Received> labelled, Map<String, Received> plain) {
    JsonNode data(String record) {
      return json(labelled.get(record)).path("data");
    }
  }

  private interface Expectation {
    void of(Sent sent);
  }

  static Stream<Arguments> recipes() {
    return Stream.of(
        recipe("personal-fields", "{\"personal\":\"no\"}", RecipesTest::personalFields),
        recipe("slack", "{\"to\":\"slack\"}", RecipesTest::slack),
        recipe("enrich", "{}", RecipesTest::enrich),
        recipe("changed-fields", "{\"only\":\"stage\"}", RecipesTest::changedFields),
        recipe("cloudevents", "{\"format\":\"cloudevents\"}", RecipesTest::cloudEvents),
        recipe("header", "{}", RecipesTest::header),
        recipe("region", "{\"eu\":\"URL/eu\"}", RecipesTest::region),
        recipe("customise", "{}", RecipesTest::customise));
  }

  private static Arguments recipe(String name, String labels, Expectation expected) {
    return Arguments.of(name, labels, expected);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("recipes")
  void every_recipe_works_as_it_stands_and_meets_no_change_that_it_cannot_take(
      String name, String labels, Expectation expected) throws Exception {
    System.setProperty("lookup.url", receiver.url("/tiers"));
    EditedRoutes routes = EditedRoutes.in(folder).recipe(name);
    try (PipelineFixture pipeline =
        new PipelineFixture(routes, "webhooks.delivery.concurrency", "1").start()) {
      pipeline.sql(
          "UPDATE webhooks.subscription SET labels = CAST(? AS jsonb) WHERE id = ?",
          labels.replace("URL", receiver.url("")),
          pipeline.webhook(receiver.url("/labelled")));
      pipeline.webhook(receiver.url("/plain"));
      pipeline.sql(CHANGES);
      soon().until(() -> pipeline.count("undispatched") == 0);
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 0);
      assertThat(pipeline.sql("SELECT reason FROM webhooks.parked_change")).isEmpty();
      List<Received> all =
          receiver.received().stream().filter(r -> r.method().equals("POST")).toList();
      for (Received request : all) {
        PipelineTest.assertSigned(request);
      }
      Function<Received, String> record = request -> recordOf(pipeline, request);
      expected.of(
          new Sent(
              all.stream()
                  .filter(r -> !r.path().equals("/plain"))
                  .collect(Collectors.toMap(record, r -> r)),
              all.stream()
                  .filter(r -> r.path().equals("/plain"))
                  .collect(Collectors.toMap(record, r -> r))));
    }
  }

  @Test
  void every_recipe_is_tried_and_has_thirty_lines_at_most() throws IOException {
    Map<String, Long> lines =
        EditedRoutes.files(Path.of("recipes")).stream()
            .collect(Collectors.toMap(f -> f.getName(1).toString(), RecipesTest::lines));
    assertThat(lines.values()).allMatch(count -> count <= 30);
    Stream<String> tried = recipes().map(recipe -> (String) recipe.get()[0]);
    assertThat(lines.keySet()) // the others are in NewsRecipesTest and TargetRecipesTest
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(tried, Stream.of("chat", "mail", "kafka", "amqp", "file")).toList());
  }

  private static long lines(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.count();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String recordOf(PipelineFixture pipeline, Received request) {
    return (String)
        pipeline.value(
            "SELECT record_id FROM webhooks.change JOIN webhooks.delivery ON change.id = change_id WHERE delivery.id = ?",
            request.id());
  }

  private static JsonNode json(Received request) {
    try {
      return JSON.readTree(request.body());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void personalFields(Sent sent) {
    assertThat(sent.labelled()).hasSize(10);
    assertThat(sent.labelled().values())
        .noneMatch(r -> r.text().contains("emails") || r.text().contains("phones"));
    assertThat(sent.labelled().get("full").text()).contains("Ann", "\"n\":1.10", "timestamp");
    assertThat(sent.plain().get("full").text()).contains("a@b", "phones");
  }

  private static void slack(Sent sent) {
    assertThat(json(sent.labelled().get("full")))
        .hasToString("{\"text\":\"person.created: Ann \\\"A\\\" $\"}");
    assertThat(sent.labelled()).hasSize(10);
    assertThat(json(sent.plain().get("full")).path("event").asText()).isEqualTo("person.created");
  }

  private static void enrich(Sent sent) {
    assertThat(sent.data("full").path("tier").asText()).isEqualTo("gold");
    assertThat(sent.data("slow").path("tier").asText()).isEqualTo("unknown");
    assertThat(List.of("empty", "nulls", "odd", "gone"))
        .allMatch(record -> sent.data(record).path("tier").isMissingNode());
  }

  private static void changedFields(Sent sent) {
    assertThat(sent.plain()).hasSize(10);
    assertThat(sent.labelled().keySet())
        .containsExactlyInAnyOrder("full", "empty", "nulls", "stage", "text", "small", "gone");
  }

  private static void cloudEvents(Sent sent) {
    JsonNode event = json(sent.labelled().get("full"));
    assertThat(event.path("specversion").asText()).isEqualTo("1.0");
    assertThat(event.path("type").asText()).isEqualTo("person.created");
    assertThat(event.path("subject").asText()).isEqualTo("full");
    assertThat(event.path("time").asText()).matches("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z");
    assertThat(event.path("data").path("emails").path("primary").asText()).isEqualTo("a@b");
    assertThat(sent.labelled().get("full").text()).contains("\"n\":1.10");
    assertThat(sent.labelled().values())
        .allMatch(r -> r.headers().get("content-type").startsWith("application/cloudevents+json"))
        .extracting(r -> json(r).path("id").asText())
        .doesNotHaveDuplicates();
    assertThat(sent.plain().get("full").headers())
        .containsEntry("content-type", "application/json");
  }

  private static void header(Sent sent) {
    assertThat(sent.plain().get("full").headers()).containsEntry("x-region", "eu");
    assertThat(List.of("empty", "nulls", "slow"))
        .allMatch(record -> !sent.plain().get(record).headers().containsKey("x-region"));
  }

  private static void region(Sent sent) {
    assertThat(sent.labelled().get("full").path()).isEqualTo("/eu");
    assertThat(sent.labelled().get("nulls").path()).isEqualTo("/labelled");
    assertThat(sent.plain()).hasSize(10);
  }

  private static void customise(Sent sent) {
    assertThat(sent.data("full").has("phones")).isFalse();
    assertThat(sent.labelled().keySet()).hasSize(9).doesNotContain("small");
  }
}

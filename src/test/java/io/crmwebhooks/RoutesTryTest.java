package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes that are taken through edited routes without being sent. */
class RoutesTryTest {
  private static final String STEPS =
      """
      - filter:
          expression:
            simple:
              expression: "${body.object} == 'person'"
          steps:
            - script:
                expression:
                  simple:
                    expression: "${body.record.remove('email')}"
            - to:
                id: look-up
                uri: "%s"
                parameters:
                  httpMethod: GET
                variableReceive: found
            - to:
                uri: direct:tell-operators
      - filter:
          expression:
            simple:
              expression: "${body.object} == 'note'"
          steps:
            - setBody:
                expression:
                  simple:
                    expression: "${null}"
      - filter:
          expression:
            simple:
              expression: "${body.object} == 'company'"
          steps:
            - throwException:
                id: give-up
                exceptionType: java.lang.IllegalStateException
                message: no company
      - filter:
          expression:
            simple:
              expression: "${body.object} == 'task'"
          steps:
            - delay:
                id: wait-long
                expression:
                  constant:
                    expression: "60000"
      """;

  @TempDir private Path routes;
  private final TestReceiver receiver = TestReceiver.answering(200);
  private final PipelineFixture database = new PipelineFixture();
  private EditedRoutes edited;
  private Cli cli;
  private UUID webhook;

  @BeforeEach
  void edit() throws IOException {
    edited =
        EditedRoutes.in(routes)
            .customise(STEPS.formatted(receiver.url("/look")))
            .customiseDelivery(
                "person",
                """
                - setHeader:
                    name: X-Region
                    expression:
                      constant:
                        expression: eu
                """)
            .customiseDelivery(
                "lead",
                """
                - setBody:
                    expression:
                      simple:
                        expression: "${null}"
                """);
    Map<String, String> environment =
        new HashMap<>(
            Map.of(
                "WEBHOOKS_DATABASE_URL",
                database.databaseUrl(),
                "WEBHOOKS_SECRETS_KEY",
                TestDatabase.STORAGE_KEY,
                "WEBHOOKS_CUSTOMISE_TIMEOUT",
                "300ms"));
    edited
        .settings()
        .forEach(
            (name, value) ->
                environment.put(name.toUpperCase(java.util.Locale.ROOT).replace('.', '_'), value));
    cli = new Cli(environment);
    webhook =
        database.webhook(receiver.url("/"), "person.*", "company.*", "note.*", "task.*", "lead.*");
  }

  @AfterEach
  void close() {
    database.close();
    receiver.close();
  }

  private static String onlyLine(String text, String with) {
    return text.lines().filter(line -> line.contains(with)).findFirst().orElse("no line " + with);
  }

  @Test
  void says_what_becomes_of_each_change_and_sends_and_writes_nothing() {
    database.change("person.created", "{\"name\":\"Ada\",\"email\":\"ada@example.com\"}");
    database.change("note.created", "{}");
    database.change("company.created", "{}");
    database.change("task.created", "{}");
    database.change("deal.created", "{}");
    database.change("lead.created", "{}");
    String before = state();
    Cli.Ran ran = cli.run("routes", "try", "--last", "10");
    assertThat(ran.code()).as(ran.toString()).isEqualTo(1);
    assertThat(ran.out())
        .contains(
            "1 person.created for webhook "
                + webhook
                + ": changed\n"
                + "  + header X-Region: \"eu\"\n"
                + "  - data.email: \"ada@example.com\"\n"
                + "2 note.created for webhook "
                + webhook
                + ": dropped by customise-change\n")
        .contains("5 deal.created: unchanged, no webhook wants it\n")
        .contains("6 lead.created for webhook " + webhook + ": dropped by customise-delivery\n");
    assertThat(onlyLine(ran.out(), "3 company.created"))
        .contains("fails, could not be dispatched: route customise-change, step give-up (")
        .contains("customise-change.camel.yaml:")
        .endsWith("IllegalStateException: no company");
    assertThat(onlyLine(ran.out(), "4 task.created"))
        .contains("step wait-long (")
        .contains("took longer than webhooks.customise.timeout (300 ms)");
    assertThat(ran.out())
        .contains("Not taken")
        .containsPattern(
            "  route customise-change, step look-up \\(.*:\\d+\\): " + receiver.url(""))
        .containsPattern(
            "  route customise-change, step to\\d+ \\(.*:\\d+\\): direct:tell-operators");
    assertThat(receiver.received()).isEmpty();
    assertThat(state()).isEqualTo(before);

    Cli.Ran one =
        cli.with("WEBHOOKS_CUSTOMISE_TIMEOUT", "20s")
            .run(
                "routes",
                "try",
                "--event",
                "1",
                "--webhook",
                webhook.toString(),
                "--with-effects",
                "--json");
    assertThat(one.code()).as(one.toString()).isZero();
    JsonNode result = one.json().path(0);
    assertThat(result.path("sent").asBoolean()).isTrue();
    assertThat(result.path("after").path("data").toString()).isEqualTo("{\"name\":\"Ada\"}");
    assertThat(result.path("skipped")).hasSize(1);
    assertThat(receiver.received()).hasSize(1);
    assertThat(cli.run("routes", "try", "--event", "99").code()).isEqualTo(1);
  }

  private String state() {
    return database
        .sql(
            "SELECT (SELECT count(*) FROM webhooks.change_queue) AS queued,"
                + " (SELECT count(*) FROM webhooks.delivery) AS deliveries,"
                + " (SELECT count(*) FROM webhooks.parked_change) AS parked,"
                + " (SELECT count(*) FROM webhooks.dropped_change) AS dropped,"
                + " (SELECT count(*) FROM webhooks.node) AS nodes")
        .toString();
  }

  @Test
  void takes_a_file_without_a_database_and_refuses_routes_that_would_not_start()
      throws IOException {
    Path file = routes.resolve("record.json");
    Files.writeString(file, "{\"id\":\"r1\",\"email\":\"x\"}");
    Cli.Ran alone = cli.run("routes", "try", "--file", file.toString());
    assertThat(alone.code()).isEqualTo(2);
    assertThat(alone.err()).contains("--as person.updated");
    Cli.Ran ran = cli.run("routes", "try", "--file", file.toString(), "--as", "person.updated");
    assertThat(ran.code()).as(ran.toString()).isZero();
    assertThat(ran.out())
        .startsWith("0 person.updated: changed, no webhook wants it\n  - data.email: \"x\"\n");
    edited.customise("- to:\n    uri: direct:nowhere\n");
    database.change("person.created", "{}");
    Cli.Ran broken = cli.run("routes", "try", "--last", "1");
    assertThat(broken.code()).as(broken.toString()).isEqualTo(2);
    assertThat(broken.err()).contains("direct:nowhere is called, and no route has it");
  }
}

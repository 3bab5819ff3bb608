package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.Cli.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The commands that make, change, try and test webhooks. */
class WebhookCommandsTest extends BothWays {
  @ParameterizedTest
  @EnumSource
  void a_webhook_is_made_shown_changed_switched_and_removed(Way way) {
    Cli cli = way.cli();
    Ran added =
        cli.run(
            "webhook",
            "add",
            good.url("/made"),
            "-o",
            "cat.*,dog.created",
            "-d",
            "for cats",
            "-H",
            "Authorization: Bearer geheim",
            "--rate-limit",
            "2.5",
            "--timeout",
            "5s",
            "--retry-schedule",
            "1s,1m",
            "--label",
            "region=eu",
            "--label",
            "team=a=b",
            "--set",
            "concurrency=3");
    String id = id(added);
    assertThat(added.out()).containsPattern("(?m)^secret whsec_[A-Za-z0-9+/]{43}=$");
    JsonNode shown = cli.run("webhook", "show", id, "--json").json();
    assertThat(shown.path("operations")).hasSize(2);
    assertThat(shown.path("concurrency").asInt()).isEqualTo(3);
    assertThat(shown.path("rateLimit").asDouble()).isEqualTo(2.5);
    assertThat(shown.path("timeout").asText()).isEqualTo("5s");
    assertThat(shown.path("retrySchedule").asText()).isEqualTo("1s,1m");
    assertThat(shown.path("labels").toString()).isEqualTo("{\"team\":\"a=b\",\"region\":\"eu\"}");
    assertThat(shown.has("secret")).isFalse();
    String words = cli.run("webhook", "show", id).out();
    assertThat(words).containsPattern("headerNames +Authorization").doesNotContain("geheim");

    JsonNode changed =
        cli.run(
                "webhook",
                "change",
                id,
                "--target-url",
                good.url("/other"),
                "--format",
                "native",
                "--set",
                "concurrency=null",
                "--set",
                "description=for dogs",
                "--json")
            .json();
    assertThat(changed.path("targetUrl").asText()).endsWith("/other");
    assertThat(changed.path("concurrency").isNull()).isTrue();
    assertThat(changed.path("description").asText()).isEqualTo("for dogs");

    assertThat(cli.run("webhook", "disable", id).out())
        .isEqualToIgnoringNewLines("disabled webhook " + id);
    assertThat(cli.run("webhook", "list").out())
        .containsPattern(
            id + " +disabled +yes +native +api +http://127.0.0.1:\\d+/other +cat.\\*,dog.created");
    assertThat(cli.run("webhook", "resume", id).code()).isZero();
    assertThat(cli.run("webhook", "enable", id, "--json").json().path("enabled").asBoolean())
        .isTrue();
    Ran rotated = cli.run("webhook", "rotate-secret", id);
    assertThat(rotated.out())
        .contains("rotated the secret of webhook " + id, "secret ", "signs as well until ");

    assertThat(cli.run("webhook", "remove", id).code()).isZero();
    Ran gone = cli.run("webhook", "remove", id);
    assertThat(gone.code()).isEqualTo(1);
    assertThat(gone.err()).contains("crm-webhooks: there is no webhook " + id);
    assertThat(gone.out()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void a_webhook_is_signed_by_a_key_pair_in_the_schemes_that_are_chosen(Way way) {
    Cli cli = way.cli();
    Ran added =
        cli.run("webhook", "add", "--duplicate", good.url("/"), "-o", "never.ever", "--ed25519");
    String id = id(added);
    assertThat(added.out())
        .containsPattern("(?m)^public key whpk_[A-Za-z0-9+/]{43}=$")
        .doesNotContain("secret");
    assertThat(cli.run("webhook", "show", id).out())
        .containsPattern("publicKey +whpk_")
        .containsPattern("signatureSchemes +twenty,standard");
    assertThat(cli.run("webhook", "change", id, "--schemes", "standard").out())
        .containsPattern("signatureSchemes +standard\\R");
    assertThat(cli.run("webhook", "rotate-secret", id, "--overlap", "0").out())
        .contains("public key whpk_", "The old secret signs no longer.");
    assertThat(cli.run("webhook", "rotate-secret", id, "-s", "mine").out())
        .contains("It is signed with the given one.", "signs as well until ")
        .doesNotContain("mine");
    assertThat(cli.run("webhook", "rotate-secret", id, "--ed25519").out())
        .contains("public key whpk_");
    Ran both = cli.run("webhook", "rotate-secret", id, "-s", "x", "--ed25519");
    assertThat(both.code()).isEqualTo(2);
    assertThat(cli.run("webhook", "rotate-secret", id, "--overlap", "soon").err())
        .contains("overlap");
  }

  @ParameterizedTest
  @EnumSource
  void a_filter_and_a_body_are_tried_before_they_are_saved(Way way) {
    Cli cli = way.cli();
    String event = way.event("tried");
    String id = webhook(cli, good.url("/tried"), event);
    pipeline.change(event, "{\"id\":\"1\",\"name\":\"Big\",\"won\":true}");
    pipeline.change(event, "{\"id\":\"2\",\"name\":7,\"won\":false}");
    sent(id, 2);
    int before = good.received("/tried").size();
    Ran filtered =
        cli.run(
            "webhook",
            "try",
            id,
            "--last",
            20,
            "--filter",
            ".record.won",
            "--format",
            "custom",
            "--body",
            "{text: \"\\(.record.name) is won\"}");
    assertThat(filtered.code()).as(filtered.toString()).isZero();
    assertThat(filtered.out())
        .containsPattern("(?m)^\\d+ " + event + ": sent$")
        .contains("  - event: \"" + event + "\"", "  + text: \"Big is won\"")
        .containsPattern("(?m)^\\d+ " + event + ": not wanted by the filter$")
        .contains("1 of 2 events would be sent.");
    Ran failing = cli.run("webhook", "try", id, "--filter", ".record.name - 1 > 0", "-n", 2);
    assertThat(failing.code()).as(failing.toString()).isEqualTo(1);
    assertThat(failing.out()).contains(event + ": fails, filter ");
    assertThat(cli.run("webhook", "try", id).out()).contains("sent, body as before");
    Ran made = cli.run("webhook", "try", "-o", event, "--format", "thin", "--json");
    assertThat(made.json().at("/0/after/data").toString()).isEqualTo("{\"id\":\"2\"}");
    Ran refused = cli.run("webhook", "try", id, "--filter", ".record.won ==");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("filter is no jq program: column 15");
    assertThat(good.received("/tried")).hasSize(before);
    cli.run("webhook", "remove", id);
  }

  @ParameterizedTest
  @EnumSource
  void a_value_that_the_api_refuses_is_named(Way way) {
    Ran refused =
        way.cli()
            .run(
                "webhook",
                "add",
                "--duplicate",
                "ftp://x/",
                "-o",
                "nonsense",
                "--set",
                "color=blue");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err())
        .contains("3 fields are wrong", "  targetUrl ", "  operations ", "  color is not a field");
  }

  @ParameterizedTest
  @EnumSource
  void a_test_shows_both_sides_and_says_by_its_exit_code_whether_it_was_accepted(Way way) {
    Cli cli = way.cli();
    String accepted = webhook(cli, good.url("/test"), "owl.*");
    Ran test = cli.run("send-test", accepted, "--event", "owl.created");
    assertThat(test.code()).as(test.toString()).isZero();
    assertThat(test.out())
        .contains(
            "POST " + good.url("/test"),
            "webhook-signature",
            "HTTP 200",
            "answer 200",
            "accepted, after")
        .contains("\"event\" : \"owl.created\"");
    assertThat(good.received("/test")).isNotEmpty();
    String refused = webhook(cli, bad.url("/test"), "owl.*");
    Ran failed = cli.run("send-test", refused, "--json");
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.json().at("/response/status").asInt()).isEqualTo(500);
    assertThat(cli.run("send-test", refused).out()).contains("not delivered: HTTP 500");
    assertThat(cli.run("send-test", refused, "-e", "owl.*").code()).isEqualTo(2);
    assertThat(cli.run("send-test", UUID.randomUUID()).code()).isEqualTo(1);
    cli.run("webhook", "remove", accepted);
    cli.run("webhook", "remove", refused);
  }

  @ParameterizedTest
  @EnumSource
  void client_credentials_are_options_and_a_test_says_where_the_token_is_from(
      Way way, @TempDir Path folder) throws IOException {
    Cli cli = way.cli();
    Path secret = Files.writeString(folder.resolve("client.txt"), "hush\n");
    try (TestReceiver tokens =
        TestReceiver.answering(
            (request, exchange) ->
                TestReceiver.respond(exchange, 200, "{\"access_token\":\"the-token\"}"))) {
      String id =
          id(
              cli.run(
                  "webhook",
                  "add",
                  "--duplicate",
                  good.url("/test"),
                  "--oauth2-token-url",
                  tokens.url("/"),
                  "--oauth2-client-id",
                  "me",
                  "--oauth2-client-secret-file",
                  secret,
                  "--oauth2-scope",
                  "a b",
                  "--oauth2-audience",
                  "c"));
      Ran test = cli.run("send-test", id);
      assertThat(test.out())
          .containsPattern("^access token fetched, after \\d+ ms\nPOST ")
          .containsPattern("Authorization +\\(hidden\\)")
          .doesNotContain("the-token");
      assertThat(tokens.received().get(0).headers().get("authorization"))
          .isEqualTo("Basic bWU6aHVzaA==");
      assertThat(tokens.received().get(0).text()).endsWith("&scope=a+b&audience=c");
      assertThat(cli.run("webhook", "show", id).out())
          .contains("tokenUrl")
          .doesNotContain("hush", "aes-256-gcm");
      Ran both =
          cli.run(
              "webhook",
              "change",
              id,
              "--oauth2-client-secret",
              "x",
              "--oauth2-client-secret-file",
              secret);
      assertThat(both.err()).contains("--oauth2-client-secret and --oauth2-client-secret-file");
      Ran stranger =
          cli.run(
              "webhook",
              "change",
              id,
              "--oauth2-token-url",
              good.url("/"),
              "--oauth2-client-id",
              "me");
      assertThat(stranger.err()).contains("oauth2", "clientSecret is missing");
      cli.run("webhook", "remove", id);
    }
  }
}

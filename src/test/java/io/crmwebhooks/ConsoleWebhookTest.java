package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static java.time.temporal.ChronoUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** People's work in the console on webhooks: the form, and the page of one. */
class ConsoleWebhookTest extends OneConsole {
  @Test
  void a_webhook_is_made_tested_and_its_secret_shown_once() {
    visit("/webhooks");
    browser.click("New webhook");
    browser.see("Which changes");
    browser.fill("URL", receiver.url("/made"));
    browser.fill("Description", "Made by hand");
    browser.find("input.object").sendKeys("invoice");
    browser.find("select[name=action]").sendKeys("Created");
    browser.click("Add a row");
    browser.all("input.object").get(1).sendKeys("receipt");
    browser.click("Make the webhook");
    browser.see("Made by hand", "shown this once", "invoice created", "receipt all actions");
    String secret = browser.find(".secret code").getText();
    Object id =
        pipeline.value(
            "SELECT id FROM webhooks.subscription WHERE target_url = ? AND operations = '{invoice.created,receipt.*}'",
            receiver.url("/made"));
    assertThat(secret).isEqualTo(secretOf((UUID) id));
    browser.click("Send a test");
    browser.see(
        "HTTP 200", "webhook-signature: v1,", "\"event\": \"invoice.created\"", "\"said\": 200");
    assertThat(receiver.received("/made")).hasSize(1);
    browser.run("location.reload()");
    browser.see("Made by hand", "Newest deliveries");
    assertThat(browser.text()).doesNotContain(secret).doesNotContain("shown this once");
  }

  @Test
  void what_is_wrong_with_a_field_is_said_at_the_field() {
    expected = new String[] {"400"};
    visit("/webhooks/new");
    browser.fill("URL", "ftp://example.org/");
    browser.click("More settings");
    browser.fill("Attempts at once", "0");
    browser.find("summary").click();
    browser.click("Make the webhook");
    assertThat(browser.find("[data-field=targetUrl] .error").getText()).contains("http");
    assertThat(browser.find("[data-field=concurrency] .error").getText()).contains("from 1 to");
    assertThat(browser.run("return document.activeElement.name")).isEqualTo("targetUrl");
    assertThat(browser.run("return document.activeElement.ariaInvalid")).isEqualTo("true");
  }

  @Test
  void a_filter_and_a_body_are_tried_mended_and_saved() {
    expected = new String[] {"400"};
    pipeline.sql(
        "INSERT INTO webhooks.change (event, record_id, record, updated_fields) VALUES"
            + " ('slacked.updated', '1', '{\"id\":\"1\",\"name\":\"Small\",\"stage\":\"NEW\"}', ARRAY['name']),"
            + " ('slacked.updated', '2', '{\"id\":\"2\",\"name\":\"Large\",\"stage\":\"WON\"}', ARRAY['stage'])");
    visit("/webhooks/new");
    browser.fill("URL", receiver.url("/slacked"));
    browser.find("[aria-label=Object]").sendKeys("slacked");
    browser.choose("Format of the body", "custom");
    assertThat(browser.offers("Try")).isTrue();
    browser.fill("Filter", ".record.stage ==");
    browser.click("Try");
    assertThat(browser.find("[data-field=filter] .error").getText()).contains("column 17");
    assertThat(browser.find("[data-field=body] .error").getText()).contains("is missing");
    browser.fill("Filter", ".record.stage == \"WON\" and (.updatedFields | index(\"stage\"))");
    browser.fill("Body", "{text: \"\\(.record.name) is won\"}");
    browser.click("Try");
    browser.see("1 of the last 2 events would be sent", "Large is won");
    assertThat(browser.all(".tried details[open]")).hasSize(1);
    assertThat(receiver.received("/slacked")).isEmpty();
    browser.click("Make the webhook");
    browser.see("Newest deliveries", "custom body", "is won");
    pipeline.sql(
        "INSERT INTO webhooks.change (event, record_id, record, updated_fields) VALUES"
            + " ('slacked.updated', '1', '{\"id\":\"1\",\"name\":\"Small\",\"stage\":\"WON\"}', ARRAY['stage'])");
    soon().until(() -> receiver.received("/slacked").size() == 1);
    assertThat(receiver.received("/slacked").get(0).text())
        .isEqualTo("{\"text\":\"Small is won\"}");

    browser.click("Edit");
    browser.see("Edit ");
    browser.choose("Format of the body", "event");
    assertThat(browser.run("return document.querySelector('[data-field=body]').hidden"))
        .isEqualTo(true);
    browser.fill("Fields of the record", "stage");
    browser.click("Save");
    browser.see("Newest deliveries");
    assertThat(
            pipeline
                .sql(
                    "SELECT format, body, fields::text FROM webhooks.subscription WHERE target_url = ?",
                    receiver.url("/slacked"))
                .toString())
        .isEqualTo("[{format=event, body=null, fields={stage}}]");
  }

  @Test
  void an_edit_changes_only_what_was_edited_and_does_not_overwrite_another() {
    expected = new String[] {"412"};
    String id = webhook("/edited", "never.ever");
    visit("/webhooks/" + id + "/edit");
    browser.fill("Description", "mine");
    api.patch("/rest/webhooks/" + id, "{\"concurrency\":7}");
    browser.click("Save");
    browser.see("Somebody else has changed this webhook", "concurrency is now 7");
    assertThat(api.get("/rest/webhooks/" + id).body().path("description").isNull()).isTrue();
    browser.click("Save my changes besides theirs");
    browser.see("Newest deliveries", "mine");
    JsonNode saved = api.get("/rest/webhooks/" + id).body();
    assertThat(saved.path("description").asText()).isEqualTo("mine");
    assertThat(saved.path("concurrency").asInt()).isEqualTo(7);
  }

  @Test
  void a_setting_is_set_and_taken_back() {
    String id = webhook("/settings", "never.ever");
    visit("/webhooks/" + id + "/edit");
    browser.click("More settings");
    browser.fill("Attempts at once", "3");
    browser.fill("Retry schedule", "none");
    browser.click("Add a header");
    browser.find(".row .name").sendKeys("X-Team");
    browser.find(".row .value").sendKeys("blue");
    browser.click("Add a label");
    browser.find("[aria-label='Name of the label']").sendKeys("region");
    browser.find("[aria-label='Value of the label']").sendKeys("eu");
    browser.click("Save");
    browser.see("Newest deliveries", "X-Team", "region=eu");
    assertThat(
            pipeline
                .sql(
                    "SELECT concurrency, retry_schedule, jsonb_path_query_array(headers, '$.keyvalue().key')::text AS names FROM webhooks.subscription WHERE id = ?",
                    UUID.fromString(id))
                .toString())
        .isEqualTo("[{concurrency=3, retry_schedule=, names=[\"X-Team\"]}]");
    visit("/webhooks/" + id + "/edit");
    browser.click("More settings");
    browser.fill("Attempts at once", "");
    assertThat(browser.field("Retry schedule").getDomProperty("value")).isEqualTo("none");
    browser.fill("Retry schedule", "");
    browser.click("Remove all");
    browser.click("Save");
    browser.see("Newest deliveries");
    assertThat(
            pipeline
                .sql(
                    "SELECT concurrency, retry_schedule, headers::text FROM webhooks.subscription WHERE id = ?",
                    UUID.fromString(id))
                .toString())
        .isEqualTo("[{concurrency=null, retry_schedule=null, headers={}}]");
  }

  @Test
  void client_credentials_are_set_kept_and_refused_at_their_place() {
    expected = new String[] {"400"};
    String id = webhook("/granted", "never.ever");
    try (TestReceiver tokens =
        TestReceiver.answering(
            (request, exchange) ->
                TestReceiver.respond(exchange, 200, "{\"access_token\":\"the-token\"}"))) {
      visit("/webhooks/" + id + "/edit");
      browser.click("More settings");
      browser.fill("Token URL", tokens.url("/"));
      browser.fill("Client id", "me");
      browser.click("Save");
      assertThat(browser.find("[data-field='oauth2.clientSecret'] .error").getText())
          .contains("clientSecret is missing");
      browser.fill("Client secret", "hush");
      browser.click("Save");
      browser.see("Newest deliveries", "from " + tokens.url("/") + " for me");
      visit("/webhooks/" + id + "/edit");
      browser.click("More settings");
      assertThat(browser.field("Client secret").getDomProperty("value")).isEmpty();
      browser.fill("Scope", "a b");
      browser.click("Save");
      browser.see("Newest deliveries", "scope a b");
      browser.click("Send a test");
      browser.see("Access token fetched in");
      assertThat(tokens.received().get(0).headers().get("authorization"))
          .isEqualTo("Basic bWU6aHVzaA==");
    }
  }

  @Test
  void a_webhook_is_disabled_enabled_rotated_and_deleted_after_asking() {
    expected = new String[] {"400"};
    String id = webhook("/managed", "never.ever");
    visit("/webhooks/" + id);
    browser.click("Disable");
    browser.see("disabled", "Enable");
    assertThat(api.get("/rest/webhooks/" + id).body().path("enabled").asBoolean()).isFalse();
    browser.click("Enable");
    soon().until(() -> api.get("/rest/webhooks/" + id).body().path("enabled").asBoolean());
    browser.click("Rotate secret");
    browser.see("Rotate the secret?");
    browser.fill("The old one signs as well for", "soon");
    browser.click("Rotate");
    assertThat(browser.find("[data-field=overlap] .error").getText()).contains("such as 15s");
    browser.fill("The old one signs as well for", "2h");
    browser.click("Rotate");
    browser.see("shown this once");
    assertThat(browser.find(".secret code").getText()).isEqualTo(secretOf(UUID.fromString(id)));
    browser.see("signs as well until");
    assertThat(
            Instant.parse(
                api.get("/rest/webhooks/" + id).body().path("previousSecretUntil").asText()))
        .isBetween(Instant.now().plus(110, MINUTES), Instant.now().plus(120, MINUTES));
    browser.click("Delete");
    browser.see("This cannot be undone");
    browser.click("Cancel");
    assertThat(api.get("/rest/webhooks/" + id).status()).isEqualTo(200);
    browser.click("Delete");
    browser.find("dialog .danger").click();
    browser.see("Deleted");
    soon().until(() -> browser.hash().equals("#/webhooks"));
    assertThat(api.get("/rest/webhooks/" + id).status()).isEqualTo(404);
  }

  private static String secretOf(UUID webhook) {
    return pipeline
        .storedSecrets()
        .open(
            webhook,
            (String)
                pipeline.value("SELECT secret FROM webhooks.subscription WHERE id = ?", webhook));
  }

  @Test
  void a_paused_webhook_leads_to_the_attempt_that_failed_and_is_resumed() {
    String id = failing("siren", "{}");
    pipeline.sql(
        "INSERT INTO webhooks.endpoint (subscription_id, failing_since, paused_until, pauses, reason, failed_delivery)"
            + " SELECT subscription_id, now(), now() + interval '1 h', 1, error, id FROM webhooks.delivery WHERE subscription_id = ?",
        UUID.fromString(id));
    visit("/webhooks/" + id);
    browser.see("It fails and is paused", "The last attempt: HTTP 503");
    browser.click("The last attempt");
    browser.see("its webhook fails and is paused", "#1", "HTTP 503");
    MOOD.set(200);
    browser.click("Resume the webhook");
    browser.click("Resume");
    await(id, "delivered", 1);
    browser.see("delivered");
    assertThat(browser.text()).doesNotContain("is paused");
  }

  @Test
  void a_route_is_a_target_and_its_deliveries_are_no_curl_commands() {
    expected = new String[] {"400"};
    visit("/webhooks/new");
    browser.fill("URL", "route:none");
    browser.click("Make the webhook");
    assertThat(browser.find("[data-field=targetUrl] .error").getText())
        .contains("none has the id target-none");
    String id = webhook("/led", "led.*");
    pipeline.sql(
        "UPDATE webhooks.subscription SET target_url = 'route:none' WHERE id = ?",
        UUID.fromString(id));
    pipeline.change("led.created", "{}");
    soon().until(() -> pipeline.count("attempt WHERE error LIKE '%target-none%'") > 0);
    visit("/deliveries/" + deliveries(id).get(0).path("id").asText());
    browser.see("there is no route target-none");
    assertThat(browser.text()).contains("route:none").doesNotContain("Copy as curl");
    pipeline.sql(
        "UPDATE webhooks.subscription SET enabled = false WHERE target_url = 'route:none'");
  }
}

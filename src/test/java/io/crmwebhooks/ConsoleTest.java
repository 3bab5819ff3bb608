package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.closeAll;
import static io.crmwebhooks.PipelineFixture.soon;
import static java.time.temporal.ChronoUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** People's work in the console, from click to database and back. */
class ConsoleTest {
  private static Browser browser;
  private static PipelineFixture pipeline;
  private static TestReceiver receiver;
  private static ApiClient api;

  /** The status that the receiver answers to paths that begin with /moody. */
  private static final AtomicInteger MOOD = new AtomicInteger(200);

  @BeforeAll
  static void start() {
    browser = Browser.start();
    pipeline = new PipelineFixture("webhooks.delivery.retry-schedule", "30ms").start();
    api = pipeline.api();
    receiver =
        TestReceiver.answering(
            (request, exchange) -> {
              int status = request.path().startsWith("/moody") ? MOOD.get() : 200;
              if (request.path().contains("later") && status != 200) {
                exchange.getResponseHeaders().add("Retry-After", "3600");
              }
              TestReceiver.respond(exchange, status, "{\"said\":" + status + "}");
            });
  }

  @AfterAll
  static void stop() throws Exception {
    closeAll(browser, receiver, pipeline);
  }

  @BeforeEach
  void healthy() {
    MOOD.set(200);
    browser.complaints();
  }

  @AfterEach
  void nothing_was_complained_of() {
    assertThat(browser.complaints(expected)).isEmpty();
  }

  private String[] expected = {};

  private static void signIn() {
    signOut();
    browser.open(pipeline.url() + "/#token=" + PipelineFixture.TOKEN.replace(" ", "%20"));
    browser.see("The last hour");
  }

  /** A link does not replace a sign-in unasked. */
  private static void signOut() {
    browser.run("try { sessionStorage.clear() } catch { }");
  }

  /** Goes to a page, signing in only where the test before has signed out. */
  private static void visit(String page) {
    Object token =
        browser.run(
            "try { return sessionStorage.getItem('crm-webhooks.token') } catch { return null }");
    if (!PipelineFixture.TOKEN.equals(token)) {
      signIn();
    }
    browser.run(
        """
        document.querySelector('h1').remove();
        location.hash === '#' + arguments[0] ? dispatchEvent(new Event('hashchange')) : location.hash = arguments[0];
        """,
        page);
    soon().until(() -> browser.run("return document.activeElement.tagName").equals("H1"));
  }

  private static String webhook(String path, String... operations) {
    return pipeline.webhook(receiver.url(path), operations).toString();
  }

  private static JsonNode deliveries(String webhook) {
    return api.get("/rest/deliveries?webhookId=" + webhook).body().path("data");
  }

  private static void await(String webhook, String state, int count) {
    soon()
        .until(
            () ->
                pipeline.count(
                        "delivery WHERE state = '%s' AND subscription_id = '%s'"
                            .formatted(state, webhook))
                    == count);
  }

  @Test
  void a_token_in_the_address_signs_in_and_leaves_the_address() {
    signIn();
    assertThat(browser.hash()).isEqualTo("#/");
    assertThat(browser.run("return sessionStorage.getItem('crm-webhooks.token')"))
        .isEqualTo(PipelineFixture.TOKEN);
    assertThat(browser.run("return localStorage.length")).isEqualTo(0L);
    browser.click("Sign out");
    browser.see("Sign in", "API token");
    assertThat(browser.run("return sessionStorage.length")).isEqualTo(0L);
  }

  @Test
  void a_link_does_not_replace_a_sign_in_unasked() {
    signIn();
    String other =
        api.post("/rest/tokens", "{\"name\":\"offered\",\"role\":\"read\"}")
            .body()
            .path("token")
            .asText();
    browser.open(pipeline.url() + "/#token=" + other);
    assertThat(browser.answer(false)).contains("signed in as webhooks.admin.token");
    browser.see("The last hour", "webhooks.admin.token");
    assertThat(browser.run("return sessionStorage.getItem('crm-webhooks.token')"))
        .isEqualTo(PipelineFixture.TOKEN);
    browser.open(pipeline.url() + "/#token=" + other);
    browser.answer(true);
    browser.see("The last hour", "offered");
  }

  @Test
  void a_wrong_token_is_refused_and_a_right_one_let_in() {
    expected = new String[] {"401"};
    signIn();
    browser.click("Sign out");
    browser.fill("API token", "crmw_wrong");
    browser.click("Sign in");
    browser.see("This token is not valid");
    browser.fill("API token", PipelineFixture.TOKEN + Keys.ENTER);
    browser.see("The last hour", "webhooks.admin.token");
  }

  @Test
  void a_revoked_token_leads_back_to_the_sign_in() {
    expected = new String[] {"401"};
    JsonNode made = api.post("/rest/tokens", "{\"name\":\"brief\",\"role\":\"read\"}").body();
    signOut();
    browser.open(pipeline.url() + "/#token=" + made.path("token").asText());
    browser.see("The last hour");
    api.delete("/rest/tokens/" + made.path("id").asText());
    browser.run("location.hash = '/webhooks'");
    browser.see("Sign in", "signed out");
  }

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

  /** The id of a webhook whose one delivery has just failed. */
  private static String failing(String object, String record) {
    MOOD.set(503);
    String id = webhook("/moody-later/" + object, object + ".*");
    pipeline.change(object + ".created", record);
    await(id, "pending", 1);
    return id;
  }

  @Test
  void a_failure_is_seen_with_its_next_attempt_and_redelivered() {
    String id = failing("lamp", "{\"name\":\"<img src=x onerror=alert(1)>\"}");
    visit("/webhooks/" + id);
    browser.see("failing", "HTTP 503", "in 59 min");
    browser.click("lamp.created");
    browser.see(
        "Failed once; the next attempt is in 59 min",
        "\"said\": 503",
        "<img src=x onerror=alert(1)>");
    assertThat(browser.all("#main img")).isEmpty();
    browser.click("Headers sent");
    browser.see("webhook-signature: (not kept)");
    MOOD.set(200);
    browser.click("Redeliver");
    browser.see("2 attempts", "delivered", "HTTP 200");
    await(id, "delivered", 1);
    assertThat(receiver.received("/moody-later/lamp")).hasSize(2);
  }

  @Test
  void a_parked_change_shows_its_reason_and_is_retried() {
    String id = webhook("/parked", "lantern.*");
    pipeline.change("lantern.created", "[]");
    String event = "lantern.created";
    String parked = "parked_change JOIN webhooks.change c ON c.id = change_id WHERE event = '%s'";
    soon().until(() -> pipeline.count(parked.formatted(event)) == 1);
    long change = api.get("/rest/events?event=" + event).body().at("/data/0/id").asLong();
    visit("/events/" + change);
    browser.see("parked", "It could not be processed: ");
    pipeline.sql("UPDATE webhooks.change SET record = '{}' WHERE id = ?", change);
    browser.click("Retry");
    browser.see("It is processed again now");
    await(id, "delivered", 1);
    browser.click("Retry");
    browser.see("It is no longer parked");
  }

  @Test
  void parked_changes_are_filtered_and_retried_those_chosen_and_all_that_match() {
    String id = webhook("/parked-many", "tray.*");
    pipeline.sql(
        "INSERT INTO webhooks.change (event) SELECT 'tray.created' FROM generate_series(1, 4)");
    pipeline.change("tray.deleted", "[]");
    soon()
        .until(() -> api.get("/rest/parked-changes?event=tray.*").body().at("/data/4").isObject());
    visit("/");
    browser.see("see why, retry");
    visit("/parked");
    browser.fill("Event", "tray.*" + Keys.ENTER);
    soon().until(() -> browser.all("tbody tr").size() == 5);
    browser.fill("Reason has", "is MISSING" + Keys.ENTER);
    soon().until(() -> browser.all("tbody tr").size() == 4);
    assertThat(browser.hash()).startsWith("#/parked?").contains("reason=is+MISSING");
    pipeline.sql("UPDATE webhooks.change SET record = '{}' WHERE event LIKE 'tray.%'");
    browser.all("tbody input").get(0).click();
    browser.all("tbody input").get(3).click();
    browser.click("Retry 2 chosen");
    await(id, "delivered", 2);
    browser.see("2 are processed again now");
    browser.click("Retry all that match");
    browser.click("Retry all");
    await(id, "delivered", 4);
    browser.see("None match");
    assertThat(api.get("/rest/parked-changes?event=tray.*").body().path("data")).hasSize(1);
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

  /** With what curl would change, and what a shell would. */
  private static final String CURLED = "/x/../curled/./?b[1]=[2-3]&c=it's!";

  @Test
  void a_delivery_is_copied_as_a_curl_command_that_a_shell_takes() throws Exception {
    String id = webhook(CURLED, "quote.*");
    pipeline.change("quote.created", "{\"text\":\"it's $HOME\"}");
    await(id, "delivered", 1);
    String delivery = deliveries(id).get(0).path("id").asText();
    String command = curlOf(delivery);
    assertThat(command).doesNotContain("not kept");
    String echo = command.replaceFirst("^curl", "printf '%s\\\\n'");
    Process shell = new ProcessBuilder("sh", "-c", echo).redirectErrorStream(true).start();
    assertThat(new String(shell.getInputStream().readAllBytes()).lines())
        .contains(
            "--globoff",
            "--path-as-is",
            receiver.url(CURLED),
            "Content-Type: application/json",
            receiver.received(CURLED).get(0).text());
    pipeline.sql(
        "UPDATE webhooks.subscription SET batch_size = 2, compress = 'gzip' WHERE id = ?",
        UUID.fromString(id));
    assertThat(curlOf(delivery))
        .contains("[{\"id\":\"" + delivery + "\",", "}]")
        .doesNotContain("Content-Encoding");
  }

  private String curlOf(String delivery) {
    visit("/webhooks");
    visit("/deliveries/" + delivery);
    browser.run(
        "navigator.clipboard.writeText = (text) => { globalThis.copied = text; return Promise.resolve(); }");
    browser.click("Copy as curl");
    browser.see("Copied");
    return (String) browser.run("return globalThis.copied");
  }

  @Test
  void dead_letters_are_chosen_and_sent_again() {
    MOOD.set(500);
    String id = webhook("/moody-dead", "tomb.*");
    pipeline.changes("tomb.created", 4);
    await(id, "dead", 4);
    visit("/dead-letters");
    browser.choose("Webhook", receiver.url("/moody-dead").substring("http://".length()));
    soon().until(() -> browser.all("tbody tr").size() == 4);
    assertThat(browser.hash()).contains("webhookId=" + id);
    MOOD.set(200);
    browser.all("tbody input").get(0).click();
    browser.all("tbody input").get(2).click();
    browser.click("Redeliver 2 chosen");
    await(id, "delivered", 2);
    browser.see("2 are tried again now");
    browser.click("Redeliver all that match");
    browser.click("Redeliver all");
    await(id, "delivered", 4);
    browser.see("No dead letters");
  }

  @Test
  void deliveries_are_filtered_and_paged_and_the_place_is_kept() {
    String id = webhook("/paged", "page.*");
    pipeline.changes("page.created", 120);
    pipeline.changes("page.deleted", 1);
    await(id, "delivered", 121);
    visit("/deliveries?webhookId=" + id);
    soon().until(() -> browser.all("tbody tr").size() == 50);
    browser.fill("Event", "*.deleted" + Keys.ENTER);
    soon().until(() -> browser.all("tbody tr").size() == 1);
    browser.fill("Event", "page.created" + Keys.ENTER);
    soon().until(() -> browser.all("tbody tr").size() == 50);
    browser.click("Older");
    browser.see("Newer"); // else the second click may meet the button of the first page
    browser.click("Older");
    soon().until(() -> browser.all("tbody tr").size() == 20);
    browser.find("tbody a").click();
    browser.see("1 attempt");
    browser.run("history.back()");
    soon().until(() -> browser.all("tbody tr").size() == 20);
    browser.click("Newest");
    soon().until(() -> browser.all("tbody tr").size() == 50);
    browser.fill("Find by webhook-id", receiver.received("/paged").get(0).id() + Keys.ENTER);
    browser.see("1 attempt");
  }

  @Test
  void a_filter_that_is_refused_says_so_at_the_field() {
    expected = new String[] {"400"};
    visit("/deliveries");
    browser.fill("Event", "nonsense" + Keys.ENTER);
    assertThat(browser.find("[data-field=event] .error").getText()).contains("object.action");
  }

  @Test
  void the_last_hour_is_counted_first_and_then_replayed() {
    pipeline.changes("past.created", 30);
    soon().until(() -> pipeline.count("undispatched") == 0);
    String id = webhook("/replayed", "past.*");
    visit("/webhooks/" + id);
    browser.click("Replay");
    browser.see("New replay", "Missing deliveries");
    browser.click("Count first");
    browser.see("30 deliveries would be sent");
    assertThat(pipeline.count("replay WHERE subscription_id = '" + id + "'")).isZero();
    browser.click("Send 30 now");
    browser.see("Replay no.", "done", "100 %");
    await(id, "delivered", 30);
    assertThat(receiver.received("/replayed")).hasSize(30);
    browser.run("location.hash = '/replays'");
    browser.see("Past changes, sent to a webhook again.", "Missing deliveries", "100 %");
  }

  @Test
  void a_replay_is_paused_resumed_and_cancelled() {
    pipeline.changes("slow.created", 50);
    soon().until(() -> pipeline.count("undispatched") == 0);
    String id = webhook("/never", "slow.*");
    api.post("/rest/webhooks/" + id + "/disable", null);
    String since = Instant.now().minusSeconds(3600).toString();
    String replay =
        api.post(
                "/rest/replays",
                "{\"webhookId\":\"%s\",\"mode\":\"all\",\"since\":\"%s\"}".formatted(id, since))
            .body()
            .path("id")
            .asText();
    visit("/replays/" + replay);
    browser.click("Pause");
    browser.see("paused");
    assertThat(state(replay)).isEqualTo("paused");
    browser.click("Resume");
    soon().until(() -> state(replay).equals("running"));
    browser.click("Cancel");
    browser.click("Cancel the replay");
    soon().until(() -> state(replay).equals("cancelled"));
    browser.see("cancelled");
  }

  private static String state(String replay) {
    return api.get("/rest/replays/" + replay).body().path("state").asText();
  }

  @Test
  void events_are_found_by_their_record() {
    pipeline.sql(
        "INSERT INTO webhooks.change (event, record_id, record) VALUES ('car.updated', 'found-me', '{\"big\":12345678901234567890.5}')");
    visit("/events");
    browser.fill("Record id", "found-me" + Keys.ENTER);
    soon().until(() -> browser.all("tbody tr").size() == 1);
    browser.click("car.updated");
    browser.see("No webhook asked for it", "\"big\": 12345678901234567890.5");
  }

  @Test
  void times_are_in_the_zone_of_the_reader_and_tell_utc() {
    pipeline.sql(
        "INSERT INTO webhooks.change (event, record_id, record, occurred_at) VALUES ('old.created', 'old', '{}', '2026-01-15T10:00:00Z')");
    visit("/events?recordId=old");
    soon().until(() -> browser.all("tbody time").size() == 1);
    String local =
        DateTimeFormatter.ofPattern("HH:mm:ss")
            .format(Instant.parse("2026-01-15T10:00:00Z").atZone(ZoneId.of(Browser.ZONE)));
    assertThat(browser.find("tbody time").getText()).contains("15 Jan").contains(local);
    assertThat(browser.find("tbody time").getDomAttribute("title"))
        .isEqualTo("2026-01-15 10:00:00 UTC");
  }

  @Test
  void who_may_only_read_is_offered_nothing_else() {
    String id = webhook("/read-only", "never.ever");
    String token =
        api.post("/rest/tokens", "{\"name\":\"reader\",\"role\":\"read\"}")
            .body()
            .path("token")
            .asText();
    signOut();
    browser.open(pipeline.url() + "/#token=" + token);
    browser.see("The last hour", "reader");
    browser.run("location.hash = '/webhooks/" + id + "'");
    browser.see("Newest deliveries");
    assertThat(List.of("Send a test", "Disable", "Edit", "Rotate secret", "Delete"))
        .noneMatch(browser::offers);
  }

  @Test
  void everything_is_reached_by_keyboard() {
    visit("/");
    browser.run("document.querySelector('.brand').focus()");
    press(Keys.chord(Keys.SHIFT, Keys.TAB));
    assertThat(focused()).isEqualTo("Skip to the content");
    press(Keys.ENTER);
    assertThat(browser.run("return document.activeElement.id")).isEqualTo("main");
    browser.run("document.querySelector('.brand').focus()");
    press(Keys.TAB);
    press(Keys.TAB);
    assertThat(focused()).isEqualTo("Webhooks");
    assertThat(browser.run("return getComputedStyle(document.activeElement).outlineStyle"))
        .isEqualTo("solid");
    press(Keys.ENTER);
    soon().until(() -> browser.run("return document.activeElement.tagName").equals("H1"));
    browser.see("Delivered and failed count the last hour.");
  }

  private static void press(CharSequence key) {
    ((WebElement) browser.run("return document.activeElement")).sendKeys(key);
  }

  private static String focused() {
    return (String) browser.run("return document.activeElement.innerText.trim()");
  }
}

package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** People's work in the console, from click to database and back. */
class ConsoleTest extends OneConsole {
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

package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.Cli.Ran;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every command of the operator but those for webhooks. */
class CommandsTest extends BothWays {
  @ParameterizedTest
  @EnumSource
  void what_was_sent_is_listed_shown_and_sent_again(Way way) {
    Cli cli = way.cli();
    String event = way.event("lion");
    String webhook =
        id(
            cli.run(
                "webhook", "add", "--duplicate", bad.url("/log"), "-o", event, "--set", "secret="));
    pipeline.change(event, "{\"name\":\"Le\\u001b[31mo\"}");
    pipeline.change(event, "{\"name\":\"Lea\"}");
    sent(webhook, 2);
    JsonNode listed = cli.run("delivery", "list", "--webhook", webhook, "--json").json();
    assertThat(listed).hasSize(2);
    assertThat(
            cli.run("delivery", "list", "--event", event, "--since", "1h", "-n", 1).out().lines())
        .hasSize(2)
        .anyMatch(line -> line.contains("pending") && line.contains("HTTP 500"));
    assertThat(cli.run("delivery", "list", "--webhook", webhook, "-s", "DEAD").out())
        .isEqualToIgnoringNewLines("No delivery matches.");

    String id = listed.path(1).path("id").asText();
    String shown = cli.run("delivery", "show", id).out();
    assertThat(shown).contains("answer 500", "webhook-id", "\\u001b[31m").doesNotContain("\u001b");
    assertThat(cli.run("delivery", "show", id, "--json").json().path("attempts")).hasSize(1);

    pipeline.sql(
        "INSERT INTO webhooks.endpoint (subscription_id, failing_since, paused_until, pauses, reason) VALUES (CAST(? AS uuid), now(), '2099-01-01T00:00:00Z', 1, 'HTTP 500')",
        webhook);
    assertThat(cli.run("delivery", "show", id).out())
        .contains("paused until 2099-01-01T00:00:00Z, since its endpoint failed: HTTP 500");
    pipeline.sql("DELETE FROM webhooks.endpoint WHERE subscription_id = CAST(? AS uuid)", webhook);

    int before = bad.received("/log").size();
    assertThat(cli.run("delivery", "redeliver", id).code()).isZero();
    soon().until(() -> bad.received("/log").size() == before + 1);
    pipeline.sql(
        "UPDATE webhooks.delivery SET state = 'dead', due_at = NULL WHERE subscription_id = CAST(? AS uuid)",
        webhook);
    Ran many = cli.run("delivery", "redeliver", "--webhook", webhook, "--json");
    assertThat(many.json().path("redelivered").asInt()).isEqualTo(2);
    soon().until(() -> bad.received("/log").size() == before + 3);

    Ran unknown = cli.run("delivery", "redeliver", id, "msg_" + "0".repeat(48));
    assertThat(unknown.code()).isEqualTo(1);
    assertThat(cli.run("delivery", "show", "msg_nothing").code()).isEqualTo(1);
    assertThat(cli.run("delivery", "redeliver").code()).isEqualTo(2);
    assertThat(cli.run("delivery", "redeliver", id, "--all").code()).isEqualTo(2);
    assertThat(cli.run("delivery", "list", "--limit", 0).code()).isEqualTo(2);
    cli.run("webhook", "remove", webhook);
  }

  @ParameterizedTest
  @EnumSource
  void lists_go_on_behind_the_first_page(Way way) {
    String event = way.event("bee");
    pipeline.changes(event, 450);
    JsonNode events = way.cli().run("event", "list", "-e", event, "-n", 420, "--json").json();
    assertThat(events).hasSize(420);
    assertThat(events.findValuesAsText("id")).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @EnumSource
  void events_are_listed_and_shown(Way way) {
    Cli cli = way.cli();
    String event = way.event("wolf");
    pipeline.change(event, "{\"name\":\"Wu\"}");
    String listed = cli.run("event", "list", "--event", event).out();
    assertThat(listed).contains("EVENT ID", event, "r1");
    String id = cli.run("event", "list", "--event", event, "--json").json().at("/0/id").asText();
    assertThat(cli.run("event", "show", id).out())
        .contains("delivered to nobody", "\"name\" : \"Wu\"");
    assertThat(cli.run("event", "show", "0").code()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void parked_changes_are_listed_shown_and_put_back(Way way) {
    Cli cli = way.cli();
    String event = way.event("crab");
    pipeline.change(event, "[\"no object\"]");
    pipeline.change(event, "[\"no object\"]");
    soon()
        .until(
            () -> cli.run("change", "list", "--parked", "-e", event, "--json").json().size() == 2);
    assertThat(
            cli.run("change", "list", "--parked", "--event", event, "--since", "1h", "-n", 1)
                .out()
                .lines())
        .hasSize(2)
        .anyMatch(line -> line.contains(event) && line.contains("object"));
    String id =
        cli.run("change", "list", "--parked", "-e", event, "--json").json().at("/0/id").asText();
    assertThat(cli.run("change", "show", id).out())
        .containsPattern("parkedReason +.*object")
        .contains("Record:");
    pipeline.sql("UPDATE webhooks.change SET record = '{}' WHERE event = ?", event);
    assertThat(cli.run("change", "retry", id).out())
        .isEqualToIgnoringNewLines("1 change is queued again");
    assertThat(cli.run("change", "retry", id).code()).isEqualTo(1);
    Ran all = cli.run("change", "retry", "-e", event, "--reason", "OBJECT", "--json");
    assertThat(all.json().path("retried").asInt()).isEqualTo(1);
    assertThat(cli.run("change", "list", "-e", event).out()).contains("dispatched");
    assertThat(cli.run("change", "list", "--reason", "x").err()).contains("add --parked");
    assertThat(cli.run("change", "list", "--parked", "-e", event).out())
        .isEqualToIgnoringNewLines("No parked change matches.");
    assertThat(cli.run("change", "retry").err()).contains("say which", "--reason", "--all");
    assertThat(cli.run("change", "retry", id, "--all").code()).isEqualTo(2);
    assertThat(cli.run("change", "retry", "-e", event, "--all").code()).isEqualTo(2);
    assertThat(cli.run("change", "retry", "seven").code()).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource
  void a_replay_is_counted_started_watched_and_ended(Way way) {
    Cli cli = way.cli();
    String event = way.event("fox");
    pipeline.changes(event, 3);
    soon().until(() -> pipeline.count("undispatched") == 0);
    String webhook = webhook(cli, good.url("/replayed"), event);
    Ran count = cli.run("replay", "start", webhook, "--since", "1h", "--dry-run");
    assertThat(count.out()).contains("3 of 3 matching changes would be sent");
    Ran done = cli.run("replay", "start", webhook, "--since", "1h", "--wait", "--json");
    assertThat(done.code()).as(done.toString()).isZero();
    assertThat(done.json().path("state").asText()).isEqualTo("done");
    assertThat(done.json().path("owed").asInt()).isEqualTo(3);
    String id = done.json().path("id").asText();
    assertThat(cli.run("replay", "show", id).out()).contains("replay " + id + " is done, 100 %");
    assertThat(cli.run("replay", "list", "--webhook", webhook).out()).contains("done", "missing");
    Ran cancelled = cli.run("replay", "cancel", id);
    assertThat(cancelled.code()).isEqualTo(1);
    assertThat(cancelled.err()).contains("replay " + id + " is done and cannot become cancelled");
    assertThat(cli.run("replay", "pause", 4711).code()).isEqualTo(1);
    assertThat(cli.run("replay", "start", webhook, "--since", "soon").code()).isEqualTo(2);
    assertThat(cli.run("replay", "start", webhook, "--since", "1h", "--until", "2h").err())
        .contains("since must be before until");
    cli.run("webhook", "remove", webhook);
  }

  @ParameterizedTest
  @EnumSource
  void reconciliation_tells_a_gap_by_its_exit_code(Way way) {
    Cli cli = way.cli();
    String event = way.event("gnu");
    String webhook = webhook(cli, good.url("/gnu"), event);
    pipeline.changes(event, 3);
    sent(webhook, 3);
    soon().until(() -> pipeline.count("undispatched") == 0);
    Ran whole = cli.run("reconcile", "--webhook", webhook, "--since", "1h");
    assertThat(whole.code()).as(whole.toString()).isZero();
    assertThat(whole.out()).contains("Nothing is lost");
    pipeline.sql(
        "DELETE FROM webhooks.delivery WHERE id = (SELECT min(id) FROM webhooks.delivery WHERE subscription_id = CAST(? AS uuid))",
        webhook);
    Ran gap = cli.run("reconcile", "--webhook", webhook, "--json");
    assertThat(gap.code()).isEqualTo(5);
    assertThat(gap.json().path("gap").asInt()).isEqualTo(1);
    assertThat(cli.run("reconcile", "--workspace", "nobody's").out())
        .contains("There is no webhook");
    cli.run("webhook", "remove", webhook);
  }

  @ParameterizedTest
  @EnumSource
  void statistics_show_each_webhook_and_the_queue(Way way) {
    Cli cli = way.cli();
    String webhook = webhook(cli, good.url("/stats"), "emu.*");
    String stats = cli.run("stats").out();
    assertThat(stats).contains("DEAD LETTERS", webhook, "Not dispatched yet: ");
    JsonNode json = cli.run("stats", "--minutes", 5, "--webhook", webhook, "--json").json();
    assertThat(json.path("webhooks")).hasSize(1);
    assertThat(cli.run("stats", "--minutes", 0).code()).isEqualTo(2);
    assertThat(cli.run("stats", "--webhook", UUID.randomUUID()).code()).isEqualTo(1);
    cli.run("webhook", "remove", webhook);
  }

  @ParameterizedTest
  @EnumSource
  void a_token_is_made_used_listed_and_revoked(Way way) {
    Cli cli = way.cli();
    Ran added = cli.run("token", "add", "night " + way, "--role", "operate", "--json");
    assertThat(added.code()).as(added.toString()).isZero();
    String id = added.json().path("id").asText();
    Cli night = Cli.asking(pipeline.url(), added.json().path("token").asText());
    assertThat(night.run("webhook", "list").code()).isZero();
    Ran refused = night.run("token", "list");
    assertThat(refused.code()).isEqualTo(4);
    assertThat(refused.err()).contains("listTokens takes the role admin");
    Ran twice = cli.run("token", "add", "night " + way);
    assertThat(twice.code()).isEqualTo(1);
    assertThat(twice.err()).contains("there is a token named \"night " + way + "\"");
    assertThat(cli.run("token", "revoke", id).code()).isZero();
    assertThat(cli.run("token", "list").out())
        .containsPattern(id + " +operate +night " + way + " +- +revoked 20");
    assertThat(night.run("webhook", "list").code()).isEqualTo(4);
    assertThat(cli.run("token", "revoke", UUID.randomUUID()).code()).isEqualTo(1);
  }

  @Test
  void tables_are_captured_and_checked_on_the_database() {
    Cli cli = Way.DATABASE.cli();
    pipeline.sql("CREATE TABLE public.otter (id int PRIMARY KEY)");
    Ran installed = cli.run("capture", "install", "--table", "otter");
    assertThat(installed.code()).as(installed.toString()).isZero();
    assertThat(installed.out()).contains("public.otter is now captured as otter");
    JsonNode listed = cli.run("capture", "list", "--json").json();
    assertThat(listed.at("/0/table").asText()).isEqualTo("otter");
    assertThat(cli.run("capture", "list").out()).contains("IGNORED COLUMNS", "otter");
    assertThat(cli.run("capture", "remove", "--table", "otter").out()).contains("no longer");
    assertThat(cli.run("capture", "install", "--table", "nowhere").code()).isEqualTo(1);
    assertThat(cli.run("check", "--json").json().isArray()).isTrue();
    Cli lost = Cli.on("jdbc:postgresql://127.0.0.1:1/none");
    assertThat(lost.run("capture", "list").code()).isEqualTo(3);
    assertThat(lost.run("check").code()).isEqualTo(3);
  }

  @Test
  void a_server_that_cannot_be_reached_has_an_exit_code_of_its_own() {
    Ran nobody = Cli.asking("http://127.0.0.1:1", "x").run("webhook", "list");
    assertThat(nobody.code()).isEqualTo(3);
    assertThat(nobody.err()).contains("http://127.0.0.1:1 cannot be reached", "--database");
    Ran other = Cli.asking(good.url(""), "x").run("webhook", "list");
    assertThat(other.code()).isEqualTo(3);
    assertThat(other.err()).contains("is not the admin API");
    Ran database = Cli.on("jdbc:postgresql://127.0.0.1:1/none").run("webhook", "list");
    assertThat(database.code()).isEqualTo(3);
    assertThat(database.err()).contains("cannot reach the PostgreSQL");
  }

  @Test
  void options_win_over_the_environment_and_database_over_a_url() {
    Cli lost = Cli.on(pipeline.databaseUrl()).with("WEBHOOKS_URL", "http://127.0.0.1:1");
    assertThat(lost.run("webhook", "list").code()).isEqualTo(4); // no token
    assertThat(lost.run("webhook", "list", "--token", "x").code()).isEqualTo(3);
    assertThat(lost.run("webhook", "list", "--url", pipeline.url(), "--token", "x").code())
        .isEqualTo(4);
    assertThat(
            lost.run(
                    "webhook",
                    "list",
                    "--url",
                    pipeline.url() + "/",
                    "--token",
                    PipelineFixture.TOKEN)
                .code())
        .isZero();
    assertThat(lost.run("webhook", "list", "--database").code()).isZero();
    assertThat(lost.run("webhook", "list", "--database", "--url", "http://x").code()).isEqualTo(2);
    assertThat(Cli.on("").run("webhook", "list", "--token", "x").code()).isEqualTo(2);
    assertThat(lost.run("webhook", "list", "--url", "localhost", "--token", "x").code())
        .isEqualTo(2);
    assertThat(lost.run("webhook", "list", "--url", "http://x", "--token", "a\nb").err())
        .contains("no HTTP header can carry")
        .doesNotContain("a\nb");
  }

  @Test
  void wrong_usage_names_what_to_write_instead() {
    Ran slip = new Cli(Map.of()).run("delivery", "lst");
    assertThat(slip.code()).isEqualTo(2);
    assertThat(slip.err()).contains("list", "See: crm-webhooks delivery --help");
    assertThat(new Cli(Map.of()).run("webhook").code()).isEqualTo(2);
    assertThat(new Cli(Map.of()).run("webhook", "show", "no-uuid").code()).isEqualTo(2);
  }

  @Test
  void a_delivery_that_is_sent_again_after_a_fix_arrives() {
    Cli cli = Way.API.cli();
    Instant start = Instant.now();
    String webhook = webhook(cli, bad.url("/night"), "moth.*");
    pipeline.change("moth.created", "{}");
    sent(webhook, 1);
    cli.run("webhook", "change", webhook, "--target-url", good.url("/night"));
    Ran all =
        cli.run(
            "delivery", "redeliver", "--event", "moth.*", "--state", "pending", "--since", start);
    assertThat(all.out()).isEqualToIgnoringNewLines("1 deliveries are sent again");
    soon().until(() -> good.received("/night").size() == 1);
    cli.run("webhook", "remove", webhook);
  }
}

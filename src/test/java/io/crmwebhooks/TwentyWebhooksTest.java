package io.crmwebhooks;

import static io.crmwebhooks.TwentyFixture.NEWER;
import static io.crmwebhooks.TwentyFixture.OLDER;
import static io.crmwebhooks.TwentyFixture.WORKSPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The webhooks of Twenty in the database, without a pipeline: mirror, shadow, follower. */
class TwentyWebhooksTest {
  private static final String FOLLOW = "SELECT webhooks.twenty_follow(true, false, false)";
  private static final String OTHER = "20c1a0de-5a17-4000-8000-000000000002";

  private static TestDatabase database;
  private static TwentyFixture twenty;

  @BeforeAll
  static void make() throws SQLException {
    database = TestDatabase.create();
    twenty = TwentyFixture.create(database.dataSource(), NEWER);
    twenty.addWorkspace(OTHER, "Other", null);
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @BeforeEach
  void install() throws SQLException {
    twenty.run("SELECT webhooks.twenty_install(ARRAY['%s'])".formatted(WORKSPACE));
  }

  @AfterEach
  void remove() throws SQLException {
    twenty.run(
        "DELETE FROM core.\"featureFlag\"",
        "SELECT webhooks.twenty_remove(NULL)",
        "DELETE FROM webhooks.muted",
        "DELETE FROM core.webhook",
        "DELETE FROM webhooks.delivery",
        "DELETE FROM webhooks.subscription",
        "DELETE FROM webhooks.change_queue",
        "DELETE FROM webhooks.early_change");
  }

  @Test
  void a_webhook_is_mirrored_in_the_transaction_that_makes_it() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(
          "SELECT sample_twenty.add_webhook('%s', 'example.org/a', '{person.*,metadata.*.*,\"\"}', 'abc')"
              .formatted(WORKSPACE));
      try (var row = statement.executeQuery("SELECT count(*) FROM webhooks.subscription")) {
        row.next();
        assertThat(row.getInt(1)).isEqualTo(1);
      }
      connection.rollback();
    }
    assertThat(twenty.value("SELECT count(*) FROM webhooks.subscription")).isEqualTo("0");

    String id = twenty.addWebhook("http://example.org/a", "", "person.*", "metadata.*.*");
    assertThat(
            twenty.value(
                """
                SELECT concat_ws(' ', workspace, target_url, operations, '[' || secret || ']', source, format, shadow, enabled)
                FROM webhooks.subscription WHERE id = '%s'"""
                    .formatted(id)))
        .isEqualTo(
            WORKSPACE + " http://example.org/a {person.*,metadata.*.*} [] twenty native t t");
  }

  @Test
  void a_url_without_a_scheme_gets_https() throws SQLException {
    assertThat(url(twenty.addWebhook("example.org/a", ""))).isEqualTo("https://example.org/a");
    assertThat(url(twenty.addWebhook("HTTP://example.org/a", "")))
        .isEqualTo("HTTP://example.org/a");
    assertThat(url(twenty.addWebhook("route:mine", ""))).isEqualTo("https://route:mine");
  }

  @Test
  void a_webhook_is_changed_deleted_and_restored_with_its_row() throws SQLException {
    String id = twenty.addWebhook("https://example.org/a", "old");
    twenty.run(
        "UPDATE webhooks.subscription SET secret = '$aes-256-gcm$x$y'",
        "UPDATE core.webhook SET \"targetUrl\" = 'https://example.org/b', secret = 'new'");
    assertThat(url(id)).isEqualTo("https://example.org/b");
    assertThat(mirror(id, "secret")).isEqualTo("new");

    twenty.run("UPDATE core.webhook SET \"deletedAt\" = now()");
    assertThat(mirror(id, "deleted_at IS NOT NULL")).isEqualTo("t");
    twenty.run("UPDATE core.webhook SET \"deletedAt\" = NULL");
    assertThat(mirror(id, "deleted_at IS NULL")).isEqualTo("t");
    twenty.run("DELETE FROM core.webhook");
    assertThat(mirror(id, "deleted_at IS NOT NULL")).isEqualTo("t");
  }

  @Test
  void an_update_that_says_nothing_new_lets_no_process_read_the_webhooks_again()
      throws SQLException {
    twenty.addWebhook("https://example.org/a", "old");
    String revision = twenty.value("SELECT revision FROM webhooks.subscription_revision");
    twenty.run("UPDATE core.webhook SET \"updatedAt\" = now()", FOLLOW);
    assertThat(twenty.value("SELECT revision FROM webhooks.subscription_revision"))
        .isEqualTo(revision);
  }

  @Test
  void delivery_settings_of_ours_outlast_a_change_there() throws SQLException {
    String id = twenty.addWebhook("https://example.org/a", "");
    twenty.run(
        "UPDATE webhooks.subscription SET enabled = false, ordering = 'record', rate_limit = 2",
        "UPDATE core.webhook SET \"targetUrl\" = 'https://example.org/b'");
    assertThat(mirror(id, "concat_ws(' ', enabled, ordering, rate_limit)")).isEqualTo("f record 2");
  }

  @Test
  void one_that_was_disabled_by_itself_is_served_again_at_another_url() throws SQLException {
    String id = twenty.addWebhook("https://example.org/a", "");
    twenty.run(
        "UPDATE webhooks.subscription SET enabled = false, disabled_cause = 'gone', disabled_reason = 'HTTP 410'",
        "UPDATE core.webhook SET description = 'new'");
    assertThat(mirror(id, "enabled")).isEqualTo("f");
    twenty.run("UPDATE core.webhook SET \"targetUrl\" = 'https://example.org/b'");
    assertThat(mirror(id, "enabled")).isEqualTo("t");
  }

  @Test
  void the_id_of_another_webhook_is_never_taken_over() throws SQLException {
    String ours =
        twenty.value(
            "INSERT INTO webhooks.subscription (target_url) VALUES ('https://example.org/ours') RETURNING id");
    twenty.addWebhook("https://example.org/thief", "");
    twenty.run("UPDATE core.webhook SET id = '%s'".formatted(ours), FOLLOW);
    assertThat(url(ours)).isEqualTo("https://example.org/ours");
    assertThat(problem()).contains(ours).contains("its id is that of another webhook");

    twenty.run("DELETE FROM core.webhook");
    assertThat(mirror(ours, "deleted_at IS NULL")).isEqualTo("t");
  }

  @Test
  void a_webhook_that_moves_to_another_workspace_is_served_in_neither_of_them_by_mistake()
      throws SQLException {
    twenty.run("SELECT webhooks.twenty_install(ARRAY['%s'])".formatted(OTHER));
    String id = twenty.addWebhook("https://example.org/a", "");
    twenty.run("UPDATE core.webhook SET \"workspaceId\" = '%s'".formatted(OTHER), FOLLOW);
    assertThat(mirror(id, "concat_ws(' ', workspace, deleted_at IS NOT NULL)"))
        .isEqualTo(WORKSPACE + " t");
  }

  @Test
  void a_workspace_that_is_not_installed_is_left_alone() throws SQLException {
    twenty.run(
        "SELECT sample_twenty.add_webhook('%s', 'https://example.org/a', '{*.*}', '')"
            .formatted(OTHER),
        FOLLOW);
    assertThat(twenty.value("SELECT count(*) FROM webhooks.subscription")).isEqualTo("0");
  }

  @Test
  void the_follower_finds_what_the_trigger_missed() throws SQLException {
    String changed = twenty.addWebhook("https://example.org/a", "");
    String deleted = twenty.addWebhook("https://example.org/b", "");
    twenty.run("ALTER TABLE core.webhook DISABLE TRIGGER webhooks_follow");
    String made = twenty.addWebhook("https://example.org/c", "");
    twenty.run(
        "UPDATE core.webhook SET operations = '{a.*}' WHERE id = '%s'".formatted(changed),
        "DELETE FROM core.webhook WHERE id = '%s'".formatted(deleted),
        FOLLOW);
    assertThat(mirror(changed, "operations")).isEqualTo("{a.*}");
    assertThat(mirror(deleted, "deleted_at IS NOT NULL")).isEqualTo("t");
    assertThat(url(made)).isEqualTo("https://example.org/c");

    twenty.run("UPDATE core.webhook SET operations = '{b.*}' WHERE id = '%s'".formatted(changed));
    assertThat(mirror(changed, "operations")).as("the trigger is on again").isEqualTo("{b.*}");
  }

  @Test
  void twenty_neither_fails_nor_waits_for_long_when_we_cannot_follow() throws SQLException {
    String id = twenty.addWebhook("https://example.org/a", "");
    try (Connection holder = database.dataSource().getConnection();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("SELECT FROM webhooks.subscription FOR UPDATE");
      twenty.run(
          "SET statement_timeout = '5s'; UPDATE core.webhook SET description = 'new'; RESET statement_timeout");
      holder.rollback();
    }
    assertThat(mirror(id, "description")).isNull();
    twenty.run(FOLLOW);
    assertThat(mirror(id, "description")).isEqualTo("new");
    twenty.run(
        "BEGIN; UPDATE core.webhook SET description = 'x'; ALTER TABLE core.webhook ALTER secret TYPE text; "
            + "ALTER TABLE core.webhook DROP COLUMN description; UPDATE core.webhook SET secret = 's'; ROLLBACK");
  }

  @Test
  void a_workspace_that_goes_live_sends_what_was_committed_since_and_nothing_from_before()
      throws SQLException {
    String id = twenty.addWebhook("https://example.org/a", "");
    String before = recorded(id, change(), "clock_timestamp()");
    String late = change();
    String justBefore = change();
    String since = twenty.value("SELECT clock_timestamp()");
    recorded(id, justBefore, "timestamptz '%s' + interval '1 s'".formatted(since));
    recorded(id, late, "timestamptz '%s' + interval '3 s'".formatted(since));
    String after = recorded(id, change(), "clock_timestamp()");

    twenty.run("SELECT webhooks.twenty_live('%s', '%s')".formatted(WORKSPACE, since));
    assertThat(state(before)).isEqualTo("cancelled");
    assertThat(state(justBefore)).isEqualTo("cancelled");
    assertThat(state(late)).as("its transaction was open then").isEqualTo("pending");
    assertThat(state(after)).isEqualTo("pending");
    assertThat(mirror(id, "shadow")).isEqualTo("f");
  }

  @Test
  void a_workspace_that_goes_live_at_once_knows_what_was_committed_then() throws SQLException {
    String id = twenty.addWebhook("https://example.org/a", "");
    String waiting = change();
    try (Connection open = database.dataSource().getConnection();
        Statement statement = open.createStatement()) {
      open.setAutoCommit(false);
      String uncommitted = insertChange(statement);
      twenty.run("SELECT webhooks.twenty_live('%s')".formatted(WORKSPACE));
      open.commit();
      open.setAutoCommit(true);

      recorded(id, waiting, "clock_timestamp() + interval '1 hour'");
      recorded(id, uncommitted, "clock_timestamp()");
      twenty.run("SELECT webhooks.twenty_release_shadows()");
      assertThat(state(waiting)).isEqualTo("cancelled");
      assertThat(state(uncommitted)).isEqualTo("pending");
      assertThat(twenty.value("SELECT count(*) FROM webhooks.early_change")).isEqualTo("1");
      twenty.run(
          "UPDATE webhooks.settled_log SET settled_id = " + uncommitted,
          "SELECT webhooks.twenty_release_shadows()");
      assertThat(twenty.value("SELECT count(*) FROM webhooks.early_change")).isEqualTo("0");
    }
    twenty.run("SELECT webhooks.twenty_live('%s')".formatted(WORKSPACE));
    assertThat(mirror(id, "shadow")).isEqualTo("f");
  }

  @Test
  void what_is_decided_is_not_looked_at_again_and_what_is_still_open_is() throws SQLException {
    String id = twenty.addWebhook("https://example.org/a", "");
    String first = recorded(id, change(), "clock_timestamp()");
    String second = recorded(id, change(), "clock_timestamp()");
    String third = recorded(id, change(), "clock_timestamp()");
    twenty.run(
        "SELECT webhooks.twenty_live('%s', '1970-01-01')".formatted(WORKSPACE),
        "UPDATE webhooks.delivery SET state = 'cancelled', error = 'shadow', due_at = NULL",
        "UPDATE webhooks.settled_log SET settled_id = %s".formatted(third));
    assertThat(twenty.value("SELECT webhooks.twenty_release_shadows(2)")).isEqualTo("2");
    assertThat(state(third)).isEqualTo("cancelled");
    assertThat(twenty.value("SELECT settled_to FROM webhooks.twenty_workspace"))
        .isEqualTo(Long.toString(Long.parseLong(second) - 1));
    assertThat(twenty.value("SELECT webhooks.twenty_release_shadows(2)")).isEqualTo("1");
    assertThat(twenty.value("SELECT settled_to FROM webhooks.twenty_workspace")).isEqualTo(third);

    twenty.run(
        "UPDATE webhooks.delivery SET state = 'cancelled', error = 'shadow', due_at = NULL WHERE change_id = "
            + first);
    assertThat(twenty.value("SELECT webhooks.twenty_release_shadows()")).isEqualTo("0");
    String fourth = recorded(id, change(), "clock_timestamp()");
    twenty.run("SELECT webhooks.twenty_release_shadows()");
    assertThat(state(fourth)).isEqualTo("pending");
  }

  @Test
  void back_in_shadow_what_is_pending_is_cancelled_and_no_other_webhook_is_touched()
      throws SQLException {
    String id = twenty.addWebhook("https://example.org/a", "");
    String ours =
        twenty.value(
            "INSERT INTO webhooks.subscription (target_url, workspace) VALUES ('https://example.org/ours', '%s') RETURNING id"
                .formatted(WORKSPACE));
    twenty.run("SELECT webhooks.twenty_live('%s')".formatted(WORKSPACE));
    String change = change();
    for (String webhook : new String[] {id, ours}) {
      twenty.run(
          "INSERT INTO webhooks.delivery (change_id, subscription_id, state, due_at) VALUES (%s, '%s', 'pending', now())"
              .formatted(change, webhook));
    }
    twenty.run("SELECT webhooks.twenty_shadow('%s')".formatted(WORKSPACE));
    assertThat(
            twenty.value(
                "SELECT string_agg(concat_ws(' ', state, error), ', ' ORDER BY state) FROM webhooks.delivery"))
        .isEqualTo("cancelled shadow, pending");
    assertThat(mirror(id, "shadow") + mirror(ours, "shadow")).isEqualTo("tf");
  }

  @Test
  void a_webhook_that_is_made_while_its_workspace_is_live_is_live() throws SQLException {
    twenty.run("SELECT webhooks.twenty_live('%s')".formatted(WORKSPACE));
    String id = twenty.addWebhook("https://example.org/a", "");
    assertThat(
            mirror(
                id, "NOT shadow AND live_from = (SELECT live_from FROM webhooks.twenty_workspace)"))
        .isEqualTo("t");
  }

  @Test
  void record_sharing_puts_a_workspace_in_shadow_and_keeps_it_there() throws SQLException {
    String id = twenty.addWebhook("https://example.org/a", "");
    twenty.run("SELECT webhooks.twenty_live('%s')".formatted(WORKSPACE));
    twenty.run(
        "INSERT INTO core.\"featureFlag\" (key, \"workspaceId\", value) VALUES ('IS_RECORD_SHARING_ENABLED', '%s', true)"
            .formatted(WORKSPACE));
    assertThat(mirror(id, "shadow")).as("in the same transaction").isEqualTo("t");
    assertThatThrownBy(() -> twenty.run("SELECT webhooks.twenty_live('%s')".formatted(WORKSPACE)))
        .hasMessageContaining("record sharing is on");
    twenty.run(FOLLOW);
    assertThat(problem()).contains("record sharing is on");
    assertThat(
            twenty.value(
                "SELECT what FROM webhooks.twenty_install(ARRAY['%s'])".formatted(WORKSPACE)))
        .startsWith("refused: record sharing is on");

    twenty.run("SELECT webhooks.twenty_follow(true, false, true)");
    assertThat(problem()).isNull();
    assertThat(mirror(id, "shadow")).as("nobody has said live").isEqualTo("t");
    twenty.run("SELECT webhooks.twenty_live('%s')".formatted(WORKSPACE));
    assertThat(mirror(id, "shadow")).isEqualTo("f");
  }

  @Test
  void the_follower_notices_record_sharing_that_the_trigger_missed() throws SQLException {
    String id = twenty.addWebhook("https://example.org/a", "");
    twenty.run(
        "SELECT webhooks.twenty_live('%s')".formatted(WORKSPACE),
        "ALTER TABLE core.\"featureFlag\" DISABLE TRIGGER webhooks_follow",
        "INSERT INTO core.\"featureFlag\" (key, \"workspaceId\", value) VALUES ('IS_RECORD_SHARING_ENABLED', '%s', true)"
            .formatted(WORKSPACE),
        FOLLOW);
    assertThat(mirror(id, "shadow")).isEqualTo("t");
  }

  @Test
  void a_deleted_workspace_is_removed() throws SQLException {
    String id = twenty.addWebhook("https://example.org/a", "");
    twenty.run(
        "UPDATE core.workspace SET \"deletedAt\" = now() WHERE id = '%s'".formatted(WORKSPACE),
        FOLLOW,
        "UPDATE core.workspace SET \"deletedAt\" = NULL");
    assertThat(twenty.value("SELECT count(*) FROM webhooks.twenty_workspace")).isEqualTo("0");
    assertThat(mirror(id, "deleted_at IS NOT NULL")).isEqualTo("t");
    assertThat(twenty.value("SELECT count(*) FROM pg_trigger WHERE tgname = 'webhooks_follow'"))
        .isEqualTo("0");

    install();
    assertThat(mirror(id, "deleted_at IS NULL AND shadow")).as("installed again").isEqualTo("t");
  }

  @Test
  void one_table_at_most_is_captured_by_a_call_of_the_follower() throws SQLException {
    String captured =
        "SELECT count(*) FROM webhooks.twenty_objects('%s') WHERE captured".formatted(WORKSPACE);
    twenty.run(FOLLOW);
    assertThat(twenty.value(captured)).isEqualTo("1");
    twenty.run(
        "UPDATE core.\"objectMetadata\" SET \"createdAt\" = now() - interval '2 minutes'", FOLLOW);
    assertThat(twenty.value(captured)).isEqualTo("2");
    assertThat(problem()).startsWith("not captured: ");
  }

  @Test
  void without_the_tables_of_twenty_the_follower_says_so_and_removes_nothing() throws SQLException {
    twenty.run(
        "ALTER SCHEMA core RENAME TO elsewhere", FOLLOW, "ALTER SCHEMA elsewhere RENAME TO core");
    assertThat(problem()).isEqualTo("the tables of Twenty in schema core are gone");
    twenty.run(FOLLOW);
    assertThat(twenty.value("SELECT count(*) FROM webhooks.twenty_workspace")).isEqualTo("1");
  }

  @Test
  void an_older_twenty_is_followed_in_the_same_way() throws SQLException {
    try (TestDatabase other = TestDatabase.create()) {
      TwentyFixture older = TwentyFixture.create(other.dataSource(), OLDER);
      older.run("SELECT webhooks.twenty_install(NULL)");
      older.addWebhook("https://example.org/a", "");
      assertThat(older.value("SELECT target_url FROM webhooks.subscription"))
          .isEqualTo("https://example.org/a");
      older.run(FOLLOW);
      assertThat(older.value("SELECT problem FROM webhooks.twenty_workspace")).isNull();
    }
  }

  @Test
  void muted_changes_are_dropped_with_the_reason_and_no_others() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("SELECT webhooks.mute('upgrade', '%s')".formatted(WORKSPACE));
      String inside = insertChange(statement);
      String outside = change();
      statement.execute("SELECT webhooks.unmute('%s')".formatted(WORKSPACE));
      connection.commit();
      connection.setAutoCommit(true);
      assertThat(dropped(inside)).isEqualTo("muted: upgrade");
      assertThat(dropped(outside)).as("another transaction").isNull();
      assertThat(queued(inside) + queued(outside)).isEqualTo("01");
    }
    assertThat(queued(change())).isEqualTo("1");
  }

  @Test
  void mute_ends_at_its_time_and_one_workspace_is_not_another() throws SQLException {
    twenty.run("SELECT webhooks.mute('a while', '%s', now() + interval '1 hour')".formatted(OTHER));
    assertThat(queued(change())).isEqualTo("1");
    twenty.run("SELECT webhooks.mute('all')");
    assertThat(dropped(change())).isEqualTo("muted: all");
    twenty.run("UPDATE webhooks.muted SET until = now() WHERE workspace IS NULL");
    assertThat(queued(change())).isEqualTo("1");
    twenty.run(FOLLOW);
    assertThat(twenty.value("SELECT string_agg(why, ',') FROM webhooks.muted"))
        .isEqualTo("a while");
    assertThat(twenty.value("SELECT webhooks.unmute('%s')".formatted(OTHER))).isEqualTo("t");
    assertThat(twenty.value("SELECT webhooks.unmute('%s')".formatted(OTHER))).isEqualTo("f");
    assertThatThrownBy(() -> twenty.run("SELECT webhooks.mute('  ')"))
        .hasMessageContaining("why must say why changes are muted");
    assertThatThrownBy(() -> twenty.run("SELECT webhooks.mute('x', NULL, now() - interval '1 s')"))
        .hasMessageContaining("is not in the future");
  }

  private static String insertChange(Statement statement) throws SQLException {
    try (var row =
        statement.executeQuery(
            """
            INSERT INTO webhooks.change (workspace, event, record_id, record)
            VALUES ('%s', 'person.created', 'r1', '{}') RETURNING id"""
                .formatted(WORKSPACE))) {
      row.next();
      return row.getString(1);
    }
  }

  /** Writes a change, which is then queued; returns its id. */
  private static String change() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      return insertChange(statement);
    }
  }

  /** Dispatches a change as the shadow does; returns its id. */
  private static String recorded(String webhook, String change, String at) throws SQLException {
    twenty.run(
        "DELETE FROM webhooks.change_queue WHERE id = " + change,
        """
        INSERT INTO webhooks.delivery (change_id, epoch, subscription_id, state, error, body, created_at)
        SELECT id, epoch, '%s', 'cancelled', 'shadow', '{}', %s FROM webhooks.change WHERE id = %s"""
            .formatted(webhook, at, change));
    return change;
  }

  private static String state(String change) throws SQLException {
    return twenty.value("SELECT state FROM webhooks.delivery WHERE change_id = " + change);
  }

  private static String dropped(String change) throws SQLException {
    return twenty.value(
        "SELECT min(reason) FROM webhooks.dropped_change WHERE change_id = " + change);
  }

  private static String queued(String change) throws SQLException {
    return twenty.value("SELECT count(*) FROM webhooks.change_queue WHERE id = " + change);
  }

  private static String problem() throws SQLException {
    return twenty.value("SELECT string_agg(problem, '|') FROM webhooks.twenty_workspace");
  }

  private static String url(String id) throws SQLException {
    return mirror(id, "target_url");
  }

  private static String mirror(String id, String expression) throws SQLException {
    return twenty.value(
        "SELECT %s FROM webhooks.subscription WHERE id = '%s'".formatted(expression, id));
  }
}

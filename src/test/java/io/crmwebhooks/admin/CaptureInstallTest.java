package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crmwebhooks.database.Database;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which tables can be captured, by whom, and what capturing twice does. */
class CaptureInstallTest extends OneCrm {
  @AfterEach
  void own_role() throws SQLException {
    crm.run("RESET ROLE");
  }

  private static void refused(String sql, String why) {
    assertThatThrownBy(() -> crm.run(sql))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining(why);
  }

  @Test
  void installing_twice_changes_nothing() throws SQLException {
    crm.run("CREATE TABLE twice (id int PRIMARY KEY)");
    String triggers =
        "SELECT string_agg(oid || ' ' || xmin, ',' ORDER BY oid) FROM pg_trigger WHERE tgrelid = 'twice'::regclass";
    assertThat(crm.value("SELECT webhooks.capture('public.twice', 'twice')")).isEqualTo("t");
    String before = crm.value(triggers);
    assertThat(crm.value("SELECT webhooks.capture('public.twice', 'twice')")).isEqualTo("f");
    assertThat(crm.value(triggers)).isEqualTo(before);
    assertThat(crm.changes("INSERT INTO twice VALUES (1)")).containsExactly("twice.created 1");
  }

  @Test
  void installing_again_with_another_name_renames() throws SQLException {
    crm.run("CREATE TABLE again (id int PRIMARY KEY, note text)");
    crm.run("SELECT webhooks.capture('again', 'again')");
    assertThat(crm.value("SELECT webhooks.capture('again', 'größe', 'w', '{note}')"))
        .isEqualTo("t");
    assertThat(crm.changes("INSERT INTO again VALUES (1)", "UPDATE again SET note = 'x'"))
        .containsExactly("größe.created 1");
    assertThat(
            crm.value(
                "SELECT concat_ws('|', schema, object, workspace, ignored) FROM webhooks.captured_table WHERE name = 'again'"))
        .isEqualTo("public|größe|w|{note}");
  }

  @Test
  void release_ends_capture_and_says_whether_there_was_any() throws SQLException {
    crm.run("CREATE TABLE done (id int PRIMARY KEY)", "SELECT webhooks.capture('done', 'done')");
    assertThat(crm.value("SELECT webhooks.release('public.done')")).isEqualTo("t");
    assertThat(crm.changes("INSERT INTO done VALUES (1)")).isEmpty();
    assertThat(crm.value("SELECT webhooks.release('public.done')")).isEqualTo("f");
  }

  @Test
  void quoted_names_of_schemas_and_tables_work() throws SQLException {
    crm.run(
        "CREATE SCHEMA \"Work'space.ü\"",
        "CREATE TABLE \"Work'space.ü\".\"_roc\"\"ket\" (\"I d\" int PRIMARY KEY, \"na'me\" text)",
        "SELECT webhooks.capture('\"Work''space.ü\".\"_roc\"\"ket\"', 'rocket')");
    assertThat(
            crm.changes(
                "INSERT INTO \"Work'space.ü\".\"_roc\"\"ket\" VALUES (1, 'a')",
                "UPDATE \"Work'space.ü\".\"_roc\"\"ket\" SET \"na'me\" = 'b'"))
        .containsExactly("rocket.created 1", "rocket.updated 1 {na'me}");
  }

  @Test
  void what_cannot_be_captured_is_refused_with_the_reason() throws SQLException {
    crm.run(
        "CREATE TABLE keyless (id int)",
        "CREATE TABLE good (id int PRIMARY KEY)",
        "CREATE VIEW seen AS SELECT * FROM good",
        "CREATE TEMP TABLE passing (id int PRIMARY KEY)");
    refused(
        "SELECT webhooks.capture('keyless', 'k')",
        "keyless cannot be captured: it has no primary key");
    refused("SELECT webhooks.capture('seen', 's')", "seen cannot be captured: it is not a table");
    refused("SELECT webhooks.capture('passing', 'p')", "it is a temporary table");
    refused(
        "SELECT webhooks.capture('webhooks.change', 'c')", "the schema webhooks is not the CRM's");
    refused(
        "SELECT webhooks.capture('pg_catalog.pg_class', 'c')",
        "the schema pg_catalog is not the CRM's");
    refused("SELECT webhooks.capture('nowhere', 'n')", "relation \"nowhere\" does not exist");
    refused("SELECT webhooks.capture('good', 'a.b')", "object 'a.b' is not a name");
    refused("SELECT webhooks.capture('good', '*')", "is not a name");
    refused("SELECT webhooks.capture('good', '')", "is not a name");
    refused("SELECT webhooks.capture('good', NULL)", "object NULL is not a name");
    refused(
        "SELECT webhooks.capture('good', 'good', '', '{nope}')",
        "good has no column nope to ignore");
  }

  @Test
  void a_table_with_a_foreign_child_is_refused_because_its_writes_would_fail() throws SQLException {
    crm.run(
        "CREATE FOREIGN DATA WRAPPER far",
        "CREATE SERVER away FOREIGN DATA WRAPPER far",
        "CREATE TABLE parent (id int PRIMARY KEY)",
        "CREATE FOREIGN TABLE child () INHERITS (parent) SERVER away");
    refused("SELECT webhooks.capture('parent', 'p')", "a foreign table is among its partitions");
    refused("SELECT webhooks.capture('child', 'p')", "it is not a table");
  }

  @Test
  void partitions_are_captured_by_whichever_name_they_are_written_and_once() throws SQLException {
    crm.run(
        "CREATE TABLE part (id int, note text, PRIMARY KEY (id)) PARTITION BY RANGE (id)",
        "CREATE TABLE part_low PARTITION OF part FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE part_high (note text, id int NOT NULL)",
        "ALTER TABLE part ATTACH PARTITION part_high FOR VALUES FROM (10) TO (20)",
        "SELECT webhooks.capture('part', 'part')");
    assertThat(crm.changes("INSERT INTO part VALUES (1, 'a'), (11, 'b')"))
        .containsExactly("part.created 1", "part.created 11");
    assertThat(crm.record()).isEqualTo("{\"id\":11,\"note\":\"b\"}");
    assertThat(
            crm.changes(
                "INSERT INTO part_high VALUES ('c', 12)",
                "UPDATE part_low SET note = 'x' WHERE id = 1"))
        .containsExactly("part.created 12", "part.updated 1 {note}");
  }

  @Test
  void a_row_that_moves_between_partitions_has_a_new_key_and_partitions_are_followed()
      throws SQLException {
    crm.run(
        "CREATE TABLE moved (id int, region text, PRIMARY KEY (id, region)) PARTITION BY LIST (region)",
        "CREATE TABLE moved_a PARTITION OF moved FOR VALUES IN ('a')",
        "CREATE TABLE moved_b PARTITION OF moved FOR VALUES IN ('b')",
        "SELECT webhooks.capture('moved', 'moved')",
        "INSERT INTO moved VALUES (1, 'a')");
    assertThat(crm.changes("UPDATE moved SET region = 'b'"))
        .containsExactlyInAnyOrder("moved.deleted [\"1\",\"a\"]", "moved.created [\"1\",\"b\"]");
    assertThat(crm.values("SELECT name FROM webhooks.captured_table WHERE object = 'moved'"))
        .containsExactly("moved");
    crm.run("CREATE TABLE moved_c PARTITION OF moved FOR VALUES IN ('c')");
    assertThat(crm.value("SELECT webhooks.capture('moved', 'moved')")).isEqualTo("f");
    assertThat(
            crm.changes("INSERT INTO moved_c VALUES (3, 'c')", "INSERT INTO moved VALUES (4, 'c')"))
        .containsExactly("moved.created [\"3\",\"c\"]", "moved.created [\"4\",\"c\"]");
    assertThat(crm.changes("ALTER TABLE moved DETACH PARTITION moved_c", "DELETE FROM moved_c"))
        .isEmpty();
    crm.run("SELECT webhooks.release('moved')");
    assertThat(crm.changes("DELETE FROM moved_b", "DELETE FROM moved")).isEmpty();
  }

  @Test
  void rows_that_come_with_an_attached_partition_are_created() throws SQLException {
    crm.run(
        "CREATE TABLE brought (id int, region text, PRIMARY KEY (id, region)) PARTITION BY LIST (region)",
        "CREATE TABLE brought_rest PARTITION OF brought DEFAULT",
        "SELECT webhooks.capture('brought', 'brought', 'w')",
        "INSERT INTO brought VALUES (1, 'a'), (2, 'b')");
    assertThat(
            crm.changes(
                "CREATE TABLE brought_a (LIKE brought INCLUDING ALL)",
                "WITH gone AS (DELETE FROM brought_rest WHERE region = 'a' RETURNING *) INSERT INTO brought_a SELECT * FROM gone",
                "ALTER TABLE brought ATTACH PARTITION brought_a FOR VALUES IN ('a')",
                "ALTER TABLE brought ADD note text"))
        .containsExactly("brought.deleted [\"1\",\"a\"]", "brought.created [\"1\",\"a\"]");
    assertThat(crm.value("SELECT workspace FROM webhooks.change ORDER BY id DESC LIMIT 1"))
        .isEqualTo("w");
    assertThat(crm.warnings()).isEmpty();
  }

  /** As for a schema that no superuser made. */
  @Test
  void without_an_event_trigger_partitions_are_followed_by_a_running_process() throws SQLException {
    crm.run(
        "ALTER EVENT TRIGGER webhooks_follow_partitions DISABLE",
        "CREATE TABLE kept (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "CREATE TABLE kept_1 PARTITION OF kept FOR VALUES IN (1)",
        "SELECT webhooks.capture('kept', 'kept')",
        "CREATE TABLE kept_2 PARTITION OF kept FOR VALUES IN (2)",
        "INSERT INTO kept VALUES (2)",
        "ALTER TABLE kept DETACH PARTITION kept_1");
    assertThat(
            crm.changes(
                Sql.sql("follow-partitions.sql"),
                "INSERT INTO kept_1 VALUES (1)",
                "DELETE FROM kept_2",
                "ALTER EVENT TRIGGER webhooks_follow_partitions ENABLE"))
        .containsExactly("kept.deleted 2");
  }

  @Test
  void a_role_without_rights_on_this_schema_writes_its_own_tables() throws SQLException {
    crm.run(
        "CREATE ROLE app LOGIN",
        "CREATE SCHEMA app AUTHORIZATION app",
        "SET ROLE app",
        "CREATE TABLE app.client (id int PRIMARY KEY, owner name DEFAULT current_user)",
        "ALTER TABLE app.client ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE app.client FORCE ROW LEVEL SECURITY",
        "CREATE POLICY mine ON app.client USING (owner = current_user)",
        "RESET ROLE",
        "SELECT webhooks.capture('app.client', 'client')",
        "SET ROLE app");
    crm.run(
        "INSERT INTO app.client VALUES (1)",
        "UPDATE app.client SET id = 2",
        "DELETE FROM app.client");
    refused("SELECT count(*) FROM webhooks.change", "permission denied");
    crm.run("RESET ROLE");
    assertThat(crm.values("SELECT event FROM webhooks.change WHERE object = 'client'"))
        .containsExactlyInAnyOrder(
            "client.created", "client.deleted", "client.created", "client.deleted");
    assertThat(crm.warnings()).isEmpty();
    assertThat(crm.values("SELECT tgname FROM pg_trigger WHERE tgrelid = 'app.client'::regclass"))
        .hasSize(4);
  }

  @Test
  void nobody_captures_without_being_allowed_to() throws SQLException {
    crm.run(
        "CREATE ROLE mallory",
        "CREATE SCHEMA mallory AUTHORIZATION mallory",
        "CREATE TABLE precious (id int PRIMARY KEY)",
        "GRANT USAGE ON SCHEMA webhooks TO mallory",
        "SET ROLE mallory",
        "CREATE TABLE mallory.own (id int PRIMARY KEY)");
    refused("SELECT webhooks.capture('mallory.own', 'person')", "permission denied for function");
    refused(
        "CREATE TRIGGER t AFTER INSERT ON mallory.own REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT"
            + " EXECUTE FUNCTION webhooks.capture_changes('{\"object\":\"person\"}')",
        "permission denied for function");
    crm.run(
        "RESET ROLE",
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA webhooks TO mallory",
        "SET ROLE mallory");
    refused(
        "SELECT webhooks.capture('precious', 'precious')", "permission denied for table precious");
    refused(
        "SELECT webhooks.put_capture_function('capture_1', '')",
        "permission denied for schema webhooks");
    crm.run(
        "SELECT webhooks.capture('mallory.own', 'own')",
        "INSERT INTO mallory.own VALUES (1), (2)",
        "DELETE FROM mallory.own WHERE id = 1",
        "SELECT webhooks.release('mallory.own')",
        "RESET ROLE");
    assertThat(crm.values("SELECT event FROM webhooks.change WHERE object = 'own'"))
        .containsExactly("own.created", "own.created", "own.deleted");
  }

  /** Also what is made at run time, and what a restore without privileges has made PUBLIC's. */
  @Test
  void public_has_no_right_on_anything_in_the_schema() throws SQLException {
    crm.run(
        "CREATE TABLE shown (id int PRIMARY KEY)",
        "SELECT webhooks.capture('shown', 'shown')",
        "INSERT INTO shown VALUES (1)",
        "ALTER TABLE shown ADD note text",
        "INSERT INTO shown VALUES (2)");
    assertThat(rightsOfPublic()).isEmpty();
    crm.run(
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA webhooks TO PUBLIC",
        "GRANT ALL ON ALL TABLES IN SCHEMA webhooks TO PUBLIC",
        "GRANT ALL ON ALL SEQUENCES IN SCHEMA webhooks TO PUBLIC",
        "GRANT USAGE ON SCHEMA webhooks TO PUBLIC",
        "CREATE FUNCTION webhooks.later() RETURNS int LANGUAGE sql AS 'SELECT 1'");
    assertThat(rightsOfPublic()).hasSizeGreaterThan(80);
    Database.upgrade(crm.database().settings(Map.of())).close();
    assertThat(rightsOfPublic()).isEmpty();
  }

  private static List<String> rightsOfPublic() throws SQLException {
    return crm.values(
        """
        SELECT name || ' ' || privilege_type FROM (
          SELECT 'webhooks', nspacl FROM pg_namespace WHERE nspname = 'webhooks'
          UNION ALL
          SELECT proname, coalesce(proacl, acldefault('f', proowner)) FROM pg_proc
          WHERE pronamespace = 'webhooks'::regnamespace
          UNION ALL
          SELECT relname, relacl FROM pg_class WHERE relnamespace = 'webhooks'::regnamespace
          UNION ALL
          SELECT attname, attacl FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
          WHERE relnamespace = 'webhooks'::regnamespace
        ) AS object(name, acl), aclexplode(acl) WHERE grantee = 0""");
  }

  @Test
  void no_trigger_function_can_be_put_on_the_table_of_somebody_who_may_only_look_at_the_schema()
      throws SQLException {
    crm.run(
        "CREATE ROLE eve",
        "CREATE SCHEMA eve AUTHORIZATION eve",
        "GRANT USAGE ON SCHEMA webhooks TO eve",
        "CREATE TABLE whole (id int PRIMARY KEY)",
        "SELECT webhooks.capture('whole', 'whole')",
        "SET ROLE eve",
        "CREATE TABLE eve.own (id int)");
    List<String> functions =
        crm.values(
            "SELECT oid::regproc FROM pg_proc WHERE pronamespace = 'webhooks'::regnamespace"
                + " AND prorettype = 'trigger'::regtype");
    assertThat(functions)
        .contains("webhooks.cancel_pending_deliveries", "webhooks.capture_changes")
        .hasSizeGreaterThan(8);
    for (String function : functions) {
      refused(
          "CREATE TRIGGER t AFTER DELETE ON eve.own REFERENCING OLD TABLE AS removed"
              + " FOR EACH STATEMENT EXECUTE FUNCTION "
              + function
              + "()",
          "permission denied for function");
    }
  }

  /** PostgreSQL judges it before it looks for rows. */
  @Test
  void a_publication_of_all_tables_refuses_no_update_of_ours() throws SQLException {
    crm.run("CREATE PUBLICATION everything FOR ALL TABLES");
    List<String> tables =
        crm.values(
            "SELECT oid::regclass FROM pg_class WHERE relnamespace = 'webhooks'::regnamespace AND relkind IN ('r', 'p')");
    assertThat(tables).hasSizeGreaterThan(15);
    for (String table : tables) {
      crm.run(
          "DELETE FROM " + table + " WHERE false",
          crm.value(
              "SELECT format('UPDATE %1$s SET %2$I = %2$I WHERE false', attrelid::regclass, attname) FROM pg_attribute WHERE attrelid = '"
                  + table
                  + "'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity = '' LIMIT 1"));
    }
    crm.run("DROP PUBLICATION everything");
  }

  /** Statements of ours that were serializable, too, would be in conflict with the CRM's. */
  @Test
  void our_sessions_are_read_committed_whatever_the_default_of_the_database() throws SQLException {
    String database = crm.value("SELECT current_database()");
    crm.run("ALTER DATABASE " + database + " SET default_transaction_isolation = 'serializable'");
    try (Database ours = Database.upgrade(crm.database().settings(Map.of()))) {
      for (DataSource pool : List.of(ours.dataSource(), ours.apiDataSource())) {
        assertThat(new Sql(pool).rows("SHOW transaction_isolation", Map.of()).toString())
            .contains("read committed");
      }
    }
    crm.run("ALTER DATABASE " + database + " RESET default_transaction_isolation");
  }

  /** Each of the triggers that capture needs, on the table and on ours, in each way to be off. */
  @Test
  void capture_that_is_off_is_told_with_the_reason() throws SQLException {
    crm.run(
        "CREATE TABLE watched (id int PRIMARY KEY) PARTITION BY RANGE (id)",
        "CREATE TABLE watched_low PARTITION OF watched FOR VALUES FROM (0) TO (10)",
        "SELECT webhooks.capture('watched', 'watched')");
    assertThat(troubles()).isEmpty();
    List<String> triggers =
        crm.values(
            "SELECT tgrelid::regclass || ' %s TRIGGER ' || tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid"
                + " WHERE NOT tgisinternal AND (relname LIKE 'watched%' OR relnamespace = 'webhooks'::regnamespace)");
    assertThat(triggers).hasSizeGreaterThan(15);
    crm.run("BEGIN");
    for (String trigger : triggers) {
      String name = trigger.replaceAll(".* ", "");
      for (String off : List.of("DISABLE", "ENABLE REPLICA")) {
        crm.run("SAVEPOINT well", "ALTER TABLE " + trigger.formatted(off));
        assertThat(troubles()).as(off + " " + trigger).singleElement().asString().contains(name);
        crm.run("ROLLBACK TO well");
      }
      crm.run("DROP TRIGGER " + name + " ON " + trigger.replaceAll(" .*", ""));
      assertThat(troubles()).as("DROP " + trigger).singleElement().asString().contains(name);
      crm.run("ROLLBACK TO well");
    }
    crm.run("ALTER TABLE watched_low ENABLE ALWAYS TRIGGER webhooks_capture_insert");
    assertThat(troubles()).singleElement().asString().contains("whose changes nobody queues");
    crm.run(
        "ROLLBACK",
        "ALTER TABLE watched DISABLE TRIGGER USER",
        "SELECT webhooks.capture('watched', 'watched')");
    assertThat(troubles()).isEmpty();
    crm.run("ALTER TABLE watched RENAME TO found");
    assertThat(troubles()).isEmpty();
    crm.run("CREATE TABLE watched (id int PRIMARY KEY)");
    assertThat(troubles())
        .containsExactly(
            "public.watched is not captured as it should be: it is another table than the one that was captured, which is now found");
    crm.run("DROP TABLE watched, found");
    assertThat(troubles())
        .containsExactly("public.watched is not captured as it should be: there is no such table");
    Captures captures = new Captures(crm.database().dataSource());
    assertThat(captures.list())
        .filteredOn(table -> table.hasNonNull("problem"))
        .extracting(table -> table.path("table").asText())
        .containsExactly("watched");
    assertThat(captures.remove("public", "watched")).isTrue();
    assertThat(troubles()).isEmpty();
  }

  /** Each trigger asks for one function, however many there are. */
  @Test
  void hundreds_of_tables_are_not_read_for_each_of_them() throws SQLException {
    crm.run(
        "BEGIN",
        "DO $$ BEGIN FOR i IN 1..50 LOOP"
            + " EXECUTE format('CREATE TABLE many_%s (id int PRIMARY KEY)', i);"
            + " PERFORM webhooks.capture(format('many_%s', i)::regclass, 'many');"
            + " END LOOP;"
            + " FOR i IN 1..50 LOOP PERFORM webhooks.release(format('many_%s', i)::regclass);"
            + " END LOOP; END $$");
    String read =
        crm.value(
            "SELECT idx_tup_fetch + seq_tup_read FROM pg_stat_xact_sys_tables WHERE relname = 'pg_proc'");
    crm.run("ROLLBACK");
    assertThat(Long.parseLong(read)).isLessThan(50_000);
  }

  private static List<String> troubles() throws SQLException {
    return crm.values("SELECT problem FROM webhooks.capture_trouble");
  }

  /** Triggers ask for no right of the role that fires them, and no column calls our functions. */
  @Test
  void a_role_that_may_write_changes_and_webhooks_needs_no_other_right() throws SQLException {
    crm.run(
        "CREATE ROLE writer",
        "GRANT USAGE ON SCHEMA webhooks TO writer",
        "GRANT INSERT ON webhooks.change TO writer",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks.subscription TO writer",
        "SET ROLE writer",
        "INSERT INTO webhooks.change (event, record_id, record) VALUES ('deal.created', 'w1', '{}')",
        "INSERT INTO webhooks.subscription (target_url, rate_limit) VALUES ('http://a', 5)",
        "UPDATE webhooks.subscription SET rate_limit = 6, target_url = 'http://b', enabled = false",
        "UPDATE webhooks.subscription SET enabled = true",
        "DELETE FROM webhooks.subscription",
        "RESET ROLE");
    assertThat(
            crm.value(
                "SELECT count(*) FROM webhooks.change_queue JOIN webhooks.change USING (id) WHERE record_id = 'w1'"))
        .isEqualTo("1");
  }

  @Test
  void every_function_that_runs_with_more_rights_has_its_search_path_pinned() throws SQLException {
    List<String> open =
        crm.values(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'webhooks'::regnamespace AND prosecdef"
                + " AND NOT coalesce(array_to_string(proconfig, ','), '') LIKE '%search_path=pg_catalog, pg_temp%'");
    assertThat(open).isEmpty();
  }
}

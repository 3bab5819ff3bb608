package io.crmwebhooks.admin;

import static io.crmwebhooks.admin.TwentyCrm.WORKSPACE;
import static io.crmwebhooks.admin.TwentyCrm.capture;
import static io.crmwebhooks.admin.TwentyCrm.edit;
import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.TwentyFixture;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Capture follows what Twenty does to its metadata and tables, and never makes that fail. */
class TwentyMetadataTest {
  private static final String OTHER = "30c1a0de-5a17-4000-8000-000000000002";

  private static TwentyCrm newer;
  private static Crm crm;

  @BeforeAll
  static void open() throws SQLException {
    newer = new TwentyCrm(TwentyFixture.NEWER);
    crm = newer.crm;
  }

  @AfterAll
  static void close() throws SQLException {
    newer.close();
  }

  @AfterEach
  void nothing_failed() {
    assertThat(warnings()).isEmpty();
  }

  /** The warnings since the last call. */
  private static List<String> warnings() {
    List<String> warnings = List.copyOf(crm.warnings());
    crm.warnings().clear();
    return warnings;
  }

  /** The events of the changes that these statements make, without the ids. */
  private static List<String> events(String... statements) throws SQLException {
    return crm.changes(statements).stream().map(c -> c.replaceAll(" [0-9a-f-]{36}", "")).toList();
  }

  private static void probe(String name, String... fields) throws SQLException {
    crm.run(
        fields.length == 0
            ? edit("add_object", name, name + "s", "custom", "name TEXT")
            : edit("add_object", name, name + "s", "custom", String.join("', '", fields)));
  }

  @Test
  void a_new_field_is_in_the_record_of_the_next_statement_of_its_transaction() throws SQLException {
    probe("alpha");
    crm.run(
        "INSERT INTO _alpha (name) VALUES ('x')",
        "BEGIN",
        edit("add_field", "alpha", "mass NUMERIC"));
    assertThat(events("UPDATE _alpha SET mass = 2.50")).containsExactly("alpha.updated {mass}");
    assertThat(crm.record()).endsWith(",\"name\":\"x\",\"mass\":\"2.50\"}");
    crm.run("ROLLBACK");
    assertThat(events("UPDATE _alpha SET name = 'y'")).containsExactly("alpha.updated {name}");
    assertThat(crm.record()).endsWith(",\"name\":\"y\"}");
  }

  @Test
  void a_change_of_metadata_alone_is_followed_by_other_sessions() throws SQLException {
    probe("beta");
    crm.run("INSERT INTO _beta (name) VALUES ('x')");
    newer.twenty.run(
        "UPDATE core.\"fieldMetadata\" SET name = 'gone' WHERE name = 'name' AND \"objectMetadataId\" = '%s'"
            .formatted(newer.twenty.objectId("beta")));
    crm.run("UPDATE _beta SET name = 'z', \"deletedAt\" = now()");
    assertThat(crm.record()).doesNotContain("name\":");
    assertThat(warnings())
        .hasSize(1)
        .allMatch(w -> w.contains("the field gone of type TEXT has no column gone"));
  }

  @Test
  void fields_renamed_and_dropped_and_objects_renamed_need_no_new_trigger() throws SQLException {
    probe("gamma", "name TEXT", "pilot FULL_NAME", "mass NUMERIC");
    crm.run("INSERT INTO _gamma (name, \"pilotFirstName\") VALUES ('x', 'Ada')");
    String triggers =
        "SELECT string_agg(t.oid::text, ',' ORDER BY t.oid) FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = tgrelid"
            + " WHERE relname IN ('_gamma', '_delta')";
    String before = crm.value(triggers);
    assertThat(
            events(
                "BEGIN",
                edit("rename_field", "gamma", "pilot", "captain"),
                "UPDATE _gamma SET \"captainFirstName\" = 'Bob'",
                edit("drop_field", "gamma", "mass"),
                edit("rename_object", "gamma", "delta", "deltas"),
                "UPDATE _delta SET name = 'y'",
                "COMMIT"))
        .containsExactly("gamma.updated {captain}", "delta.updated {name}");
    assertThat(crm.record())
        .endsWith(",\"name\":\"y\",\"captain\":{\"firstName\":\"Bob\",\"lastName\":\"\"}}");
    assertThat(crm.value(triggers)).isEqualTo(before);
    crm.run(capture(WORKSPACE, true));
    assertThat(crm.value("SELECT object FROM webhooks.captured_table WHERE name = '_delta'"))
        .isEqualTo("delta");
    assertThat(events("UPDATE _delta SET name = 'z'")).containsExactly("delta.updated {name}");
  }

  @Test
  void an_edit_of_options_is_no_event() throws SQLException {
    probe("epsilon", "name TEXT", "status SELECT A,B", "tags MULTI_SELECT RED,GREEN");
    crm.run("INSERT INTO _epsilon (status, tags) VALUES ('A', '{RED}'), ('B', '{GREEN}')");
    assertThat(
            events(
                edit("edit_options", "epsilon", "status", "B", "C"),
                edit("edit_options", "epsilon", "tags", "RED", "GREEN", "PINK")))
        .isEmpty();
    assertThat(events("UPDATE _epsilon SET status = 'C', tags = '{PINK}' WHERE status = 'B'"))
        .containsExactly("epsilon.updated {status,tags}");
    assertThat(crm.record()).endsWith("\"status\":\"C\",\"tags\":[\"PINK\"]}");
  }

  @Test
  void an_object_is_captured_in_the_transaction_that_makes_it_with_its_rows() throws SQLException {
    assertThat(
            events(
                "BEGIN",
                edit("add_object", "zeta", "zetas", "custom", "name TEXT"),
                "INSERT INTO _zeta (name) VALUES ('x')",
                "ALTER TABLE core.\"objectMetadata\" ADD COLUMN later int",
                "ALTER TABLE core.\"objectMetadata\" DROP COLUMN later",
                "COMMIT",
                "INSERT INTO _zeta (name) VALUES ('y')"))
        .containsExactly("zeta.created", "zeta.created");
  }

  @Test
  void an_object_that_could_not_be_captured_at_once_is_captured_later_with_its_rows()
      throws SQLException {
    String trigger =
        "ALTER TABLE webhooks.twenty_metadata_change %s TRIGGER twenty_capture_created";
    crm.run(trigger.formatted("DISABLE"));
    probe("eta");
    crm.run(trigger.formatted("ENABLE"));
    assertThat(events("INSERT INTO _eta (name) VALUES ('x')")).isEmpty();
    assertThat(events(capture(WORKSPACE, true))).containsExactly("eta.created");
    assertThat(crm.record()).endsWith(",\"name\":\"x\"}");
    assertThat(events(capture(WORKSPACE, true))).isEmpty();
  }

  @Test
  void rows_of_an_object_older_than_the_installation_are_not_sent() throws SQLException {
    probe("theta");
    crm.run("INSERT INTO _theta (name) VALUES ('x')", "SELECT webhooks.release('_theta')");
    crm.run("UPDATE webhooks.twenty_workspace SET installed_at = now()");
    assertThat(events(capture(WORKSPACE, true))).isEmpty();
    assertThat(events("UPDATE _theta SET name = 'y'")).containsExactly("theta.updated {name}");
  }

  @Test
  void a_dropped_object_is_forgotten() throws SQLException {
    probe("iota");
    crm.run("INSERT INTO _iota (name) VALUES ('x')", edit("drop_object", "iota"));
    assertThat(
            crm.values(
                "SELECT object || ' ' || what FROM webhooks.twenty_capture('"
                    + WORKSPACE
                    + "', true)"))
        .contains("iota released")
        .allMatch(what -> what.endsWith(" unchanged") || what.endsWith(" released"));
    assertThat(crm.values("SELECT problem FROM webhooks.capture_trouble")).isEmpty();
  }

  @Test
  void a_type_that_is_not_known_and_a_column_that_contradicts_are_sent_as_they_are()
      throws SQLException {
    probe("kappa", "name TEXT", "spot ADDRESS", "mass NUMBER");
    String object = newer.twenty.objectId("kappa");
    crm.run(
        "INSERT INTO _kappa (name) VALUES ('x')",
        "UPDATE core.\"fieldMetadata\" SET type = 'PLACE' WHERE name = 'spot' AND \"objectMetadataId\" = '%s'"
            .formatted(object),
        "ALTER TABLE _kappa ALTER mass TYPE text",
        "ALTER TABLE _kappa ADD unclaimed text DEFAULT 'u'");
    assertThat(
            events(
                "UPDATE _kappa SET \"spotAddressCity\" = 'Bonn', mass = '7', unclaimed = 'v'",
                "UPDATE _kappa SET unclaimed = 'w'",
                "UPDATE _kappa SET mass = '8'"))
        .containsExactly("kappa.updated {mass,spotAddressCity}", "kappa.updated {mass}");
    assertThat(crm.record())
        .contains(
            ",\"name\":\"x\",\"mass\":\"8\",\"spotAddressStreet1\":null,",
            "\"spotAddressCity\":\"Bonn\",")
        .endsWith(",\"spotAddressLng\":null}");
    assertThat(warnings())
        .containsExactly(
            "webhooks: records of "
                + TwentyFixture.SCHEMA
                + "._kappa are not quite as Twenty makes them:"
                + " the field mass of type NUMBER has another type of column;"
                + " the type PLACE of the field spot is not known");
    assertThat(
            crm.values(
                "SELECT concat(name, ' ', columns) FROM webhooks.twenty_fields('%s') WHERE problem IS NOT NULL"
                    .formatted(object)))
        .containsExactly(
            "mass {mass}",
            "spot {spotAddressStreet1,spotAddressStreet2,spotAddressCity,spotAddressPostcode,spotAddressState,"
                + "spotAddressCountry,spotAddressLat,spotAddressLng}");
  }

  @Test
  void metadata_that_cannot_be_read_leaves_the_columns_as_they_are() throws SQLException {
    probe("lambda", "name TEXT", "pilot FULL_NAME");
    crm.run(
        "BEGIN",
        "ALTER TABLE core.\"fieldMetadata\" RENAME TO hidden",
        "ALTER TABLE _lambda ADD x int");
    assertThat(events("INSERT INTO _lambda (\"pilotFirstName\") VALUES ('Ada')"))
        .containsExactly("lambda.created");
    assertThat(crm.record()).contains("\"pilotFirstName\":\"Ada\"");
    crm.run("ROLLBACK");
    assertThat(warnings())
        .hasSize(1)
        .allMatch(
            w ->
                w.endsWith(
                    "are not quite as Twenty makes them: there is no table core.\"fieldMetadata\""));
    crm.run("INSERT INTO _lambda (\"pilotFirstName\") VALUES ('Ada')");
    assertThat(crm.record()).contains("\"pilot\":{\"firstName\":\"Ada\",\"lastName\":\"\"}");
  }

  @Test
  void metadata_that_is_locked_holds_no_statement_up() throws SQLException {
    probe("mu");
    crm.run("ALTER TABLE _mu ADD x int");
    try (Connection upgrade = crm.database().dataSource().getConnection();
        Statement statement = upgrade.createStatement()) {
      upgrade.setAutoCommit(false);
      statement.execute("LOCK TABLE core.\"fieldMetadata\"");
      assertThat(events("INSERT INTO _mu (name) VALUES (NULL)")).containsExactly("mu.created");
      assertThat(crm.record()).contains("\"name\":null");
      upgrade.rollback();
    }
    crm.run("INSERT INTO _mu (name) VALUES (NULL)");
    assertThat(crm.record()).contains("\"name\":\"\"");
    assertThat(warnings()).isNotEmpty().allMatch(w -> w.contains("lock timeout"));
  }

  @Test
  void merged_versions_are_the_same_version() throws SQLException {
    probe("nu");
    crm.run("INSERT INTO _nu (name) VALUES ('x')");
    String written =
        "SELECT p.ctid || ' ' || p.xmin FROM pg_proc AS p JOIN pg_trigger ON tgfoid = p.oid JOIN pg_class AS c ON c.oid = tgrelid"
            + " WHERE relname = '_nu' AND tgname = 'webhooks_capture_insert'";
    String before = crm.value(written);
    String version = "SELECT webhooks.twenty_version('" + WORKSPACE + "')";
    String sum = crm.value(version);
    crm.run("SELECT webhooks.twenty_merge_versions()", "INSERT INTO _nu (name) VALUES ('y')");
    assertThat(
            crm.value(
                "SELECT max(n) FROM (SELECT count(*) AS n FROM webhooks.twenty_metadata_change GROUP BY about) AS x"))
        .isEqualTo("1");
    assertThat(crm.value(version)).isEqualTo(sum);
    assertThat(crm.value(written)).isEqualTo(before);
    crm.run(
        "UPDATE core.\"objectMetadata\" SET icon = 'x' WHERE id = '%s'"
            .formatted(newer.twenty.objectId("nu")),
        "INSERT INTO _nu (name) VALUES ('z')");
    assertThat(crm.value(written)).isNotEqualTo(before);
  }

  @Test
  void a_row_that_cascades_is_an_event_unless_the_setting_says_not() throws SQLException {
    String make =
        "WITH n AS (INSERT INTO note (title) VALUES ('x') RETURNING id) INSERT INTO \"noteTarget\" (\"noteId\") SELECT id FROM n";
    String setting = "UPDATE webhooks.twenty_workspace SET cascades = ";
    crm.run(make);
    assertThat(events("DELETE FROM note"))
        .containsExactlyInAnyOrder("note.destroyed", "noteTarget.destroyed");
    crm.run(setting + "false", make);
    assertThat(events("DELETE FROM note")).containsExactly("note.destroyed");
    crm.run(make);
    assertThat(events("DELETE FROM \"noteTarget\"")).containsExactly("noteTarget.destroyed");
    crm.run(setting + "true", make);
    assertThat(events("DELETE FROM note")).contains("noteTarget.destroyed");
  }

  @Test
  void objects_of_applications_are_captured_and_the_timeline_is_not() throws SQLException {
    assertThat(events("INSERT INTO _survey (name) VALUES ('x')")).containsExactly("survey.created");
    assertThat(events("INSERT INTO \"timelineActivity\" (name) VALUES ('x')")).isEmpty();
  }

  @Test
  void a_change_that_is_put_in_order_keeps_its_origin_and_record() throws SQLException {
    probe("xi", "name TEXT", "pilot FULL_NAME");
    crm.run(
        "CREATE FUNCTION public.pilot() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            + " UPDATE _xi SET \"pilotFirstName\" = 'Ada' WHERE id = NEW.id; RETURN NULL; END $$",
        "CREATE TRIGGER pilot AFTER INSERT ON _xi FOR EACH ROW EXECUTE FUNCTION public.pilot()",
        edit("rename_object", "xi", "omicron", "omicrons"),
        "ALTER TABLE _omicron RENAME TO _xi");
    assertThat(events("INSERT INTO _xi (name) VALUES ('x')"))
        .containsExactly("omicron.created", "omicron.updated {pilot}");
    assertThat(crm.values("SELECT origin FROM webhooks.change WHERE object = 'omicron'"))
        .hasSize(2)
        .containsOnly("{\"objectMetadataId\":\"" + newer.twenty.objectId("xi") + "\"}");
    crm.run("ALTER TABLE _xi RENAME TO _omicron");
  }

  @Test
  void two_workspaces_never_mix() throws SQLException {
    newer.twenty.addWorkspace(OTHER, "Other", "odd Schema");
    newer.install(OTHER);
    crm.run(
        "SELECT sample_twenty.add_field('%s', 'person', 'mass NUMBER')".formatted(OTHER),
        "INSERT INTO \"odd Schema\".person (\"nameFirstName\", mass) VALUES ('Ada', 1)",
        "INSERT INTO person (\"nameFirstName\") VALUES ('Bob')");
    assertThat(
            crm.values(
                "SELECT workspace || ' ' || (record -> 'name' ->> 'firstName') || ' ' || (record ? 'mass')"
                    + " || ' ' || (SELECT \"workspaceId\" = workspace::uuid FROM core.\"objectMetadata\""
                    + "   WHERE id = (origin ->> 'objectMetadataId')::uuid)"
                    + " FROM (SELECT id, workspace, record::jsonb, origin, event FROM webhooks.change) AS c"
                    + " WHERE event = 'person.created' ORDER BY id"))
        .containsExactly(OTHER + " Ada true true", WORKSPACE + " Bob false true");
    crm.run("SELECT * FROM webhooks.twenty_release('" + OTHER + "')");
    assertThat(crm.changes("INSERT INTO \"odd Schema\".person (\"nameFirstName\") VALUES ('Ada')"))
        .isEmpty();
    assertThat(crm.values("SELECT DISTINCT workspace FROM webhooks.twenty_member"))
        .containsExactly(WORKSPACE);
    assertThat(events("INSERT INTO person (\"nameFirstName\") VALUES ('Bob')"))
        .containsExactly("person.created");
  }

  @Test
  void workspaces_have_the_schema_that_exists_and_only_active_ones_are_active()
      throws SQLException {
    String computed = "40c1a0de-5a17-4000-8000-000000000004";
    newer.twenty.run(
        "SELECT sample_twenty.add_workspace('%s', 'Computed', '')".formatted(computed),
        "SELECT sample_twenty.add_workspace('50c1a0de-5a17-4000-8000-000000000005', 'Gone', 'gone')",
        "UPDATE core.workspace SET \"deletedAt\" = now() WHERE \"displayName\" = 'Gone'",
        "SELECT sample_twenty.add_workspace('60c1a0de-5a17-4000-8000-000000000006', 'Shared', 'shared')",
        "INSERT INTO core.\"featureFlag\" (key, value, \"workspaceId\") VALUES ('IS_RECORD_SHARING_ENABLED', true,"
            + " '60c1a0de-5a17-4000-8000-000000000006')",
        "SELECT sample_twenty.add_workspace('70c1a0de-5a17-4000-8000-000000000007', 'None', 'none')",
        "DROP SCHEMA none");
    assertThat(
            crm.values(
                "SELECT concat_ws(' ', name, coalesce(schema, '-'), active, record_sharing) FROM webhooks.twenty_workspaces()"
                    + " WHERE name NOT IN ('Acme', 'Other')"))
        .containsExactly(
            "Computed "
                + newer.twenty.value(
                    "SELECT sample_twenty.computed_schema('%s')".formatted(computed))
                + " t f",
            "Gone gone f f",
            "Shared shared t t",
            "None - f f");
    assertThat(crm.value("SELECT webhooks.twenty_generation()")).isEqualTo("2.x");
  }
}

package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** Which statements of the CRM make which changes. */
class CaptureChangesTest extends OneCrm {
  @BeforeEach
  void fresh_tables() throws SQLException {
    crm.run(
        "DROP TABLE IF EXISTS person, tag CASCADE",
        "CREATE TABLE person (id bigint PRIMARY KEY, first_name text, last_name text, city text,"
            + " tags text[], extra json, place point, updated_at timestamptz, \"searchVector\" tsvector,"
            + " deleted_at timestamptz)",
        "CREATE TABLE tag (name text, lang text, note text, PRIMARY KEY (name, lang))",
        "SELECT webhooks.capture('public.person', 'person', 'acme', '{city}')",
        "SELECT webhooks.capture('tag', 'tag')",
        "INSERT INTO person (id, first_name) VALUES (1, 'Ada'), (2, 'Bob')",
        "INSERT INTO tag VALUES ('a', 'en', 'x')");
  }

  @Test
  void an_insert_creates() throws SQLException {
    assertThat(crm.changes("INSERT INTO person (id) VALUES (3), (4)"))
        .containsExactly("person.created 3", "person.created 4");
    assertThat(crm.value("SELECT DISTINCT workspace FROM webhooks.change WHERE object = 'person'"))
        .isEqualTo("acme");
  }

  @Test
  void every_change_is_queued() throws SQLException {
    assertThat(
            crm.value(
                "SELECT (SELECT count(*) FROM webhooks.change) = (SELECT count(*) FROM webhooks.change_queue)"))
        .isEqualTo("t");
  }

  @Test
  void an_update_names_the_keys_whose_value_changed() throws SQLException {
    assertThat(
            crm.changes(
                "UPDATE person SET first_name = 'Eve', last_name = 'E', city = 'Bonn', updated_at = now(),"
                    + " \"searchVector\" = 'x', extra = '{\"a\":1}', place = '(1,2)' WHERE id = 1"))
        .containsExactly("person.updated 1 {firstName,lastName,extra,place}");
  }

  @Test
  void an_update_that_changes_nothing_is_no_change() throws SQLException {
    crm.run("UPDATE person SET extra = '{\"a\":1}', place = '(1,2)', tags = '{a}'");
    assertThat(
            crm.changes(
                "UPDATE person SET first_name = first_name, last_name = NULL, tags = ARRAY['a'],"
                    + " extra = '{\"a\":1}', place = '(1,2)'"))
        .isEmpty();
  }

  @Test
  void an_update_of_ignored_columns_only_is_no_change() throws SQLException {
    assertThat(
            crm.changes(
                "UPDATE person SET city = 'Bonn', updated_at = now(), \"searchVector\" = 'x'"))
        .isEmpty();
  }

  @Test
  void camel_case_bookkeeping_columns_are_ignored_too() throws SQLException {
    crm.run(
        "CREATE TABLE IF NOT EXISTS \"camelPerson\" (id uuid PRIMARY KEY, \"updatedAt\" timestamptz, \"deletedAt\" timestamptz)",
        "SELECT webhooks.capture('\"camelPerson\"', 'camelPerson')",
        "INSERT INTO \"camelPerson\" VALUES ('3be9d202-5461-4881-a6de-4c1f96e4b02d')");
    assertThat(
            crm.changes(
                "UPDATE \"camelPerson\" SET \"updatedAt\" = now()",
                "UPDATE \"camelPerson\" SET \"deletedAt\" = now()"))
        .containsExactly("camelPerson.deleted 3be9d202-5461-4881-a6de-4c1f96e4b02d");
  }

  @Test
  void a_changed_type_or_scale_that_shows_in_the_record_is_a_change() throws SQLException {
    crm.run("ALTER TABLE person ADD price numeric", "UPDATE person SET price = 1.0");
    assertThat(crm.changes("UPDATE person SET price = 1.00 WHERE id = 1"))
        .containsExactly("person.updated 1 {price}");
  }

  @Test
  void a_soft_delete_and_its_undoing_have_their_own_events() throws SQLException {
    assertThat(
            crm.changes(
                "UPDATE person SET deleted_at = now(), first_name = 'gone' WHERE id = 1",
                "UPDATE person SET deleted_at = now() + interval '1 s' WHERE id = 1",
                "UPDATE person SET deleted_at = NULL, first_name = 'back' WHERE id = 1"))
        .containsExactly("person.deleted 1", "person.updated 1 {deletedAt}", "person.restored 1");
  }

  @Test
  void a_soft_delete_is_an_event_even_if_its_column_is_ignored() throws SQLException {
    crm.run("SELECT webhooks.capture('person', 'person', '', '{deleted_at}')");
    assertThat(crm.changes("UPDATE person SET deleted_at = now() WHERE id = 1"))
        .containsExactly("person.deleted 1");
  }

  @Test
  void a_row_inserted_as_deleted_is_created() throws SQLException {
    assertThat(crm.changes("INSERT INTO person (id, deleted_at) VALUES (3, now())"))
        .containsExactly("person.created 3");
  }

  @Test
  void a_real_delete_destroys_where_there_is_a_soft_delete_and_carries_the_state_before()
      throws SQLException {
    assertThat(crm.changes("DELETE FROM person WHERE id = 2"))
        .containsExactly("person.destroyed 2");
    assertThat(crm.record()).contains("\"firstName\":\"Bob\"");
  }

  @Test
  void a_real_delete_deletes_where_there_is_no_soft_delete() throws SQLException {
    assertThat(crm.changes("DELETE FROM tag")).containsExactly("tag.deleted [\"a\",\"en\"]");
  }

  @Test
  void a_composite_key_is_a_json_array_and_pairs_old_with_new() throws SQLException {
    crm.run("INSERT INTO tag VALUES ('a\"b', 'de', 'y')");
    assertThat(crm.changes("UPDATE tag SET note = 'z'"))
        .containsExactlyInAnyOrder(
            "tag.updated [\"a\",\"en\"] {note}", "tag.updated [\"a\\\"b\",\"de\"] {note}");
  }

  @Test
  void a_changed_key_ends_the_old_record_and_creates_the_new_one() throws SQLException {
    assertThat(crm.changes("UPDATE person SET id = 9 WHERE id = 1"))
        .containsExactlyInAnyOrder("person.destroyed 1", "person.created 9");
    assertThat(crm.changes("UPDATE tag SET lang = 'de'"))
        .containsExactlyInAnyOrder("tag.deleted [\"a\",\"en\"]", "tag.created [\"a\",\"de\"]");
    assertThat(
            crm.values(
                "SELECT record ->> 'id' FROM webhooks.change WHERE event = 'person.destroyed' ORDER BY id DESC LIMIT 1"))
        .containsExactly("1");
  }

  @Test
  void keys_swapped_or_shifted_in_one_statement_are_updates_of_the_records_of_those_keys()
      throws SQLException {
    crm.run(
        "ALTER TABLE person DROP CONSTRAINT person_pkey, ADD PRIMARY KEY (id) DEFERRABLE INITIALLY IMMEDIATE");
    assertThat(crm.changes("UPDATE person SET id = 3 - id"))
        .containsExactlyInAnyOrder("person.updated 1 {firstName}", "person.updated 2 {firstName}");
    assertThat(crm.changes("UPDATE person SET id = id + 1"))
        .containsExactlyInAnyOrder(
            "person.destroyed 1", "person.updated 2 {firstName}", "person.created 3");
  }

  @Test
  void an_upsert_creates_and_updates() throws SQLException {
    assertThat(
            crm.changes(
                "INSERT INTO person (id, first_name) VALUES (1, 'new'), (7, 'new')"
                    + " ON CONFLICT (id) DO UPDATE SET first_name = excluded.first_name"))
        .containsExactlyInAnyOrder("person.updated 1 {firstName}", "person.created 7");
  }

  @Test
  void a_merge_creates_updates_and_destroys() throws SQLException {
    assertThat(
            crm.changes(
                "MERGE INTO person p USING (VALUES (1), (2), (8)) AS v (id) ON p.id = v.id"
                    + " WHEN MATCHED AND v.id = 2 THEN DELETE"
                    + " WHEN MATCHED THEN UPDATE SET last_name = 'm'"
                    + " WHEN NOT MATCHED THEN INSERT (id) VALUES (v.id)"))
        .containsExactlyInAnyOrder(
            "person.updated 1 {lastName}", "person.destroyed 2", "person.created 8");
  }

  @Test
  void several_changes_in_one_statement_with_common_table_expressions_are_all_captured()
      throws SQLException {
    assertThat(
            crm.changes(
                "WITH a AS (UPDATE person SET city = 'x', last_name = 'a' WHERE id = 1 RETURNING id),"
                    + " b AS (DELETE FROM person WHERE id = 2), c AS (INSERT INTO person (id) VALUES (5))"
                    + " UPDATE tag SET note = 'w' FROM a"))
        .containsExactlyInAnyOrder(
            "person.updated 1 {lastName}",
            "person.destroyed 2",
            "person.created 5",
            "tag.updated [\"a\",\"en\"] {note}");
  }

  @Test
  void a_copy_creates() throws Exception {
    String last = crm.value("SELECT max(id) FROM webhooks.change");
    crm.connection()
        .unwrap(PGConnection.class)
        .getCopyAPI()
        .copyIn("COPY person (id, first_name) FROM STDIN", new StringReader("10\tÄnne\n11\tZoë\n"));
    assertThat(
            crm.values(
                "SELECT record ->> 'firstName' FROM webhooks.change WHERE id > "
                    + last
                    + " ORDER BY id"))
        .containsExactly("Änne", "Zoë");
  }

  @Test
  void a_foreign_key_that_cascades_is_captured() throws SQLException {
    crm.run(
        "ALTER TABLE tag ADD person_id bigint REFERENCES person ON DELETE SET NULL",
        "UPDATE tag SET person_id = 1");
    assertThat(crm.changes("DELETE FROM person WHERE id = 1"))
        .containsExactlyInAnyOrder("person.destroyed 1", "tag.updated [\"a\",\"en\"] {personId}");
  }

  @Test
  void a_row_that_foreign_keys_change_several_times_is_updated_once() throws SQLException {
    crm.run(
        "ALTER TABLE tag ADD a bigint REFERENCES person ON DELETE SET NULL,"
            + " ADD b bigint REFERENCES person ON DELETE SET NULL, ADD c bigint REFERENCES person ON DELETE SET DEFAULT",
        "INSERT INTO person VALUES (3)",
        "INSERT INTO tag VALUES ('b', 'en', 'x', 1, 1, 1), ('c', 'en', 'x', 1, 2, 3), ('d', 'en', 'x', 3, 3, 2)");
    assertThat(crm.changes("DELETE FROM person WHERE id IN (1, 2)"))
        .containsExactlyInAnyOrder(
            "person.destroyed 1",
            "person.destroyed 2",
            "tag.updated [\"b\",\"en\"] {a,b,c}",
            "tag.updated [\"c\",\"en\"] {a,b}",
            "tag.updated [\"d\",\"en\"] {c}");
    assertThat(
            crm.values(
                "SELECT record ->> 'a' || (record ->> 'c') FROM webhooks.change WHERE record_id LIKE '%c%' ORDER BY id DESC LIMIT 1"))
        .containsOnlyNulls();
  }

  @Test
  void a_record_whose_key_changes_and_that_refers_to_itself_is_created() throws SQLException {
    crm.run(
        "CREATE TABLE IF NOT EXISTS node (id int PRIMARY KEY, up int REFERENCES node ON UPDATE CASCADE)",
        "SELECT webhooks.capture('node', 'node')",
        "INSERT INTO node VALUES (1, 1), (2, 1)");
    assertThat(crm.changes("UPDATE node SET id = 7 WHERE id = 1"))
        .containsExactlyInAnyOrder("node.deleted 1", "node.created 7", "node.updated 2 {up}");
  }

  @Test
  void included_columns_are_no_part_of_the_key() throws SQLException {
    crm.run(
        "ALTER TABLE person DROP CONSTRAINT person_pkey, ADD PRIMARY KEY (id) INCLUDE (city, last_name)");
    assertThat(crm.changes("UPDATE person SET last_name = 'x' WHERE id = 1"))
        .containsExactly("person.updated 1 {lastName}");
  }

  @Test
  void what_a_trigger_of_the_crm_does_to_a_row_comes_after_what_set_it_off() throws SQLException {
    crm.run(
        "CREATE OR REPLACE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            + " IF TG_OP = 'INSERT' THEN UPDATE person SET last_name = 'set' WHERE id = NEW.id;"
            + " ELSE DELETE FROM person WHERE id = NEW.id; END IF; RETURN NULL; END $$",
        "CREATE TRIGGER again AFTER INSERT OR UPDATE ON person FOR EACH ROW EXECUTE FUNCTION again()");
    assertThat(crm.changes("INSERT INTO person VALUES (3), (4)"))
        .containsExactly(
            "person.created 3",
            "person.created 4",
            "person.updated 3 {lastName}",
            "person.destroyed 3",
            "person.updated 4 {lastName}",
            "person.destroyed 4");
    assertThat(
            crm.value(
                "SELECT count(*) FROM webhooks.change c FULL JOIN webhooks.change_queue q USING (id) WHERE c.id IS NULL OR q.id IS NULL"))
        .isEqualTo("0");
  }

  @Test
  void a_row_that_takes_the_place_of_one_that_a_trigger_deletes_is_created_last()
      throws SQLException {
    crm.run(
        "CREATE OR REPLACE FUNCTION make_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            + " DELETE FROM person WHERE id = NEW.id; RETURN NEW; END $$",
        "CREATE TRIGGER make_room BEFORE INSERT ON person FOR EACH ROW EXECUTE FUNCTION make_room()");
    assertThat(
            crm.changes(
                "INSERT INTO person (id, first_name) VALUES (1, 'Eve'), (3, 'Zoe')",
                "INSERT INTO person (id, first_name) VALUES (1, 'Eve')"))
        .containsExactly(
            "person.destroyed 1",
            "person.created 1",
            "person.created 3",
            "person.destroyed 1",
            "person.created 1");
  }

  @Test
  void what_rolls_back_leaves_nothing() throws SQLException {
    assertThat(crm.changes("BEGIN", "INSERT INTO person (id) VALUES (77)", "ROLLBACK")).isEmpty();
  }

  @Test
  void a_truncate_is_no_change() throws SQLException {
    assertThat(crm.changes("TRUNCATE person")).isEmpty();
  }

  @Test
  void a_statement_that_hits_no_row_is_no_change() throws SQLException {
    assertThat(
            crm.changes(
                "UPDATE person SET city = 'x', first_name = 'x' WHERE false",
                "DELETE FROM person WHERE false",
                "INSERT INTO person (id) SELECT 5 WHERE false"))
        .isEmpty();
    assertThat(crm.warnings()).isEmpty();
  }

  @Test
  void in_the_replica_role_nothing_is_captured() throws SQLException {
    assertThat(
            crm.changes(
                "SET session_replication_role = replica",
                "INSERT INTO person (id) VALUES (99)",
                "RESET session_replication_role"))
        .isEmpty();
  }
}

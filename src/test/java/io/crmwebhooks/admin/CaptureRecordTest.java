package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a row becomes a record. */
class CaptureRecordTest extends OneCrm {
  /** Each of these would show in the record, or make capture fail, if it were not pinned. */
  private static final String HOSTILE_SETTINGS =
      "SET DateStyle = 'German'; SET IntervalStyle = 'sql_standard'; SET bytea_output = 'escape';"
          + " SET extra_float_digits = -3; SET array_nulls = off; SET lc_monetary = 'C.UTF-8'; SET search_path = '';"
          + " SET plpgsql.extra_errors = 'all';"
          + " SET quote_all_identifiers = on; SET search_path = public; ";

  private static String zoneOfTheSession = "Asia/Kathmandu";

  @AfterEach
  void nothing_failed() {
    assertThat(crm.warnings()).isEmpty();
  }

  /**
   * The record of a row with an id and one column of this type, as the second statement writes it,
   * which takes the shortcut that the first one wrote.
   */
  private static String rendered(String type, String value) throws SQLException {
    crm.run(
        "DROP TABLE IF EXISTS thing",
        "CREATE TABLE thing (id int PRIMARY KEY, v " + type + ")",
        "SELECT webhooks.capture('thing', 'thing')",
        HOSTILE_SETTINGS
            + "SET TimeZone = '"
            + zoneOfTheSession
            + "'; INSERT INTO thing VALUES (0, "
            + value
            + "); INSERT INTO thing VALUES (1, "
            + value
            + "); RESET ALL");
    String record = crm.record();
    assertThat(crm.value("SELECT record FROM webhooks.change ORDER BY id DESC OFFSET 1"))
        .isEqualTo(record.replace("{\"id\":1,", "{\"id\":0,"));
    assertThat(record).startsWith("{\"id\":1,\"v\":").endsWith("}");
    return record.substring(12, record.length() - 1);
  }

  @Test
  void snake_case_columns_become_camel_case_keys_in_column_order() throws SQLException {
    crm.run(
        "CREATE TABLE names (z_id int PRIMARY KEY, created_at int, \"camelCase\" int, \"Mixed_case\" int,"
            + " _leading_one int, trailing_ int, a__b int, line_2 int, größe_cm int, \"q \"\" u_o\" int, r int, t int, n int,"
            + " key int, action int)",
        "SELECT webhooks.capture('names', 'names')",
        "INSERT INTO names (z_id) VALUES (1)");
    assertThat(crm.record().replaceAll(":(null|1)", ""))
        .isEqualTo(
            "{\"zId\",\"createdAt\",\"camelCase\",\"Mixed_case\",\"_leadingOne\",\"trailing_\",\"aB\",\"line2\",\"größeCm\","
                + "\"q \\\" uO\",\"r\",\"t\",\"n\",\"key\",\"action\"}");
    assertThat(crm.changes("UPDATE names SET action = 1, r = 1, t = 1, _leading_one = 1"))
        .containsExactly("names.updated 1 {_leadingOne,r,t,action}");
  }

  @Test
  void columns_that_would_share_a_key_keep_their_own_names() throws SQLException {
    crm.run(
        "CREATE TABLE clash (id int PRIMARY KEY, created_at int, \"createdAt\" int, a_b int, a__b int)",
        "SELECT webhooks.capture('clash', 'clash')",
        "INSERT INTO clash VALUES (1, 2, 3, 4, 5)");
    assertThat(crm.record())
        .isEqualTo("{\"id\":1,\"created_at\":2,\"createdAt\":3,\"a_b\":4,\"a__b\":5}");
  }

  @Test
  void the_search_vector_is_left_out_and_the_update_time_is_not() throws SQLException {
    crm.run(
        "CREATE TABLE found (id int PRIMARY KEY, \"updatedAt\" date, \"searchVector\" tsvector)",
        "SELECT webhooks.capture('found', 'found')",
        "INSERT INTO found VALUES (1, '2025-02-10', 'x')");
    assertThat(crm.record()).isEqualTo("{\"id\":1,\"updatedAt\":\"2025-02-10\"}");
  }

  @Test
  void a_time_with_zone_is_iso_8601_in_utc_whatever_the_session_says() throws SQLException {
    assertThat(crm.value("SHOW TimeZone")).isNotEqualTo("UTC");
    for (String zone : List.of("America/St_Johns", "Asia/Kathmandu", "UTC")) {
      zoneOfTheSession = zone;
      assertThat(rendered("timestamptz", "'2025-02-10T15:30:50.123456Z'"))
          .isEqualTo("\"2025-02-10T15:30:50.123456Z\"");
      assertThat(rendered("timestamptz", "'2025-02-10T15:30:50.120Z'"))
          .isEqualTo("\"2025-02-10T15:30:50.12Z\"");
      assertThat(rendered("timestamptz", "'2025-02-10T00:00:00Z'"))
          .isEqualTo("\"2025-02-10T00:00:00Z\"");
      assertThat(
              rendered(
                  "timestamptz[]",
                  "ARRAY[['2025-02-10T15:30:50Z'::timestamptz], [NULL::timestamptz]]"))
          .isEqualTo("[[\"2025-02-10T15:30:50Z\"],[null]]");
      assertThat(rendered("tstzrange", "'[2025-02-10T15:30:50.5Z,2025-02-11T00:00Z)'"))
          .isEqualTo("\"[\\\"2025-02-10T15:30:50.5Z\\\",\\\"2025-02-11T00:00:00Z\\\")\"");
      assertThat(rendered("interval", "'1 day 2 hours'")).isEqualTo("\"P1DT2H\"");
      assertThat(rendered("date", "'2025-02-10'::date")).isEqualTo("\"2025-02-10\"");
    }
  }

  @Test
  void times_out_of_the_ordinary_do_not_fail() throws SQLException {
    assertThat(rendered("timestamptz", "'infinity'")).isEqualTo("\"infinity\"");
    assertThat(rendered("timestamptz", "'-infinity'")).isEqualTo("\"-infinity\"");
    assertThat(rendered("timestamptz", "'0044-03-15 12:00:00+00 BC'"))
        .isEqualTo("\"0044-03-15T12:00:00Z BC\"");
    assertThat(rendered("timestamptz", "'12025-01-01 00:00:00+00'"))
        .isEqualTo("\"12025-01-01T00:00:00Z\"");
    assertThat(rendered("timestamptz", "NULL")).isEqualTo("null");
  }

  /**
   * @param table a line for each: the type, a value in SQL, and the JSON of it
   */
  private void assertRendered(String table) throws SQLException {
    for (String line : table.lines().toList()) {
      String[] cells = line.split(" \\| ");
      assertThat(rendered(cells[0], cells[1])).as(line).isEqualTo(cells[2]);
    }
  }

  @Test
  void numbers_lose_nothing() throws SQLException {
    assertRendered(
        """
        numeric | 12345678901234567890.12345678901234567890 | 12345678901234567890.12345678901234567890
        numeric(10,2) | 1.10 | 1.10
        bigint | 9223372036854775807 | 9223372036854775807
        double precision | 0.1::float8 + 0.2::float8 | 0.30000000000000004
        numeric | 'NaN' | "NaN"
        numeric | 'Infinity' | "Infinity"
        double precision | '-Infinity' | "-Infinity"
        """);
  }

  @Test
  void json_stays_as_it_is() throws SQLException {
    assertRendered(
        """
        json | '{"b": 1.10, "a":"\\u0000", "b":2}' | {"b": 1.10, "a":"\\u0000", "b":2}
        jsonb | '{"a": [1.10, null]}' | {"a": [1.10, null]}
        jsonb | 'null' | null
        """);
  }

  @Test
  void text_and_arrays() throws SQLException {
    assertRendered(
        """
        text | E'Zoë "\\\\ \\n\\u0001 \\U0001F600 +00:00' | "Zoë \\"\\\\ \\n\\u0001 😀 +00:00"
        text[] | ARRAY['a', NULL, 'b,c'] | ["a",null,"b,c"]
        int[] | '{{1,2},{3,4}}' | [[1,2],[3,4]]
        bool | true | true
        bytea | '\\xff00' | "\\\\xff00"
        int4range | '[1,3)' | "[1,3)"
        int GENERATED ALWAYS AS (1 + 1) STORED | DEFAULT | 2
        """);
  }

  @Test
  void types_of_the_crm_itself() throws SQLException {
    crm.run(
        "CREATE TYPE mood AS ENUM ('happy', 'très triste')",
        "CREATE DOMAIN amount AS numeric",
        "CREATE DOMAIN instant AS timestamptz",
        "CREATE TYPE stay AS (since_when timestamptz, how mood)");
    assertThat(rendered("mood", "'très triste'")).isEqualTo("\"très triste\"");
    assertThat(rendered("mood", "NULL")).isEqualTo("null");
    assertThat(rendered("mood[]", "ARRAY['happy', NULL]::mood[]")).isEqualTo("[\"happy\",null]");
    assertThat(rendered("amount", "1.10")).isEqualTo("1.10");
    assertThat(rendered("amount[]", "'{1.10}'")).isEqualTo("[1.10]");
    assertThat(rendered("instant", "'2025-02-10T15:30:50Z'")).isEqualTo("\"2025-02-10T15:30:50Z\"");
    assertThat(rendered("stay", "('2025-02-10T15:30:50Z', 'happy')"))
        .isEqualTo("{\"sinceWhen\":\"2025-02-10T15:30:50Z\",\"how\":\"happy\"}");
    assertThat(rendered("stay", "NULL")).isEqualTo("null");
    assertThat(rendered("stay[]", "ARRAY[ROW('2025-02-10T15:30:50Z', 'happy')::stay]"))
        .isEqualTo("[\"(\\\"2025-02-10 15:30:50+00\\\",happy)\"]");
  }

  @Test
  void a_cast_of_the_tables_owner_never_runs_with_the_rights_of_this_schema() throws SQLException {
    crm.run(
        "CREATE TYPE trap AS ENUM ('a')",
        "CREATE FUNCTION sprung(trap) RETURNS json LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'sprung'; END $$",
        "CREATE FUNCTION sprung_too(trap) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'sprung'; END $$",
        "CREATE CAST (trap AS json) WITH FUNCTION sprung(trap)",
        "CREATE CAST (trap AS text) WITH FUNCTION sprung_too(trap)");
    assertThat(rendered("trap", "'a'")).isEqualTo("\"a\"");
    assertThat(rendered("trap[]", "'{a}'")).isEqualTo("[\"a\"]");
  }

  @Test
  void uuid_and_text_keys_are_the_record_id() throws SQLException {
    crm.run(
        "CREATE TABLE by_uuid (id uuid PRIMARY KEY)",
        "CREATE TABLE by_text (\"Clé é\" text PRIMARY KEY)",
        "SELECT webhooks.capture('by_uuid', 'u'), webhooks.capture('by_text', 't')");
    assertThat(
            crm.changes(
                "INSERT INTO by_uuid VALUES ('3BE9D202-5461-4881-A6DE-4C1F96E4B02D')",
                "INSERT INTO by_text VALUES ('Ünï, \"x\"')"))
        .containsExactly("u.created 3be9d202-5461-4881-a6de-4c1f96e4b02d", "t.created Ünï, \"x\"");
  }
}

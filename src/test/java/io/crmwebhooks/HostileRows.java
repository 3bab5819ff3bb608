package io.crmwebhooks;

import java.util.List;

/** Values that a CRM may write, each as wide as the type of its column, and what comes of them. */
final class HostileRows {
  /**
   * @param what it is, for the name of a test
   * @param values of event, record_id, record, updated_fields and occurred_at, as SQL
   * @param timestamp that is sent; null: it is parked
   */
  record Row(String what, String values, String timestamp) {}

  private static final String OK = "'{\"a\":1}'";

  static final List<Row> ALL =
      List.of(
          time("4713-01-01 12:00:00Z BC", "-004712-01-01T12:00:00Z"),
          time("0001-02-29 01:02:03.456789Z BC", "0000-02-29T01:02:03.456Z"),
          time("0001-01-01 00:00:00Z", "0001-01-01T00:00:00Z"),
          time("1582-10-10 00:00:00Z", "1582-10-10T00:00:00Z"),
          time("1700-03-01 00:00:00Z", "1700-03-01T00:00:00Z"),
          time("9999-12-31 23:59:59.999999Z", "9999-12-31T23:59:59.999Z"),
          time("10000-01-01 00:00:00Z", "+010000-01-01T00:00:00Z"),
          time("294276-12-31 23:59:59Z", "+294276-12-31T23:59:59Z"),
          time("infinity", "+294276-12-31T23:59:59.999Z"),
          time("-infinity", "-004713-11-24T00:00:00Z"),
          sent("fields of two dimensions", event(OK, "ARRAY[['a','b'],['c','d']]")),
          sent("a null among the fields", event(OK, "ARRAY['a',NULL]")),
          sent("a record of thousands of levels", event(nested(), "NULL")),
          sent("digits", event("'{\"a\":1.50,\"b\":1e1200,\"c\":1E+99999999999}'", "NULL")),
          sent("a key twice, half a character", event("'{\"a\":\"\\ud800\",\"a\":2}'", "NULL")),
          sent("an event of 5000 characters", "repeat('e', 5000) || '.updated', 'r', " + plain()),
          sent("a record_id of 100000", "'person.updated', repeat('r', 100000), " + plain()),
          parked("a field of 2 MB", event(OK, "ARRAY[repeat('f', 2000000)]")),
          parked("an event of 2 MB", "repeat('e', 2000000) || '.updated', 'r', " + plain()),
          parked("no event", "NULL, NULL, " + plain()),
          parked(
              "a record of 60 MB", event("'{\"a\":\"' || repeat('x', 60000000) || '\"}'", "NULL")));

  private HostileRows() {}

  /** Writes them all; their ids are 1, 2 and so on in a fresh database. */
  static void insertInto(PipelineFixture pipeline) {
    for (Row row : ALL) {
      pipeline.sql(
          "INSERT INTO webhooks.change (event, record_id, record, updated_fields, occurred_at)"
              + " SELECT e, i, CAST(r AS json), f, t FROM (VALUES ("
              + row.values()
              + ")) AS v (e, i, r, f, t)");
    }
  }

  private static Row time(String time, String timestamp) {
    return new Row(
        "time " + time,
        "'person.updated', 'r', '{\"a\":1}', NULL::text[], timestamptz '" + time + "'",
        timestamp);
  }

  private static Row sent(String what, String values) {
    return new Row(what, values, "20");
  }

  private static Row parked(String what, String values) {
    return new Row(what, values, null);
  }

  private static String event(String record, String fields) {
    return "'person.updated', 'r', " + record + ", " + fields + "::text[], now()";
  }

  private static String plain() {
    return OK + ", NULL::text[], now()";
  }

  private static String nested() {
    return "repeat('{\"a\":[', 1500) || '1.50' || repeat(']}', 1500)";
  }
}

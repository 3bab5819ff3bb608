package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/**
 * The last event of a record is its row, whatever the CRM does: random statements of several
 * sessions, on tables whose triggers write again and whose foreign keys cascade.
 */
class LastEventTest {
  private static final String[] SCHEMA = {
    "CREATE TABLE node (id int PRIMARY KEY, name text, deleted_at timestamptz,"
        + " up int REFERENCES node ON DELETE SET NULL ON UPDATE CASCADE,"
        + " side int REFERENCES node ON DELETE CASCADE ON UPDATE CASCADE)",
    "CREATE TABLE note (id int PRIMARY KEY, text text,"
        + " a int REFERENCES node ON DELETE SET NULL ON UPDATE CASCADE,"
        + " b int REFERENCES node ON DELETE SET NULL ON UPDATE SET NULL,"
        + " c int REFERENCES node ON DELETE CASCADE ON UPDATE CASCADE)",
    "CREATE TABLE part (id int, region int, text text, PRIMARY KEY (id, region)) PARTITION BY LIST (region)",
    "CREATE TABLE part_0 PARTITION OF part FOR VALUES IN (0)",
    "CREATE TABLE part_rest PARTITION OF part DEFAULT",
    "SELECT webhooks.capture('node', 'node')",
    "SELECT webhooks.capture('note', 'note')",
    "SELECT webhooks.capture('part', 'part')",
    // what a statement may call: it writes, too
    "CREATE FUNCTION touch(n int) RETURNS text LANGUAGE plpgsql AS $$ BEGIN"
        + " UPDATE node SET name = right(name || 't', 6) WHERE id = n; RETURN n; END $$",
    "CREATE FUNCTION drop_note(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN"
        + " DELETE FROM note WHERE id = n; RETURN n; END $$",
  };

  // Each says which record has another last event than its row.
  private static final String WRONG =
      """
      SELECT coalesce(last.object, present.object) || ' ' || coalesce(last.record_id, present.record_id)
        || ' is ' || coalesce(present.record::text, 'gone') || ' and was sent last as '
        || coalesce(last.action || ' ' || last.record, 'nothing')
      FROM (
        SELECT DISTINCT ON (object, record_id) object, record_id, action, record
        FROM webhooks.change ORDER BY object, record_id, id DESC) AS last
      FULL JOIN (
        SELECT 'node' AS object, id::text AS record_id, jsonb_build_object('id', id, 'name', name,
          'deletedAt', replace(to_jsonb(deleted_at AT TIME ZONE 'UTC') #>> '{}', ' ', 'T') || 'Z', 'up', up, 'side', side) AS record
        FROM node
        UNION ALL SELECT 'note', id::text, to_jsonb(note.*) FROM note
        UNION ALL SELECT 'part', to_json(ARRAY[id::text, region::text])::text, to_jsonb(part.*) FROM part
      ) AS present ON present.object = last.object AND present.record_id = last.record_id
      WHERE CASE WHEN present.record IS NULL THEN last.action <> CASE last.object WHEN 'node' THEN 'destroyed' ELSE 'deleted' END
        ELSE last.record::jsonb IS DISTINCT FROM present.record
          OR last.action = CASE last.object WHEN 'node' THEN 'destroyed' ELSE 'deleted' END END""";

  private final List<String> done = new ArrayList<>();

  @Test
  void the_last_event_of_a_record_is_its_row() throws Exception {
    try (Crm crm = new Crm()) {
      explore(crm.database().dataSource(), 3, 20);
    }
  }

  /** An error is told with the statements that led to it. */
  void explore(DataSource dataSource, long seed, int rounds) throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      for (String sql : SCHEMA) {
        execute(connection, sql);
      }
    }
    for (int round = 0; round < rounds; round++) {
      Random random = new Random(seed * 1_000_003 + round);
      done.clear();
      List<String> triggers = triggers(random);
      try (Connection connection = dataSource.getConnection()) {
        for (String sql : triggers) {
          execute(connection, sql);
          done.add(sql);
        }
      }
      int sessions = random.nextInt(4) == 0 ? 3 : 1;
      List<CompletableFuture<Void>> running = new ArrayList<>();
      for (int session = 0; session < sessions; session++) {
        Random own = new Random(random.nextLong());
        running.add(CompletableFuture.runAsync(() -> work(dataSource, own)));
      }
      for (CompletableFuture<Void> one : running) {
        one.get();
      }
      try (Connection connection = dataSource.getConnection()) {
        assertThat(Crm.values(connection, WRONG))
            .as("seed %s, round %s: %s", seed, round, String.join(";\n", done))
            .isEmpty();
        for (String name :
            Crm.values(
                connection,
                "SELECT format('%I ON %s', tgname, tgrelid::regclass) FROM pg_trigger WHERE tgname ~ '^(a|z)_'")) {
          execute(connection, "DROP TRIGGER " + name);
        }
      }
    }
  }

  private void work(DataSource dataSource, Random random) {
    try (Connection connection = dataSource.getConnection()) {
      for (int transaction = 0; transaction < 6; transaction++) {
        connection.setAutoCommit(false);
        int statements = 1 + random.nextInt(3);
        try {
          for (int n = 0; n < statements; n++) {
            String sql = statement(random);
            execute(connection, "SAVEPOINT here");
            try {
              execute(connection, sql);
              note(sql);
              if (random.nextInt(8) == 0) {
                execute(connection, "ROLLBACK TO here");
                note("(rolled back)");
              }
            } catch (SQLException e) {
              if (e.getSQLState().startsWith("40")) {
                throw e;
              }
              note(sql + " -- " + e.getMessage().lines().findFirst().orElse(""));
              execute(connection, "ROLLBACK TO here");
            }
          }
          connection.commit();
          note("COMMIT");
        } catch (SQLException e) { // a deadlock of the statements themselves
          note("ROLLBACK " + e.getMessage());
          connection.rollback();
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void note(String sql) {
    synchronized (done) {
      done.add(sql);
    }
  }

  private static List<String> triggers(Random random) {
    List<String> triggers = new ArrayList<>();
    int count = random.nextInt(4);
    for (int n = 0; n < count; n++) {
      String table = random.nextBoolean() ? "node" : "note";
      boolean before = random.nextInt(3) == 0;
      boolean row = random.nextInt(3) > 0;
      String event =
          pick(
              random,
              "INSERT",
              "UPDATE",
              "DELETE",
              "INSERT OR UPDATE",
              "INSERT OR UPDATE OR DELETE");
      String of = row ? "coalesce(NEW.id, OLD.id)" : "" + id(random);
      String body =
          switch (random.nextInt(7)) {
            case 0, 1 ->
                "UPDATE %s SET %s WHERE id = %s".formatted(table, assignment(random, table), of);
            case 2 -> "DELETE FROM %s WHERE id = %s".formatted(table, of);
            case 3 ->
                "INSERT INTO %s (id) VALUES (%s) ON CONFLICT (id) DO NOTHING".formatted(table, of);
            default -> statement(random);
          };
      String name = pick(random, "a", "z") + "_" + n;
      triggers.add(
          ("CREATE OR REPLACE FUNCTION %1$s_%2$s() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                  + " IF pg_trigger_depth() < %3$d THEN %4$s; END IF;"
                  + " IF TG_WHEN = 'BEFORE' AND TG_LEVEL = 'ROW' AND TG_OP = 'DELETE' THEN RETURN OLD; END IF;"
                  + " IF TG_LEVEL = 'ROW' THEN RETURN NEW; END IF; RETURN NULL; END $$")
              .formatted(name, table, 2 + random.nextInt(2), body));
      triggers.add(
          "CREATE OR REPLACE TRIGGER %s %s %s ON %s FOR EACH %s EXECUTE FUNCTION %s_%s()"
              .formatted(
                  name,
                  before ? "BEFORE" : "AFTER",
                  event,
                  table,
                  row ? "ROW" : "STATEMENT",
                  name,
                  table));
    }
    return triggers;
  }

  private static String statement(Random random) {
    String table = pick(random, "node", "note");
    return switch (random.nextInt(14)) {
      case 0, 1 -> insert(random, table);
      case 2 ->
          insert(random, table) + " ON CONFLICT (id) DO UPDATE SET " + assignment(random, table);
      case 3, 4 ->
          "UPDATE %s SET %s WHERE id IN (%s, %s)"
              .formatted(table, assignment(random, table), id(random), id(random));
      case 5 -> "UPDATE %s SET id = %s WHERE id = %s".formatted(table, id(random), id(random));
      case 6, 7 -> "DELETE FROM %s WHERE id IN (%s, %s)".formatted(table, id(random), id(random));
      case 8 ->
          "WITH gone AS (DELETE FROM note WHERE id = %s RETURNING *) INSERT INTO note (id, text, a) SELECT id, 'again', %s FROM gone"
              .formatted(id(random), id(random));
      case 9 ->
          "MERGE INTO note t USING (VALUES (%s), (%s)) AS v (id) ON t.id = v.id WHEN MATCHED AND t.id > 2 THEN DELETE WHEN MATCHED THEN UPDATE SET %s WHEN NOT MATCHED THEN INSERT (id, b) VALUES (v.id, v.id)"
              .formatted(id(random), id(random), assignment(random, "note"));
      case 10 ->
          "UPDATE node SET name = 'x' || touch(%s) WHERE id IN (%s, %s)"
              .formatted(id(random), id(random), id(random));
      case 11 ->
          "INSERT INTO note (id, text) VALUES (drop_note(%s), 'made again')".formatted(id(random));
      case 12 ->
          "UPDATE node SET deleted_at = CASE WHEN deleted_at IS NULL THEN now() END WHERE id = %s"
              .formatted(id(random));
      default ->
          switch (random.nextInt(4)) {
            case 0 ->
                "INSERT INTO part VALUES (%s, %s, 'p')".formatted(id(random), random.nextInt(2));
            case 1 ->
                "UPDATE part SET region = 1 - region, text = text || '.' WHERE id = %s"
                    .formatted(id(random));
            case 2 ->
                "WITH gone AS (DELETE FROM part_0 WHERE id = %s RETURNING *) INSERT INTO part_rest SELECT id, 1, 'moved' FROM gone"
                    .formatted(id(random));
            default -> "DELETE FROM part WHERE id = %s".formatted(id(random));
          };
    };
  }

  private static String insert(Random random, String table) {
    return "INSERT INTO %s (id, %s) VALUES (%s, %s, %s), (%s, %s, %s)"
        .formatted(
            table,
            table.equals("node") ? "up, side" : "a, c",
            id(random),
            reference(random),
            reference(random),
            id(random),
            reference(random),
            reference(random));
  }

  private static String assignment(Random random, String table) {
    String column = table.equals("node") ? pick(random, "up", "side") : pick(random, "a", "b", "c");
    String text = table.equals("node") ? "name" : "text";
    return random.nextBoolean()
        ? "%s = %s".formatted(column, reference(random))
        : "%s = '%s'".formatted(text, random.nextInt(10));
  }

  private static String reference(Random random) {
    return random.nextInt(3) == 0 ? "NULL" : "" + id(random);
  }

  private static int id(Random random) {
    return 1 + random.nextInt(5);
  }

  private static String pick(Random random, String... of) {
    return of[random.nextInt(of.length)];
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}

package io.crmwebhooks.bench;

import java.io.StringReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.postgresql.PGConnection;

/** (g) What capture costs the CRM: the same writes to a table without and with the triggers. */
final class CaptureCost {
  private static final String TABLE =
      """
      CREATE TABLE public.person (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), first_name text, last_name text,
        email text, job_title text, city text, phone text, position double precision,
        created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(),
        deleted_at timestamptz)""";
  private static final String COLUMNS =
      "public.person (first_name, last_name, email, job_title, city, phone, position)";
  private static final String ROW =
      "Adèle\tVance %1$s\tadele.vance.%1$s@example.org\tRetail manager\tÜberlingen\t600123456\t%1$s\n";

  private CaptureCost() {}

  static void measure(Run run) throws Exception {
    run.database.execute(TABLE);
    writes(run, "without capture");
    run.database.execute("TRUNCATE public.person");
    run.database.execute("SELECT webhooks.capture('public.person', 'person')");
    writes(run, "with capture");
  }

  private static void writes(Run run, String how) throws Exception {
    try (Connection connection = run.database.connect()) {
      int rows = run.size(100_000);
      String text = rows(rows);
      run.add(rate("(g) COPY of 100,000 rows, " + how, rows, () -> copy(connection, text)));
      int singles = run.size(10_000);
      run.add(rate("(g) single INSERTs, " + how, singles, () -> inserts(connection, singles)));
    }
  }

  private static Measure rate(String name, int rows, Run.Work work) throws Exception {
    long start = System.nanoTime();
    work.run();
    return Measure.rate(name, rows * 1e9 / (System.nanoTime() - start));
  }

  private static String rows(int count) {
    StringBuilder rows = new StringBuilder();
    for (int n = 1; n <= count; n++) {
      rows.append(ROW.replace("%1$s", Integer.toString(n)));
    }
    return rows.toString();
  }

  private static void copy(Connection connection, String rows) throws Exception {
    connection
        .unwrap(PGConnection.class)
        .getCopyAPI()
        .copyIn("COPY " + COLUMNS + " FROM STDIN", new StringReader(rows));
  }

  /** Each in a transaction of its own. */
  private static void inserts(Connection connection, int count) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO " + COLUMNS + " VALUES (?, ?, ?, ?, ?, ?, ?)")) {
      for (int n = 1; n <= count; n++) {
        String[] values = ROW.strip().replace("%1$s", Integer.toString(n)).split("\t");
        for (int i = 0; i < 6; i++) {
          insert.setString(i + 1, values[i]);
        }
        insert.setDouble(7, n);
        insert.executeUpdate();
      }
    }
  }
}

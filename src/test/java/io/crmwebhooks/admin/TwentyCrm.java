package io.crmwebhooks.admin;

import io.crmwebhooks.TwentyFixture;
import java.sql.SQLException;

/** A Twenty whose workspace is captured, and a session of its server. */
final class TwentyCrm implements AutoCloseable {
  static final String WORKSPACE = TwentyFixture.WORKSPACE;

  final Crm crm = new Crm();
  final TwentyFixture twenty;

  TwentyCrm(String generation) throws SQLException {
    twenty = TwentyFixture.create(crm.database().dataSource(), generation);
    install(WORKSPACE);
    crm.run("SET search_path = " + TwentyFixture.SCHEMA + ", public");
  }

  void install(String workspace) throws SQLException {
    crm.run(
        "INSERT INTO webhooks.twenty_workspace (workspace, schema) SELECT workspace, schema"
            + " FROM webhooks.twenty_workspaces() WHERE workspace = '%s'".formatted(workspace),
        "SELECT webhooks.twenty_watch()",
        capture(workspace, false));
  }

  static String capture(String workspace, boolean withRows) {
    return "SELECT * FROM webhooks.twenty_capture('%s', %s)".formatted(workspace, withRows);
  }

  /** A statement that edits the workspace as Twenty does. */
  static String edit(String function, String... arguments) {
    return "SELECT sample_twenty.%s('%s', '%s')"
        .formatted(function, WORKSPACE, String.join("', '", arguments));
  }

  @Override
  public void close() throws SQLException {
    crm.close();
  }
}

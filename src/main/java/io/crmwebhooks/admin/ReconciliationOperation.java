package io.crmwebhooks.admin;

import io.crmwebhooks.database.Sql;
import java.sql.SQLException;

/** {@code GET /rest/reconciliation}. Thread-safe. */
public final class ReconciliationOperation implements Operation {
  private final Reconciliation reconciliation;

  public ReconciliationOperation(Sql sql) {
    this.reconciliation = new Reconciliation(sql);
  }

  @Override
  public Answer answer(Call call) throws SQLException {
    Query query = call.query();
    Reconciliation.Request request =
        new Reconciliation.Request(
            query.instant("since"),
            query.instant("until"),
            query.uuid("webhookId"),
            workspace(call),
            query.integer("gaps", 0, 10_000, 1000));
    query.check();
    return Answer.ok(reconciliation.report(request, call.progress()::accept));
  }

  private static String workspace(Call call) {
    String bound = call.caller().workspace();
    String asked = call.query().text("workspace");
    if (asked != null && !call.caller().sees(asked)) {
      call.query().error("workspace", "must be the one that your token is bound to");
    }
    return asked == null ? bound : asked;
  }
}

package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.dispatch.Operations;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Which changes are meant: those of an event, which may have wildcards, and those that occurred in
 * a time range.
 *
 * @param operation null: all events
 * @param since inclusive; null: from the first on
 * @param until exclusive; null: up to the last
 */
record EventFilter(String operation, Instant since, Instant until) {
  private static final long LAST = Long.MAX_VALUE - 1;

  /**
   * @throws IllegalArgumentException when it is no event and no operation
   */
  static String checked(String operation) {
    Operations.check(operation);
    return operation;
  }

  /** Whether there are changes that it leaves out. */
  boolean isSelective() {
    return operation != null || since != null || until != null;
  }

  /**
   * As parameters of the list statements: the two halves of the operation, the times, and between
   * which ids the changes of these times lie.
   */
  Map<String, Object> parameters(Sql sql) throws SQLException {
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("since", since);
    parameters.put("until", until);
    String[] halves = operation == null ? new String[] {"*", "*"} : operation.split("\\.");
    parameters.put("object", halves[0].equals("*") ? null : halves[0]);
    parameters.put("action", halves[1].equals("*") ? null : halves[1]);
    ObjectNode range =
        since == null && until == null
            ? null
            : sql.row(sql("find-time-range.sql"), parameters).orElseThrow();
    boolean open = range == null || range.path("last").isNull();
    parameters.put("firstChange", range == null ? 0L : range.path("first").asLong() + 1);
    parameters.put("lastChange", open ? LAST : range.path("last").asLong());
    return parameters;
  }
}

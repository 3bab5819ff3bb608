package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.PageWalk.IdRange;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.EventPattern;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Which changes are meant: those of an event, which may have wildcards, and those that occurred in
 * a time range.
 *
 * @param event null: all events
 * @param since inclusive; null: from the first on
 * @param until exclusive; null: up to the last
 */
record EventFilter(String event, Instant since, Instant until) {
  private static final IdRange ALL = new IdRange(0, Long.MAX_VALUE - 1);

  static EventFilter of(Fields fields) {
    return new EventFilter(
        fields.parse("event", EventFilter::checked),
        fields.instant("since"),
        fields.instant("until"));
  }

  /**
   * @throws IllegalArgumentException when it is no event, with or without wildcards
   */
  static String checked(String event) {
    EventPattern.check(event);
    return event;
  }

  /** Whether there are changes that it leaves out. */
  boolean isSelective() {
    return event != null || since != null || until != null;
  }

  /** As parameters of the list statements; more may be put in. */
  Map<String, Object> parameters() {
    String[] halves = event == null ? new String[] {"*", "*"} : event.split("\\.");
    return Sql.parameters(
        "object",
        halves[0].equals("*") ? null : halves[0],
        "action",
        halves[1].equals("*") ? null : halves[1],
        "since",
        since,
        "until",
        until);
  }

  /** Between which ids such changes can lie, the newest first. */
  List<IdRange> ranges(Sql sql) throws SQLException {
    if (since == null && until == null) {
      return List.of(ALL);
    }
    ObjectNode noted = sql.row(sql("find-times.sql"), parameters()).orElseThrow();
    IdRange newest = new IdRange(noted.path("newest").asLong(), ALL.last());
    return noted.path("first").isNull()
        ? List.of(newest)
        : List.of(newest, new IdRange(noted.path("first").asLong(), noted.path("last").asLong()));
  }
}

package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import io.crmwebhooks.api.Answer;
import io.crmwebhooks.api.Call;
import io.crmwebhooks.api.Cursor;
import io.crmwebhooks.api.Problem;
import io.crmwebhooks.api.Query;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** The operations on {@code /rest/events}: the changes. Thread-safe. */
public final class EventOperations {
  private static final String KIND = "event";
  private static final Pattern ID = Pattern.compile("[1-9][0-9]{0,17}");
  private static final Duration PAGE_TIME = Duration.ofMillis(50);

  private final Sql sql;

  public EventOperations(Sql sql) {
    this.sql = sql;
  }

  public Answer list(Call call) throws SQLException {
    Query query = call.query();
    EventFilter filter =
        new EventFilter(
            query.read("event", EventFilter::checked),
            query.instant("since"),
            query.instant("until"));
    String record = query.text("recordId");
    int limit = query.integer("limit", 1, 200, 50);
    String cursor = query.read("cursor", c -> Cursor.key(KIND, c, ID));
    query.check();
    Map<String, Object> values = filter.parameters(sql);
    values.put("workspace", call.caller().workspace());
    values.put("record", record);
    long last = ((Number) values.get("lastChange")).longValue() + 1;
    String below = Long.toString(cursor == null ? last : Math.min(last, Long.parseLong(cursor)));
    String statement =
        sql("list-events.sql")
            .replace(
                "-- one of the stretch-….sql",
                record == null ? sql("stretch-changes.sql") : sql("stretch-changes-of.sql"));
    return new PageWalk(PAGE_TIME, System::nanoTime)
        .fill(
            below,
            limit,
            filter.isSelective() || call.caller().workspace() != null,
            (from, size, most) -> {
              values.put("below", from);
              values.put("size", size);
              values.put("limit", most);
              return sql.rows(statement, values);
            })
        .answer(KIND);
  }

  public Answer get(Call call) throws SQLException {
    String id = call.parameter("id");
    Map<String, Object> values = new HashMap<>();
    values.put("id", ID.matcher(id).matches() ? id : null);
    values.put("workspace", call.caller().workspace());
    return Answer.ok(
        sql.row(sql("show-event.sql"), values).orElseThrow(() -> Problem.notFound("event", id)));
  }
}

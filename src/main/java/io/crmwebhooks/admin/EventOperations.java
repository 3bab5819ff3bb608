package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
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
    EventFilter filter = EventFilter.of(query);
    String record = query.text("recordId");
    int limit = query.integer("limit", 1, 200, 50);
    String cursor = query.read("cursor", text -> Cursor.key(KIND, text, ID));
    query.check();
    String workspace = call.caller().workspace();
    return new PageWalk(PAGE_TIME, System::nanoTime)
        .fill(
            new Log(filter, record, workspace),
            filter.ranges(sql),
            cursor,
            limit,
            filter.isSelective() || workspace != null)
        .answer(KIND);
  }

  private final class Log implements PageWalk.Log {
    private final String statement;
    private final Map<String, Object> values;

    Log(EventFilter filter, String record, String workspace) {
      statement =
          sql("list-events.sql")
              .replace(
                  "-- a stretch",
                  record == null ? sql("stretch-changes.sql") : sql("stretch-changes-of.sql"));
      values = filter.parameters();
      values.put("record", record);
      values.put("workspace", workspace);
    }

    @Override
    public String keyAt(long change) {
      return Long.toString(change);
    }

    @Override
    public long changeOf(String key) {
      return Long.parseLong(key);
    }

    @Override
    public List<ObjectNode> read(String below, IdRange within, int size, int limit)
        throws SQLException {
      values.put("below", below);
      values.put("first", within.first());
      values.put("size", size);
      values.put("limit", limit);
      return sql.rows(statement, values);
    }
  }

  public Answer get(Call call) throws SQLException {
    String id = call.parameter("id");
    Map<String, Object> values = new HashMap<>();
    values.put("id", ID.matcher(id).matches() ? id : null);
    values.put("workspace", call.caller().workspace());
    values.put("most", RecordText.MOST);
    ObjectNode event =
        sql.row(sql("show-event.sql"), values).orElseThrow(() -> Problem.notFound("event", id));
    boolean whole = event.remove("record_whole").asBoolean();
    String record = event.path("recordText").textValue();
    if (whole && RecordText.isPlain(record)) {
      event.putRawValue("record", new RawValue(record)); // as it is: a tree would lose digits
    } else {
      event.putNull("record");
    }
    return Answer.ok(event);
  }
}

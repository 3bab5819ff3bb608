package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.util.Map;

/** The operations on {@code /rest/events}: the changes. Thread-safe. */
public final class EventOperations {
  /** The longest of a record that is shown, in characters; the statement cuts it there. */
  static final int MOST = 500_000;

  private static final PageWalk.Keys KEYS = PageWalk.Keys.ofChanges("event");
  private static final int LEVELS = 100;
  private static final int NUMBER_LENGTH = 500;
  private static final int EXPONENT_LENGTH = 5;

  private final Sql sql;

  EventOperations(Sql sql) {
    this.sql = sql;
  }

  public Answer listEvents(Call call) throws SQLException {
    Fields query = call.query();
    EventFilter filter = EventFilter.of(query);
    String record = query.text("recordId");
    int limit = query.integer("limit", 1, 200, 50);
    String cursor = KEYS.cursor(query);
    query.check();
    String stretch = record == null ? sql("stretch-changes.sql") : sql("stretch-changes-of.sql");
    String statement = sql("list-events.sql").replace("-- a stretch", stretch);
    Map<String, Object> values = filter.parameters();
    values.put("record", record);
    values.put("workspace", call.workspace());
    return new PageWalk(KEYS)
        .fill(
            PageWalk.Log.of(sql, statement, values),
            filter.ranges(sql),
            cursor,
            limit,
            filter.isSelective() || call.workspace() != null)
        .answer(KEYS);
  }

  public Answer getEvent(Call call) throws SQLException {
    String id = call.parameter("id");
    Map<String, Object> values =
        Sql.parameters(
            "id",
            PageWalk.CHANGE_ID.matcher(id).matches() ? id : null,
            "workspace",
            call.workspace(),
            "most",
            MOST);
    ObjectNode event =
        sql.row(sql("show-event.sql"), values).orElseThrow(() -> Problem.notFound("event", id));
    boolean whole = event.remove("record_whole").asBoolean();
    String record = event.path("recordText").textValue();
    if (whole && isPlain(record)) {
      event.putRawValue("record", new RawValue(record)); // as it is: a tree would lose digits
    } else {
      event.putNull("record");
    }
    return Answer.ok(event);
  }

  /**
   * Whether a record may stand in an answer as the JSON that it is. PostgreSQL takes JSON that the
   * parsers of callers do not: thousands of levels deep, with thousands of digits in a number, or
   * with an exponent beyond any type. Such a record is shown as text only.
   *
   * @param json as PostgreSQL keeps it, which is valid
   */
  private static boolean isPlain(String json) {
    int level = 0;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (c == '"') {
        i = endOfText(json, i);
      } else if (c == '{' || c == '[') {
        level++;
      } else if (c == '}' || c == ']') {
        level--;
      } else if (c >= '0' && c <= '9') {
        int end = endOfNumber(json, i);
        if (!isPlainNumber(json.substring(i, end))) {
          return false;
        }
        i = end - 1;
      }
      if (level > LEVELS) {
        return false;
      }
    }
    return true;
  }

  private static int endOfText(String json, int quote) {
    int at = quote + 1;
    while (at < json.length() && json.charAt(at) != '"') {
      at += json.charAt(at) == '\\' ? 2 : 1;
    }
    return at;
  }

  private static int endOfNumber(String json, int start) {
    int end = start;
    while (end < json.length() && "0123456789+-.eE".indexOf(json.charAt(end)) >= 0) {
      end++;
    }
    return end;
  }

  private static boolean isPlainNumber(String number) {
    int exponent = Math.max(number.indexOf('e'), number.indexOf('E'));
    return number.length() <= NUMBER_LENGTH
        && (exponent < 0 || number.length() - exponent - 1 <= EXPONENT_LENGTH);
  }
}

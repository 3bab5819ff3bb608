package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/**
 * The operations on {@code /rest/parked-changes}: changes that could not be processed. Thread-safe.
 */
public final class ParkedChangeOperations {
  private static final PageWalk.Keys KEYS = PageWalk.Keys.ofChanges("parked-change");
  private static final int LONGEST_REASON = 1000;
  private static final int MOST_IDS = 5000;
  private static final int CHUNK = 1000;

  private final Sql sql;

  ParkedChangeOperations(Sql sql) {
    this.sql = sql;
  }

  public Answer listParkedChanges(Call call) throws SQLException {
    Fields query = call.query();
    EventFilter filter = EventFilter.of(query);
    String reason = query.text("reason");
    int limit = query.integer("limit", 1, 200, 50);
    String cursor = KEYS.cursor(query);
    query.check();
    return new PageWalk(KEYS)
        .fill(
            PageWalk.Log.of(sql, sql("list-parked.sql"), values(filter, reason, call)),
            filter.ranges(sql),
            cursor,
            limit,
            filter.isSelective() || reason != null || call.workspace() != null)
        .answer(KEYS);
  }

  /**
   * Puts those that match back onto the queue, a chunk at a time, the oldest first. To repeat it
   * does no harm. A change that is parked again meanwhile stays parked.
   */
  public Answer retryParkedChanges(Call call) throws SQLException {
    Fields fields = call.fieldsIfAny(List.of("ids", "event", "since", "reason"));
    List<Long> ids =
        fields.read("ids", Fields.list(MOST_IDS, "ids", ParkedChangeOperations::changeId));
    String reason = fields.read("reason", Fields.text(LONGEST_REASON));
    EventFilter filter = EventFilter.of(fields);
    fields.check();
    Map<String, Object> values = values(filter, reason, call);
    values.put("ids", ids);
    values.put("after", 0);
    values.put("chunk", CHUNK);
    long retried = 0;
    ObjectNode done;
    do {
      done = sql.row(sql("retry-parked.sql"), values).orElseThrow();
      retried += done.path("retried").asLong();
      values.put("after", done.path("reached").asLong());
    } while (done.path("looked_at").asInt() == CHUNK);
    return Answer.ok(Json.object().put("retried", retried));
  }

  private static Map<String, Object> values(EventFilter filter, String reason, Call call) {
    Map<String, Object> values = filter.parameters();
    values.put("reason", reason);
    values.put("workspace", call.workspace());
    return values;
  }

  private static long changeId(JsonNode id) {
    if (!id.isIntegralNumber() || !id.canConvertToLong()) {
      throw new IllegalArgumentException("must hold ids of changes only, but holds " + id);
    }
    return id.longValue();
  }
}

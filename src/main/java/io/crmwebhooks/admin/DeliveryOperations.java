package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The operations on {@code /rest/deliveries}. Thread-safe. */
public final class DeliveryOperations {
  private static final int MOST_AT_ONCE = 5000;
  private static final Duration PAGE_TIME = Duration.ofMillis(50);
  private static final Duration BULK_TIME = Duration.ofSeconds(2);

  private final Sql sql;
  private final DeliverySearch search;
  private final Duration lease;

  /**
   * @param lease how long a delivery that is being sent may be silent
   */
  public DeliveryOperations(Sql sql, Duration lease) {
    this.sql = sql;
    this.search = new DeliverySearch(sql);
    this.lease = lease;
  }

  public Answer list(Call call) throws SQLException {
    Query query = call.query();
    DeliverySearch.Filter filter = DeliverySearch.Filter.of(query);
    int limit = query.integer("limit", 1, 200, 50);
    query.check();
    return search
        .page(filter, call.caller().workspace(), limit, new PageWalk(PAGE_TIME, System::nanoTime))
        .answer(DeliverySearch.KIND);
  }

  public Answer get(Call call) throws SQLException {
    return Answer.ok(DeliveryView.of(find(call)));
  }

  private ObjectNode find(Call call) throws SQLException {
    Map<String, Object> values = new HashMap<>();
    values.put("id", call.parameter("id"));
    values.put("most", RecordText.MOST);
    values.put("workspace", call.caller().workspace());
    return sql.row(sql("show-delivery.sql"), values)
        .orElseThrow(() -> Problem.notFound("delivery", call.parameter("id")));
  }

  /** Answers 202: it is sent as soon as its webhook has an attempt free. */
  public Answer redeliver(Call call) throws SQLException {
    ObjectNode delivery = find(call);
    if (redeliver(List.of(call.parameter("id")), call).isEmpty()
        && !delivery.path("state").asText().equals("pending")) {
      throw Problem.of(409, "the webhook of this delivery has been deleted");
    }
    return new Answer(202, DeliveryView.of(find(call)), Map.of());
  }

  /**
   * Those of a list of ids, or those that a filter finds, which are dead ones if it says nothing.
   */
  public Answer redeliverMany(Call call) throws SQLException {
    Fields fields =
        new Fields(
            call.body(), List.of("ids", "webhookId", "state", "event", "since", "until", "cursor"));
    List<String> ids = fields.read("ids", DeliveryOperations::ids);
    Query query = fields.asQuery("webhookId", "state", "event", "since", "until", "cursor");
    DeliverySearch.Filter filter = DeliverySearch.Filter.of(query);
    query.check();
    fields.check();
    String reached = null;
    if (ids == null) {
      PageWalk.Page page =
          search.page(
              filter.state() == null ? filter.inState("dead") : filter,
              call.caller().workspace(),
              MOST_AT_ONCE,
              new PageWalk(BULK_TIME, System::nanoTime));
      ids = page.rows().stream().map(row -> row.path("id").asText()).toList();
      reached = page.reached();
    }
    return new Answer(
        202,
        Json.object()
            .put("redelivered", redeliver(ids, call).size())
            .put("nextCursor", reached == null ? null : Cursor.of(DeliverySearch.KIND, reached)),
        Map.of());
  }

  private List<ObjectNode> redeliver(List<String> ids, Call call) throws SQLException {
    Map<String, Object> values = new HashMap<>();
    values.put("ids", ids);
    values.put("workspace", call.caller().workspace());
    values.put("lease", lease.toMillis() + " ms");
    return sql.rows(sql("redeliver.sql"), values);
  }

  private static List<String> ids(JsonNode value) {
    if (!value.isArray() || value.isEmpty() || value.size() > MOST_AT_ONCE) {
      throw new IllegalArgumentException("must be an array of 1 to " + MOST_AT_ONCE + " ids");
    }
    List<String> ids = new ArrayList<>();
    for (JsonNode id : value) {
      if (!id.isTextual() || !DeliverySearch.ID.matcher(id.textValue()).matches()) {
        throw new IllegalArgumentException("must hold ids of deliveries only, but holds " + id);
      }
      ids.add(id.textValue());
    }
    return ids;
  }
}

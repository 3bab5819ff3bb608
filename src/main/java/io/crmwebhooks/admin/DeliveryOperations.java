package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/** The operations on {@code /rest/deliveries}. Thread-safe. */
public final class DeliveryOperations {
  private static final int MOST_AT_ONCE = 5000;
  private static final Duration BULK_TIME = Duration.ofSeconds(2);
  private static final Pattern ID = Pattern.compile("msg_[0-9a-f]{48,64}(_[0-9]{1,19})?");
  private static final List<String> STATES = List.of("pending", "delivered", "dead", "cancelled");

  private static final PageWalk.Keys KEYS =
      new PageWalk.Keys(
          "delivery",
          Pattern.compile("msg_[0-7][0-9a-f]{15}([0-9a-f]{32,48}(_[0-9]{1,19})?)?"),
          "msg_%016x"::formatted,
          key -> Long.parseLong(key.substring(4, 20), 16));

  private final Sql sql;
  private final Duration lease;

  /**
   * @param lease how long a delivery that is being sent may be silent
   */
  DeliveryOperations(Sql sql, Duration lease) {
    this.sql = sql;
    this.lease = lease;
  }

  /**
   * Which deliveries are meant.
   *
   * @param webhook null: of all
   * @param state null: in any
   * @param below the key before which a page begins; null: with the newest
   */
  private record Filter(UUID webhook, String state, EventFilter events, String below) {
    static Filter of(Fields fields) {
      return new Filter(
          fields.uuid("webhookId"),
          fields.read("state", Fields.oneOf(STATES)),
          EventFilter.of(fields),
          KEYS.cursor(fields));
    }

    Filter orDead() {
      return state == null ? new Filter(webhook, "dead", events, below) : this;
    }

    /** Those that are not delivered have an index of their own. */
    boolean isOfAFew() {
      return state != null && !state.equals("delivered");
    }

    boolean isSelective() {
      return !isOfAFew() && (events.isSelective() || state != null);
    }

    String stretch(String workspace) {
      return isOfAFew()
          ? sql("stretch-open-deliveries.sql")
          : webhook == null && workspace == null
              ? sql("stretch-deliveries.sql")
              : sql("stretch-deliveries-of.sql");
    }
  }

  public Answer listDeliveries(Call call) throws SQLException {
    Filter filter = Filter.of(call.query());
    int limit = call.query().integer("limit", 1, 200, 50);
    call.query().check();
    return page(filter, call, limit, new PageWalk(KEYS)).answer(KEYS);
  }

  private PageWalk.Page page(Filter filter, Call call, int limit, PageWalk walk)
      throws SQLException {
    String stretch = filter.stretch(call.workspace());
    String statement = sql("list-deliveries.sql").replace("-- a stretch", stretch);
    Map<String, Object> values = filter.events().parameters();
    values.put("webhook", filter.webhook());
    values.put("workspace", call.workspace());
    values.put("states", filter.state() == null ? null : List.of(filter.state()));
    return walk.fill(
        PageWalk.Log.of(sql, statement, values),
        filter.events().ranges(sql),
        filter.below(),
        limit,
        filter.isSelective());
  }

  public Answer getDelivery(Call call) throws SQLException {
    return Answer.ok(DeliveryView.of(find(call)));
  }

  private ObjectNode find(Call call) throws SQLException {
    String id = call.parameter("id");
    Map<String, Object> values =
        Sql.parameters("id", id, "most", EventOperations.MOST, "workspace", call.workspace());
    return sql.row(sql("show-delivery.sql"), values)
        .orElseThrow(() -> Problem.notFound("delivery", id));
  }

  /** Answers 202: it is sent as soon as its webhook has an attempt free. */
  public Answer redeliver(Call call) throws SQLException {
    ObjectNode delivery = find(call);
    if (redeliver(List.of(call.parameter("id")), call) == 0
        && !delivery.path("state").asText().equals("pending")) {
      throw Problem.of(409, "the webhook of this delivery has been deleted");
    }
    return Answer.accepted(DeliveryView.of(find(call)));
  }

  /**
   * Those of a list of ids, or those that a filter finds, which are dead ones if it says nothing.
   */
  public Answer redeliverMany(Call call) throws SQLException {
    Fields fields =
        call.fields(List.of("ids", "webhookId", "state", "event", "since", "until", "cursor"));
    List<String> ids =
        fields.read("ids", Fields.list(MOST_AT_ONCE, "ids", DeliveryOperations::deliveryId));
    Filter filter = Filter.of(fields);
    fields.check();
    String reached = null;
    if (ids == null) {
      PageWalk walk = new PageWalk(KEYS, BULK_TIME, System::nanoTime);
      PageWalk.Page page = page(filter.orDead(), call, MOST_AT_ONCE, walk);
      ids = page.rows().stream().map(row -> row.path("id").asText()).toList();
      reached = page.reached();
    }
    return Answer.accepted(
        Json.object()
            .put("redelivered", redeliver(ids, call))
            .put("nextCursor", KEYS.cursorAt(reached)));
  }

  private int redeliver(List<String> ids, Call call) throws SQLException {
    Map<String, Object> values =
        Sql.parameters(
            "ids", ids, "workspace", call.workspace(), "lease", lease.toMillis() + " ms");
    return sql.rows(sql("redeliver.sql"), values).size();
  }

  private static String deliveryId(JsonNode id) {
    if (!id.isTextual() || !ID.matcher(id.textValue()).matches()) {
      throw new IllegalArgumentException("must hold ids of deliveries only, but holds " + id);
    }
    return id.textValue();
  }
}

package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.Outcome;
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

  public Answer listDeliveries(Call call) throws SQLException {
    Chosen chosen = chosen(call, call.query(), null);
    return chosen.listing().answer(sql, chosen.statement());
  }

  /**
   * The deliveries that are meant.
   *
   * @param statement that lists them
   */
  private record Chosen(Listing listing, String statement) {}

  /**
   * @param otherwise the state that is meant where none is named; null: all
   */
  private static Chosen chosen(Call call, Fields fields, String otherwise) {
    UUID webhook = fields.uuid("webhookId");
    String named = fields.read("state", Fields.oneOf(STATES));
    String state = named == null ? otherwise : named;
    Listing listing =
        new Listing(KEYS, fields)
            .with("webhook", webhook)
            .with("workspace", call.workspace())
            .passingOver("states", state == null ? null : List.of(state));
    String stretch =
        webhook == null && call.workspace() == null
            ? sql("stretch-deliveries.sql")
            : sql("stretch-deliveries-of.sql");
    if (state != null && !state.equals("delivered")) {
      listing.ofFew(); // those that are not delivered have an index of their own
      stretch = sql("stretch-open-deliveries.sql");
    }
    return new Chosen(listing, sql("list-deliveries.sql").replace("-- a stretch", stretch));
  }

  public Answer getDelivery(Call call) throws SQLException {
    return Answer.ok(DeliveryView.of(find(call)));
  }

  private ObjectNode find(Call call) throws SQLException {
    String id = call.parameter("id");
    Map<String, Object> values =
        Sql.parameters("id", id, "most", ChangeOperations.MOST, "workspace", call.workspace());
    return sql.row(sql("show-delivery.sql"), values)
        .orElseThrow(() -> Problem.notFound("delivery", id));
  }

  /** Answers 202: it is sent as soon as its webhook has an attempt free. */
  public Answer redeliver(Call call) throws SQLException {
    ObjectNode delivery = find(call);
    if (redeliver(List.of(call.parameter("id")), call) == 0
        && !delivery.path("state").asText().equals("pending")) {
      throw Problem.of(409, whyNot(delivery));
    }
    return Answer.accepted(DeliveryView.of(find(call)));
  }

  private static String whyNot(ObjectNode delivery) {
    if (delivery.path("shadow").asBoolean()) {
      return "its webhook is in shadow and sends nothing before 'crm-webhooks twenty live'";
    }
    return Outcome.LEFT_OUT.equals(delivery.path("error").asText())
        ? "the route customise-delivery has left it out; a replay in mode all asks the route again"
        : "the webhook of this delivery has been deleted";
  }

  /**
   * Those of a list of ids, or those that a filter finds, which are dead ones if it says nothing.
   */
  public Answer redeliverMany(Call call) throws SQLException {
    Fields fields =
        call.fields(List.of("ids", "webhookId", "state", "event", "since", "until", "cursor"));
    List<String> ids =
        fields.read("ids", Fields.list(MOST_AT_ONCE, "ids", DeliveryOperations::deliveryId));
    Chosen chosen = chosen(call, fields, "dead");
    fields.check();
    String reached = null;
    if (ids == null) {
      PageWalk walk = new PageWalk(KEYS, BULK_TIME, System::nanoTime);
      PageWalk.Page page = chosen.listing().page(sql, chosen.statement(), MOST_AT_ONCE, walk);
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

package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.Outcome;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The operations on {@code /rest/deliveries}. Thread-safe. */
public final class DeliveryOperations {
  private static final int MOST_AT_ONCE = 5000;
  private static final Duration BULK_TIME = Duration.ofSeconds(2);
  private static final int MOST_OF_A_PAGE = 200;
  private static final Pattern ID = Pattern.compile("msg_[0-9a-f]{48,64}(_[0-9]{1,19})?");
  private static final List<String> CHOICE =
      List.of("ids", "webhookId", "changeId", "state", "event", "since", "until", "cursor");

  private final Sql sql;
  private final ArrivedRows arrived;
  private final Duration lease;
  private final Clock clock;

  /**
   * @param lease how long a delivery that is being sent may be silent
   */
  DeliveryOperations(Sql sql, Delivered delivered, Duration lease, Clock clock) {
    this.sql = sql;
    this.arrived = new ArrivedRows(sql, delivered);
    this.lease = lease;
    this.clock = clock;
  }

  public Answer listDeliveries(Call call) throws SQLException {
    DeliveryList list = new DeliveryList(sql, arrived, call, call.query(), null, clock);
    int limit = call.query().integer("limit", 1, MOST_OF_A_PAGE, 50);
    return list.page(limit, new PageWalk(DeliveryList.KEYS)).answer();
  }

  public Answer getDelivery(Call call) throws SQLException {
    return Answer.ok(DeliveryView.of(find(call)));
  }

  private ObjectNode find(Call call) throws SQLException {
    String id = call.parameter("id");
    Map<String, Object> values =
        Sql.parameters("id", id, "most", ChangeOperations.MOST, "workspace", call.workspace());
    String delivery = sql("find-delivery.sql");
    Optional<ObjectNode> found =
        sql.row(sql("show-delivery.sql").replace("-- the delivery", delivery), values);
    if (found.isEmpty()) {
      ObjectNode outcome = arrived.find(List.of(id), call.workspace()).outcomes().get(id);
      found = outcome == null ? found : arrived.show(outcome, values);
    }
    return found.orElseThrow(() -> Problem.notFound("delivery", id));
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
    if (delivery.path("body_left_out").asBoolean()) {
      return "its body is too long to be kept in Kafka; a replay in mode all makes it again";
    }
    return Outcome.LEFT_OUT.equals(delivery.path("error").asText())
        ? "the route customise-delivery has left it out; a replay in mode all asks the route again"
        : "the webhook of this delivery has been deleted";
  }

  /**
   * Those of a list of ids, or those that a filter finds, which are dead ones if it says nothing.
   */
  public Answer redeliverMany(Call call) throws SQLException {
    Fields fields = call.fields(CHOICE);
    List<String> ids =
        fields.read("ids", Fields.list(MOST_AT_ONCE, "ids", DeliveryOperations::deliveryId));
    DeliveryList list = new DeliveryList(sql, arrived, call, fields, "dead", clock);
    fields.check();
    String cursor = null;
    if (ids == null) {
      PageWalk walk = new PageWalk(DeliveryList.KEYS, BULK_TIME, System::nanoTime);
      DeliveryList.Page page = list.page(list.most(MOST_AT_ONCE), walk);
      ids = page.rows().stream().map(row -> row.path("id").asText()).toList();
      cursor = page.cursor();
    }
    return Answer.accepted(
        Json.object().put("redelivered", redeliver(ids, call)).put("nextCursor", cursor));
  }

  private int redeliver(List<String> ids, Call call) throws SQLException {
    Map<String, Object> values =
        Sql.parameters(
            "ids", ids, "workspace", call.workspace(), "lease", lease.toMillis() + " ms");
    int done = sql.rows(sql("redeliver.sql"), values).size();
    if (done == ids.size() || !arrived.isElsewhere()) {
      return done;
    }
    Set<String> elsewhere = new TreeSet<>(ids);
    sql.rows(sql("list-known.sql"), values)
        .forEach(row -> elsewhere.remove(row.path("id").asText()));
    for (Set<String> left = elsewhere; !left.isEmpty(); ) {
      Delivered.Sought some = arrived.find(left, call.workspace());
      done += arrived.redeliver(some.outcomes().values(), call.workspace());
      left = some.left();
    }
    return done;
  }

  private static String deliveryId(JsonNode id) {
    if (!id.isTextual() || !ID.matcher(id.textValue()).matches()) {
      throw new IllegalArgumentException("must hold ids of deliveries only, but holds " + id);
    }
    return id.textValue();
  }
}

package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.Change;
import java.io.IOException;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The operations on {@code /rest/events}, the changes, and on {@code /rest/parked-changes}, those
 * that could not be processed. Thread-safe.
 */
public final class ChangeOperations {
  /** The longest of a record that is shown, in characters; the statement cuts it there. */
  static final int MOST = 500_000;

  private static final PageWalk.Keys EVENTS = PageWalk.Keys.ofChanges("event");
  private static final PageWalk.Keys PARKED = PageWalk.Keys.ofChanges("parked-change");
  private static final int LONGEST_REASON = 1000;
  private static final int MOST_IDS = 5000;
  private static final int CHUNK = 1000;
  private static final List<String> RETRY = List.of("ids", "event", "since", "until", "reason");

  private static final int LONGEST_NUMBER = 500;
  private static final Pattern LARGE_EXPONENT = Pattern.compile(".*[eE][-+0-9]{6,}");
  private static final JsonFactory PLAIN =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(100)
                  .maxNameLength(MOST)
                  .maxNumberLength(MOST)
                  .build())
          .build();

  private final Sql sql;
  private final ArrivedRows arrived;

  ChangeOperations(Sql sql, Delivered delivered) {
    this.sql = sql;
    this.arrived = new ArrivedRows(sql, delivered);
  }

  public Answer listEvents(Call call) throws SQLException {
    String record = call.query().text("recordId");
    String stretch = record == null ? sql("stretch-changes.sql") : sql("stretch-changes-of.sql");
    return new Listing(EVENTS, call.query())
        .with("record", record)
        .passingOver("workspace", call.workspace())
        .answer(sql, sql("list-events.sql").replace("-- a stretch", stretch));
  }

  public Answer getEvent(Call call) throws SQLException {
    Map<String, Object> values =
        Sql.parameters("id", call.number("event"), "workspace", call.workspace(), "most", MOST);
    ObjectNode event =
        sql.row(sql("show-event.sql"), values)
            .orElseThrow(() -> Problem.notFound("event", call.parameter("id")));
    boolean whole = event.remove("record_whole").asBoolean();
    String record = event.path("recordText").textValue();
    if (whole && isPlain(record)) {
      event.putRawValue("record", new RawValue(record)); // as it is: a tree would lose digits
    } else {
      event.putNull("record");
    }
    addArrived(event, call);
    addUnsent(event);
    return Answer.ok(event);
  }

  /** The webhooks whose filters did not want it. */
  private void addUnsent(ObjectNode event) throws SQLException {
    ArrayNode unsent = event.putArray("notSent");
    if (!event.path("state").asText().equals("dispatched")) {
      return;
    }
    Set<String> sent = new HashSet<>();
    event.path("deliveries").forEach(delivery -> sent.add(delivery.path("webhookId").asText()));
    long id = event.path("id").asLong();
    List<ObjectNode> filters =
        sql.rows(sql("list-filters.sql"), Map.of("id", id)).stream()
            .filter(row -> !sent.contains(row.path("id").asText()))
            .toList();
    if (filters.isEmpty()) {
      return;
    }
    for (Change change : Samples.read(sql, List.of(id))) {
      for (ObjectNode row : filters) {
        if (change.problem() == null && !FilteredOut.wants(row.path("filter").asText(), change)) {
          unsent
              .addObject()
              .put("webhookId", row.path("id").asText())
              .put("reason", "filter")
              .set("filter", row.get("filter"));
        }
      }
    }
  }

  /** Those that have arrived and are kept elsewhere, as far as they are found soon. */
  private void addArrived(ObjectNode event, Call call) throws SQLException {
    event.put("deliveriesComplete", true);
    if (!arrived.isElsewhere() || event.path("state").asText().equals("queued")) {
      return;
    }
    Delivered.Found found = arrived.ofChange(event.path("id").asLong(), call.workspace(), null);
    event.put("deliveriesComplete", found.next() == null);
    Map<String, JsonNode> deliveries = new TreeMap<>();
    for (ObjectNode outcome : found.outcomes()) {
      String id = outcome.path("id").asText();
      ObjectNode delivery = Json.object().put("id", id);
      delivery.set("webhookId", outcome.path("subscription_id"));
      deliveries.put(id, delivery.put("state", "delivered"));
    }
    event.path("deliveries").forEach(one -> deliveries.put(one.path("id").asText(), one));
    event.putArray("deliveries").addAll(deliveries.values());
  }

  /**
   * Whether a record may stand in an answer as the JSON that it is. PostgreSQL takes JSON that the
   * parsers of callers do not: thousands of levels deep, with thousands of digits in a number, or
   * with an exponent beyond any type. Such a record is shown as text only.
   *
   * @param json as PostgreSQL keeps it, which is valid
   */
  private static boolean isPlain(String json) {
    try (JsonParser parser = PLAIN.createParser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isNumeric() && !isPlainNumber(parser.getText())) {
          return false;
        }
      }
      return true;
    } catch (IOException e) { // which says that it is beyond a bound
      return false;
    }
  }

  private static boolean isPlainNumber(String number) {
    return number.length() <= LONGEST_NUMBER && !LARGE_EXPONENT.matcher(number).matches();
  }

  public Answer listParkedChanges(Call call) throws SQLException {
    return parked(call.query(), call).answer(sql, sql("list-parked.sql"));
  }

  private static Listing parked(Fields fields, Call call) {
    return new Listing(PARKED, fields)
        .passingOver("reason", fields.read("reason", ChangeOperations::words))
        .passingOver("workspace", call.workspace());
  }

  /**
   * Puts those that match back onto the queue, a chunk at a time, the oldest first. To repeat it
   * does no harm. A change that is parked again meanwhile stays parked.
   */
  public Answer retryParkedChanges(Call call) throws SQLException {
    Fields fields = call.fields(RETRY);
    Map<String, Object> values = parked(fields, call).parameters();
    values.put("ids", fields.read("ids", Fields.list(MOST_IDS, "ids", ChangeOperations::changeId)));
    fields.check();
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

  private static String words(JsonNode reason) {
    String words = Fields.text(LONGEST_REASON).apply(reason);
    if (words.isBlank()) {
      throw new IllegalArgumentException("must not be blank");
    }
    return words;
  }

  private static long changeId(JsonNode id) {
    if (!id.isIntegralNumber() || !id.canConvertToLong()) {
      throw new IllegalArgumentException("must hold ids of changes only, but holds " + id);
    }
    return id.longValue();
  }
}

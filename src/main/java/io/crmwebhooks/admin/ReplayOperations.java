package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.Operations;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** The operations on {@code /rest/replays}. Thread-safe. */
public final class ReplayOperations {
  private static final String KIND = "replay";
  private static final Pattern ID = Pattern.compile("[1-9][0-9]{0,17}");
  private static final List<String> FIELDS =
      List.of("webhookId", "mode", "since", "until", "events", "dryRun");

  private final Replays replays;

  public ReplayOperations(Sql sql) {
    this.replays = new Replays(sql);
  }

  public Answer list(Call call) throws SQLException {
    Query query = call.query();
    UUID webhook = query.uuid("webhookId");
    int limit = query.integer("limit", 1, 200, 50);
    String before = query.read("cursor", cursor -> Cursor.key(KIND, cursor, ID));
    query.check();
    List<ObjectNode> found =
        replays.list(
            webhook,
            call.caller().workspace(),
            before == null ? null : Long.valueOf(before),
            limit + 1);
    ObjectNode page = Json.object();
    page.putArray("data").addAll(found.subList(0, Math.min(limit, found.size())));
    boolean more = found.size() > limit;
    return Answer.ok(
        page.put(
            "nextCursor", more ? Cursor.of(KIND, found.get(limit - 1).path("id").asText()) : null));
  }

  /** With {@code dryRun} it only counts. */
  public Answer start(Call call) throws SQLException {
    Fields fields = new Fields(call.body(), FIELDS);
    Query texts = fields.asQuery("webhookId", "since", "until");
    for (String required : List.of("webhookId", "since")) {
      fields.require(required, value -> value);
    }
    UUID webhook = texts.uuid("webhookId");
    ReplayMode mode = fields.require("mode", value -> ReplayMode.of(value.asText()));
    List<String> events = fields.read("events", ReplayOperations::events);
    Boolean dryRun = fields.read("dryRun", ReplayOperations::yesOrNo);
    var since = texts.instant("since");
    var until = texts.instant("until");
    fields.check();
    if (until != null && !since.isBefore(until)) {
      throw Problem.invalid("since", "must be before until");
    }
    ReplayRequest request =
        new ReplayRequest(webhook, call.caller().workspace(), mode, since, until, events);
    if (Boolean.TRUE.equals(dryRun)) {
      return Answer.ok(known(replays.count(request, call.progress()::accept)));
    }
    ObjectNode replay = known(replays.start(request));
    return Answer.created("/rest/replays/" + replay.path("id").asText(), replay);
  }

  private static ObjectNode known(Optional<ObjectNode> found) {
    return found.orElseThrow(() -> Problem.invalid("webhookId", "is the id of no webhook"));
  }

  private static List<String> events(JsonNode value) {
    if (!value.isArray() || value.isEmpty() || value.size() > 100) {
      throw new IllegalArgumentException("must be an array of 1 to 100 events");
    }
    List<String> events = new ArrayList<>();
    for (JsonNode event : value) {
      String operation = Fields.text(200).apply(event);
      Operations.check(operation);
      events.add(operation);
    }
    return events;
  }

  private static boolean yesOrNo(JsonNode value) {
    if (!value.isBoolean()) {
      throw new IllegalArgumentException("must be true or false");
    }
    return value.booleanValue();
  }

  public Answer get(Call call) throws SQLException {
    return on(call, replays::find);
  }

  public Answer pause(Call call) throws SQLException {
    return on(call, replays::pause);
  }

  public Answer resume(Call call) throws SQLException {
    return on(call, replays::resume);
  }

  public Answer cancel(Call call) throws SQLException {
    return on(call, replays::cancel);
  }

  private interface Act {
    Optional<ObjectNode> on(long id, String workspace) throws SQLException;
  }

  private static Answer on(Call call, Act act) throws SQLException {
    String id = call.parameter("id");
    if (!ID.matcher(id).matches()) {
      throw Problem.notFound("replay", id);
    }
    try {
      return act.on(Long.parseLong(id), call.caller().workspace())
          .map(Answer::ok)
          .orElseThrow(() -> Problem.notFound("replay", id));
    } catch (ReplayStateException e) {
      throw Problem.of(409, e.getMessage());
    }
  }
}

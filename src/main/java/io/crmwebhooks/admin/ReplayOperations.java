package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The operations on {@code /rest/replays}. Thread-safe. */
public final class ReplayOperations {
  private static final PageWalk.Keys KEYS = PageWalk.Keys.ofChanges("replay");
  private static final List<String> FIELDS =
      List.of("webhookId", "mode", "since", "until", "events", "dryRun");

  private final Replays replays;

  ReplayOperations(Sql sql, Delivered delivered) {
    this.replays = new Replays(sql, delivered);
  }

  public Answer listReplays(Call call) throws SQLException {
    Fields query = call.query();
    UUID webhook = query.uuid("webhookId");
    int limit = query.integer("limit", 1, 200, 50);
    String before = KEYS.cursor(query);
    query.check();
    List<ObjectNode> found = replays.list(webhook, call.workspace(), before, limit + 1);
    return PageWalk.Page.first(limit, found).answer(KEYS);
  }

  /** With {@code dryRun} it only counts. */
  public Answer startReplay(Call call) throws SQLException {
    Fields fields = call.fields(FIELDS);
    for (String required : List.of("webhookId", "since")) {
      fields.require(required, value -> value);
    }
    UUID webhook = fields.uuid("webhookId");
    ReplayMode mode = fields.require("mode", value -> ReplayMode.of(value.asText()));
    List<String> events =
        fields.read(
            "events", Fields.list(100, "events", Fields.text(200).andThen(Listing::checkedEvent)));
    boolean dryRun = fields.isTrue("dryRun");
    Instant since = fields.instant("since");
    Instant until = fields.instant("until");
    fields.check();
    if (until != null && !since.isBefore(until)) {
      throw Problem.invalid("since", "must be before until");
    }
    Replays.Request request =
        new Replays.Request(webhook, call.workspace(), mode, since, until, events);
    if (dryRun) {
      return Answer.ok(known(replays.count(request, call.progress())));
    }
    ObjectNode replay = known(replays.start(request, call.progress()));
    return Answer.created("/rest/replays/" + replay.path("id").asText(), replay);
  }

  private static ObjectNode known(Optional<ObjectNode> found) {
    return found.orElseThrow(() -> Problem.invalid("webhookId", "is the id of no webhook"));
  }

  public Answer getReplay(Call call) throws SQLException {
    return on(call, replays::find);
  }

  public Answer pauseReplay(Call call) throws SQLException {
    return on(call, replays::pause);
  }

  public Answer resumeReplay(Call call) throws SQLException {
    return on(call, replays::resume);
  }

  public Answer cancelReplay(Call call) throws SQLException {
    return on(call, replays::cancel);
  }

  private interface Act {
    Optional<ObjectNode> on(long id, String workspace) throws SQLException;
  }

  private static Answer on(Call call, Act act) throws SQLException {
    return act.on(call.number("replay"), call.workspace())
        .map(Answer::ok)
        .orElseThrow(() -> Problem.notFound("replay", call.parameter("id")));
  }
}

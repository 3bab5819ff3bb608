package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.ChangeAccount.Fate;
import io.crmwebhooks.database.DatabaseTime;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.DoubleConsumer;

/**
 * The replays as an operator manages them. They are carried out by {@code
 * routes/55-replay-changes.camel.yaml} of any running process. A workspace, where it is not null,
 * is the only one whose replays exist for the caller. Thread-safe.
 */
public final class Replays {
  private static final Set<Fate> UNDELIVERED = EnumSet.of(Fate.GAP, Fate.DROPPED, Fate.MUTED);

  private final Sql sql;
  private final ChangeAccount account;
  private final boolean elsewhere;

  public Replays(Sql sql) {
    this(sql, Delivered.NOWHERE);
  }

  /**
   * @param delivered deliveries that are kept elsewhere
   */
  public Replays(Sql sql, Delivered delivered) {
    this.sql = sql;
    this.account = new ChangeAccount(sql, delivered);
    this.elsewhere = delivered.isElsewhere();
  }

  /**
   * The request for a replay.
   *
   * @param workspace the only one whose webhooks the caller may see; null: all
   * @param since when the first change was made, inclusive
   * @param until exclusive; null or in the future: now
   * @param events patterns that narrow those of the webhook; null: none
   */
  public record Request(
      UUID webhookId,
      String workspace,
      ReplayMode mode,
      Instant since,
      Instant until,
      List<String> events) {

    private Map<String, Object> parameters(ChangeAccount.Range range) {
      return Sql.parameters(
          "webhookId", webhookId,
          "workspace", workspace,
          "mode", mode.key(),
          "since", range.since(),
          "until", range.until(),
          "events", events,
          "first", range.first(),
          "last", range.last(),
          "openAfter", range.openAfter(),
          "openUpto", range.openUpto());
    }
  }

  /**
   * Counts what a replay would send, at most, and changes nothing. A change that the customise
   * route drops is not sent. Queued changes will have been dispatched when the replay comes to
   * them.
   *
   * @return empty when there is no such webhook
   */
  public Optional<ObjectNode> count(Request request, DoubleConsumer progress) throws SQLException {
    Optional<ArrayNode> owed = owed(request);
    if (owed.isEmpty()) {
      return Optional.empty();
    }
    ChangeAccount.Range range =
        account.range(request.workspace(), request.since(), request.until());
    Tally tally = new Tally();
    Set<Fate> unsure = elsewhere ? UNDELIVERED : Set.of();
    account.of(range, owed.get(), request.events(), unsure, tally::add, progress);
    ObjectNode gone = sql.row(sql("count-removed.sql"), request.parameters(range)).orElseThrow();

    ObjectNode json =
        Json.object()
            .put("webhookId", request.webhookId().toString())
            .put("mode", request.mode().key())
            .put("since", request.since().toString())
            .put("until", range.until().toString());
    if (request.events() == null) {
      json.putNull("events");
    } else {
      request.events().forEach(json.putArray("events")::add);
    }
    json.put("toSend", fates(request.mode()).stream().mapToLong(tally::sendable).sum());
    tally.into(json);
    json.remove(Fate.UNSERVED.key()); // there is none: it asks for what matches now
    json.set("missing", json.remove(Fate.GAP.key()));
    json.put("removed", tally.removed() + gone.path("removed").asLong());
    Instant complete = range.completeSince();
    return Optional.of(
        json.put("completeSince", complete == null ? null : DatabaseTime.iso(complete)));
  }

  /** The changes that a replay may owe to its webhook; empty when there is no such webhook. */
  private Optional<ArrayNode> owed(Request request) throws SQLException {
    Map<String, Object> webhook =
        Sql.parameters("webhookId", request.webhookId(), "workspace", request.workspace());
    return sql.row(sql("replay-owing.sql"), webhook).map(row -> (ArrayNode) row.get("owing"));
  }

  private static Set<Fate> fates(ReplayMode mode) {
    return switch (mode) {
      case MISSING -> UNDELIVERED;
      case FAILED -> EnumSet.of(Fate.DEAD, Fate.CANCELLED);
      case ALL -> EnumSet.complementOf(EnumSet.of(Fate.PARKED, Fate.FILTERED, Fate.UNSERVED));
    };
  }

  /**
   * Starts a replay; a running process takes it on within a second. Where deliveries are kept
   * elsewhere, it first finds out which are missing. Changes that are still queued then are none.
   *
   * @param progress is told how far that has come, from 0 to 1
   * @return empty when there is no such webhook
   * @throws Problem 400 when more are missing than can be listed
   */
  public Optional<ObjectNode> start(Request request, DoubleConsumer progress) throws SQLException {
    ChangeAccount.Range range =
        account.range(request.workspace(), request.since(), request.until());
    Map<String, Object> parameters = request.parameters(range);
    parameters.put("missing", null);
    if (elsewhere && request.mode() == ReplayMode.MISSING) {
      Optional<ArrayNode> owed = owed(request);
      if (owed.isEmpty()) {
        return Optional.empty();
      }
      MissingChanges missing = new MissingChanges();
      account.of(range, owed.get(), request.events(), UNDELIVERED, missing::add, progress);
      parameters.put("missing", missing.blocks());
    }
    Optional<ObjectNode> started = sql.row(sql("start-replay.sql"), parameters);
    return started.isEmpty()
        ? Optional.empty()
        : find(started.get().path("id").asLong(), request.workspace());
  }

  public Optional<ObjectNode> start(Request request) throws SQLException {
    return start(request, fraction -> {});
  }

  /** The replay with the states of its deliveries. */
  public Optional<ObjectNode> find(long id, String workspace) throws SQLException {
    return rows(id, null, workspace, null, 1).stream().findFirst();
  }

  /**
   * The newest replays first.
   *
   * @param webhookId null: of all webhooks
   * @param before only those older than this one; null: all
   */
  List<ObjectNode> list(UUID webhookId, String workspace, String before, int limit)
      throws SQLException {
    List<ObjectNode> rows = rows(null, webhookId, workspace, before, limit);
    rows.forEach(row -> row.remove("deliveries"));
    return rows;
  }

  private List<ObjectNode> rows(Long id, UUID webhookId, String workspace, String before, int limit)
      throws SQLException {
    return sql.rows(
        sql("show-replays.sql"),
        Sql.parameters(
            "id", id,
            "webhookId", webhookId,
            "workspace", workspace,
            "before", before,
            "elsewhere", elsewhere,
            "limit", limit));
  }

  /**
   * The replay owes nothing more until it is resumed; deliveries that it owes already are still
   * sent.
   */
  public Optional<ObjectNode> pause(long id, String workspace) throws SQLException {
    return move(id, workspace, "paused", List.of("running", "paused"));
  }

  public Optional<ObjectNode> resume(long id, String workspace) throws SQLException {
    return move(id, workspace, "running", List.of("paused", "running"));
  }

  /** Ends it, and cancels what it owes and has not sent. */
  public Optional<ObjectNode> cancel(long id, String workspace) throws SQLException {
    Optional<ObjectNode> cancelled =
        move(id, workspace, "cancelled", List.of("running", "paused", "cancelled"));
    if (cancelled.isEmpty()) {
      return cancelled;
    }
    // Not before the state stands in the database: from then on no chunk is added.
    sql.rows(sql("cancel-replayed.sql"), Map.of("id", id));
    return find(id, workspace);
  }

  /**
   * @throws Problem 409 when its state does not allow that, saying which one it is
   */
  private Optional<ObjectNode> move(long id, String workspace, String state, List<String> from)
      throws SQLException {
    Optional<ObjectNode> replay = find(id, workspace);
    if (replay.isEmpty()) {
      return replay;
    }
    Map<String, Object> parameters = Map.of("id", id, "state", state, "from", from);
    if (sql.row(sql("move-replay.sql"), parameters).isEmpty()) {
      throw Problem.of(
          409,
          "replay %d is %s and cannot become %s"
              .formatted(id, replay.get().path("state").asText(), state));
    }
    return find(id, workspace);
  }
}

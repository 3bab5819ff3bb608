package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The replays as an operator manages them. They are carried out by {@code
 * routes/55-replay-changes.camel.yaml} of any running process. A workspace, where it is not null,
 * is the only one whose replays exist for the caller. Thread-safe.
 */
public final class Replays {
  private final Sql sql;
  private final ChangeAccount account;

  public Replays(Sql sql) {
    this.sql = sql;
    this.account = new ChangeAccount(sql);
  }

  /**
   * Counts what a replay would send, and changes nothing.
   *
   * @return empty when there is no such webhook
   */
  public Optional<ObjectNode> count(ReplayRequest request, ChangeAccount.Progress progress)
      throws SQLException {
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("webhookId", request.webhookId());
    parameters.put("workspace", request.workspace());
    Optional<ObjectNode> webhook = sql.row(sql("replay-owing.sql"), parameters);
    if (webhook.isEmpty()) {
      return Optional.empty();
    }
    ChangeAccount.Range range = account.range(request.since(), request.until());
    Tally tally = new Tally();
    ArrayNode owing = (ArrayNode) webhook.get().get("owing");
    account.of(range, owing, request.events(), tally::add, progress);

    parameters.put("since", range.since());
    parameters.put("until", range.until());
    parameters.put("events", request.events());
    long gone =
        sql.row(sql("count-removed.sql"), parameters).orElseThrow().path("removed").asLong();
    ReplayCount count = new ReplayCount(tally, gone);
    return Optional.of(count.toJson(request, range));
  }

  /**
   * Starts a replay; a running process takes it on within a second.
   *
   * @return empty when there is no such webhook
   */
  public Optional<ObjectNode> start(ReplayRequest request) throws SQLException {
    ChangeAccount.Range range = account.range(request.since(), request.until());
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("webhookId", request.webhookId());
    parameters.put("workspace", request.workspace());
    parameters.put("mode", request.mode().key());
    parameters.put("since", range.since());
    parameters.put("until", range.until());
    parameters.put("events", request.events());
    parameters.put("first", range.first());
    parameters.put("last", range.last());
    parameters.put("openAfter", range.openAfter());
    parameters.put("openUpto", range.openUpto());
    Optional<ObjectNode> started = sql.row(sql("start-replay.sql"), parameters);
    return started.isEmpty()
        ? Optional.empty()
        : find(started.get().path("id").asLong(), request.workspace());
  }

  /** The replay with what became of its deliveries. */
  public Optional<ObjectNode> find(long id, String workspace) throws SQLException {
    return rows(id, null, workspace, null, 1).stream().findFirst();
  }

  /**
   * The newest replays first.
   *
   * @param webhookId null: of all webhooks
   * @param before only those older than this one; null: all
   */
  public List<ObjectNode> list(UUID webhookId, String workspace, Long before, int limit)
      throws SQLException {
    List<ObjectNode> rows = rows(null, webhookId, workspace, before, limit);
    rows.forEach(row -> row.remove("deliveries"));
    return rows;
  }

  private List<ObjectNode> rows(Long id, UUID webhookId, String workspace, Long before, int limit)
      throws SQLException {
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("id", id);
    parameters.put("webhookId", webhookId);
    parameters.put("workspace", workspace);
    parameters.put("before", before);
    parameters.put("limit", limit);
    return sql.rows(sql("show-replays.sql"), parameters);
  }

  /** Owes nothing more until it is resumed; what is owed already is still sent. */
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
   * @throws ReplayStateException when its state does not allow that, saying which one it is
   */
  private Optional<ObjectNode> move(long id, String workspace, String state, List<String> from)
      throws SQLException {
    Optional<ObjectNode> replay = find(id, workspace);
    if (replay.isEmpty()) {
      return replay;
    }
    Map<String, Object> parameters = Map.of("id", id, "state", state, "from", from);
    if (sql.row(sql("move-replay.sql"), parameters).isEmpty()) {
      throw new ReplayStateException(
          "replay %d is %s and cannot become %s"
              .formatted(id, replay.get().path("state").asText(), state));
    }
    return find(id, workspace);
  }
}

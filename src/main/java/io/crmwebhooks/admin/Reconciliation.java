package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.DatabaseTime;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.DoubleConsumer;

/**
 * Proves that nothing was lost, or lists the lost changes. A committed change counts when it
 * matched a webhook while that was served, by the operations that it had then. It must have met one
 * of the fates before {@link ChangeAccount.Fate#GAP}. Thread-safe.
 */
public final class Reconciliation {
  private static final int BATCH = 1000;

  private final Sql sql;
  private final ChangeAccount account;

  public Reconciliation(Sql sql) {
    this(sql, Delivered.NOWHERE);
  }

  /**
   * @param delivered deliveries that are kept elsewhere
   */
  public Reconciliation(Sql sql, Delivered delivered) {
    this.sql = sql;
    this.account = new ChangeAccount(sql, delivered);
  }

  /** {@code GET /rest/reconciliation}. */
  public Answer reconcile(Call call) throws SQLException {
    Fields query = call.query();
    Request request =
        new Request(
            query.instant("since"),
            query.instant("until"),
            query.uuid("webhookId"),
            call.workspaceIn(query),
            query.integer("gaps", 0, 10_000, 1000));
    query.check();
    return Answer.ok(report(request, call.progress()));
  }

  /**
   * The question; null means everything.
   *
   * @param gaps the most gaps to list
   */
  public record Request(Instant since, Instant until, UUID webhookId, String workspace, int gaps) {}

  private record Gap(long changeId, String webhookId) {}

  public ObjectNode report(Request request, DoubleConsumer progress) throws SQLException {
    Map<String, Object> parameters =
        Sql.parameters("webhookId", request.webhookId(), "workspace", request.workspace());
    List<ObjectNode> webhooks = sql.rows(sql("list-owing.sql"), parameters);
    ArrayNode owing = Json.array();
    Map<String, Tally> tallies = new HashMap<>();
    for (ObjectNode webhook : webhooks) {
      owing.addAll((ArrayNode) webhook.remove("owing"));
      tallies.put(webhook.path("webhookId").asText(), new Tally());
    }

    ChangeAccount.Range range =
        account.range(request.workspace(), request.since(), request.until());
    List<Gap> gaps = new ArrayList<>();
    account.of(
        range,
        owing,
        null,
        EnumSet.of(ChangeAccount.Fate.GAP),
        row -> {
          String webhookId = row.path("subscription_id").asText();
          tallies.get(webhookId).add(row);
          row.path("ids").forEach(id -> keep(gaps, new Gap(id.asLong(), webhookId), request));
        },
        progress);

    ObjectNode report = Json.object();
    report.put("since", text(range.since()));
    report.put("until", text(range.until()));
    report.put("completeSince", text(range.completeSince()));
    report.put(
        "gap",
        tallies.values().stream().mapToLong(tally -> tally.of(ChangeAccount.Fate.GAP)).sum());
    ArrayNode each = report.putArray("webhooks");
    webhooks.forEach(
        webhook -> each.add(tallies.get(webhook.path("webhookId").asText()).into(webhook)));
    report.set("gaps", rows(gaps));
    return report;
  }

  private static void keep(List<Gap> gaps, Gap gap, Request request) {
    if (gaps.size() < request.gaps()) {
      gaps.add(gap);
    }
  }

  private ArrayNode rows(List<Gap> gaps) throws SQLException {
    ArrayNode rows = Json.array();
    for (int from = 0; from < gaps.size(); from += BATCH) {
      List<Gap> some = gaps.subList(from, Math.min(gaps.size(), from + BATCH));
      Map<Long, ObjectNode> changes = new TreeMap<>();
      sql.rows(
              sql("show-gaps.sql"),
              Map.of("ids", some.stream().map(Gap::changeId).distinct().toList()))
          .forEach(change -> changes.put(change.path("id").asLong(), change));
      for (Gap gap : some) {
        ObjectNode change = changes.get(gap.changeId());
        if (change != null) { // else it has been removed since
          rows.addObject()
              .put("webhookId", gap.webhookId())
              .put("changeId", gap.changeId())
              .put("event", change.path("event").textValue())
              .put("recordId", change.path("record_id").textValue())
              .put("occurredAt", change.path("occurred_at").asText());
        }
      }
    }
    return rows;
  }

  private static String text(Instant time) {
    return time == null ? null : DatabaseTime.iso(time);
  }

  /**
   * Whether the tables of the pipeline agree with each other.
   *
   * @param most how many problems to name at most
   * @return what does not agree, each a sentence; empty when all of it does
   */
  public List<String> disagreements(int most) throws SQLException {
    return sql.rows(sql("check-consistency.sql"), Map.of("most", most)).stream()
        .map(row -> row.path("problem").asText())
        .toList();
  }
}

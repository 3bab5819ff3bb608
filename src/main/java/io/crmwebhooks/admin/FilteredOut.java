package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Webhook.ProgramFailure;
import io.crmwebhooks.pipeline.StoredFilter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Tells the changes that a filter did not want from those that are lost: such a change has no row
 * at its webhook. It asks the filter that was in force, about several webhooks in one reading of
 * the changes. One whose record was removed can be asked about no more, and counts as not wanted.
 * Used by one thread.
 */
final class FilteredOut {
  private static final int MOST_PAIRS = 200_000;
  private static final int MOST_CHANGES = 1000;

  private final Sql sql;
  private final Consumer<ObjectNode> sure;
  private final List<ObjectNode> held = new ArrayList<>();
  private int pairs;

  /**
   * @param sure takes each row of {@code account-changes.sql} when it is
   */
  FilteredOut(Sql sql, Consumer<ObjectNode> sure) {
    this.sql = sql;
    this.sure = sure;
  }

  /** Takes rows out of a list, each as {@link #take} does. */
  void takeAll(List<ObjectNode> rows) throws SQLException {
    for (ObjectNode row : rows) {
      take(row);
    }
    rows.clear();
  }

  /** Takes a row; one of lost changes that a filter may not have wanted is held back. */
  void take(ObjectNode row) throws SQLException {
    if (!row.hasNonNull("filter") || !row.path("fate").asText().equals("gap")) {
      sure.accept(row);
      return;
    }
    held.add(row);
    pairs += row.path("ids").size();
    if (pairs >= MOST_PAIRS) {
      end();
    }
  }

  /** Judges those that are held back. */
  void end() throws SQLException {
    Set<Long> ids = new TreeSet<>();
    held.forEach(row -> row.path("ids").forEach(id -> ids.add(id.asLong())));
    Map<ObjectNode, Set<Long>> unwanted = new HashMap<>();
    Set<Long> removed = new HashSet<>();
    List<Long> left = new ArrayList<>(ids);
    for (int from = 0; from < left.size(); from += MOST_CHANGES) {
      ask(left.subList(from, Math.min(left.size(), from + MOST_CHANGES)), unwanted, removed);
    }
    held.forEach(row -> split(row, unwanted.getOrDefault(row, Set.of()), removed));
    held.clear();
    pairs = 0;
  }

  private void ask(List<Long> ids, Map<ObjectNode, Set<Long>> unwanted, Set<Long> removed)
      throws SQLException {
    Set<Long> left = new HashSet<>(ids);
    while (!left.isEmpty()) { // each reading is bounded in bytes
      List<Change> changes = Samples.read(sql, left);
      for (Change change : changes) {
        left.remove(change.getId());
        if (change.problem() != null) {
          removed.add(change.getId());
        } else {
          ask(change, unwanted);
        }
      }
      if (changes.isEmpty()) {
        removed.addAll(left);
        return;
      }
    }
  }

  private void ask(Change change, Map<ObjectNode, Set<Long>> unwanted) {
    for (ObjectNode row : held) {
      if (!wants(row.path("filter").asText(), change)) {
        unwanted.computeIfAbsent(row, k -> new HashSet<>()).add(change.getId());
      }
    }
  }

  /** One that a filter fails on should have been kept as a dead letter. */
  static boolean wants(String filter, Change change) {
    try {
      return StoredFilter.of(filter).wants(change);
    } catch (ProgramFailure e) {
      return true;
    }
  }

  private void split(ObjectNode row, Set<Long> unwanted, Set<Long> removed) {
    ArrayNode lost = Json.array();
    int out = 0;
    int outRemoved = 0;
    for (JsonNode id : row.path("ids")) {
      boolean isRemoved = removed.contains(id.asLong());
      if (isRemoved || unwanted.contains(id.asLong())) {
        out++;
        outRemoved += isRemoved ? 1 : 0;
      } else {
        lost.add(id);
      }
    }
    if (out > 0) {
      sure.accept(
          Json.object()
              .put("subscription_id", row.path("subscription_id").asText())
              .put("fate", "filtered")
              .put("changes", out)
              .put("removed", outRemoved));
    }
    if (!lost.isEmpty()) {
      row.put("changes", lost.size())
          .put("removed", Math.max(0, row.path("removed").asLong() - outRemoved))
          .set("ids", lost);
      sure.accept(row);
    }
  }
}

package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Looks again for changes that were found neither in the tables nor elsewhere. They may have been
 * on their way: queued when the other place was read, and recorded there when the tables were read.
 * A change leaves the queue only when what came of it is recorded. So it is lost only if it is not
 * in the other place either, read up to an end that is taken after the tables were read. Used by
 * one thread.
 */
final class SecondLook {
  private static final int MOST = 200_000;

  private final Delivered.Pairs arrived;
  private final Consumer<ObjectNode> sure;
  private final List<ObjectNode> held = new ArrayList<>();
  private int changes;

  /**
   * @param arrived as far as it was read before the tables
   * @param sure takes each row of {@code account-changes.sql} when it is
   */
  SecondLook(Delivered.Pairs arrived, Consumer<ObjectNode> sure) {
    this.arrived = arrived;
    this.sure = sure;
  }

  /** Takes a row; one that names changes is held back. */
  void take(ObjectNode row) {
    row.set("ids", row.remove("named_ids"));
    if (!row.path("ids").isArray()) {
      sure.accept(row);
      return;
    }
    held.add(row);
    changes += row.path("ids").size();
    if (changes >= MOST) {
      end();
    }
  }

  /** Looks for those that are held back. */
  void end() {
    if (!held.isEmpty()) {
      arrived.readOn();
      held.forEach(this::split);
      held.clear();
      changes = 0;
    }
  }

  private void split(ObjectNode row) {
    UUID webhook = UUID.fromString(row.path("subscription_id").asText());
    Set<Long> removed = new HashSet<>();
    row.path("removed_ids").forEach(id -> removed.add(id.asLong()));
    ArrayNode left = Json.array();
    int found = 0;
    int foundRemoved = 0;
    for (JsonNode id : row.path("ids")) {
      if (arrived.has(webhook, id.asLong())) {
        found++;
        foundRemoved += removed.contains(id.asLong()) ? 1 : 0;
      } else {
        left.add(id);
      }
    }
    long gone = row.path("removed").asLong();
    if (found > 0) {
      sure.accept(
          Json.object()
              .put("subscription_id", webhook.toString())
              .put("fate", "delivered")
              .put("changes", found)
              .put("removed", foundRemoved));
    }
    if (!left.isEmpty()) {
      row.put("changes", left.size()).put("removed", gone - foundRemoved).set("ids", left);
      sure.accept(row);
    }
  }
}

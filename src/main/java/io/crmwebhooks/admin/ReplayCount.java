package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.DatabaseTime;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a replay would send.
 *
 * @param tally of all changes of its range that match
 * @param gone changes that would match and have been removed
 */
record ReplayCount(Tally tally, long gone) {

  /**
   * Deliveries that it would owe, at most: what the customise route drops is not sent. Queued
   * changes will have been dispatched when the replay comes to them.
   */
  long toSend(ReplayMode mode) {
    return fates(mode).stream().mapToLong(tally::sendable).sum();
  }

  private static Set<Fate> fates(ReplayMode mode) {
    return switch (mode) {
      case MISSING -> EnumSet.of(Fate.GAP, Fate.DROPPED);
      case FAILED -> EnumSet.of(Fate.DEAD, Fate.CANCELLED);
      case ALL -> EnumSet.complementOf(EnumSet.of(Fate.PARKED, Fate.UNSERVED));
    };
  }

  ObjectNode toJson(ReplayRequest request, ChangeAccount.Range range) {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("webhookId", request.webhookId().toString())
            .put("mode", request.mode().key())
            .put("since", request.since().toString())
            .put("until", range.until().toString());
    if (request.events() == null) {
      json.putNull("events");
    } else {
      ArrayNode events = json.putArray("events");
      request.events().forEach(events::add);
    }
    json.put("toSend", toSend(request.mode()));
    tally.into(json);
    json.remove(Fate.UNSERVED.key()); // there is none: it asks for what matches now
    json.set("missing", json.remove(Fate.GAP.key()));
    json.put("removed", tally.removed() + gone);
    Instant complete = range.completeSince();
    return json.put("completeSince", complete == null ? null : DatabaseTime.iso(complete));
  }
}

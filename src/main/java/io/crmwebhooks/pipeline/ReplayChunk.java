package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.crmwebhooks.database.StorableText;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Verdicts;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The next changes of a replay on their way through the routes, and what is to be recorded of them:
 * marshalled, it is the parameter of {@code owe-replay.sql}. Thread-safe.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public final class ReplayChunk implements Verdicts {
  private static final Logger LOG = LoggerFactory.getLogger(ReplayChunk.class);

  /** The exchange property under which the routes carry it. */
  public static final String PROPERTY = "chunk";

  /** A delivery to be made; the body only where it does not follow from the change. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Owed(@JsonProperty("change_id") long changeId, long epoch, String body) {}

  @JsonProperty private final long replay;
  @JsonProperty private final long position;
  @JsonProperty private final long reached;
  @JsonProperty private final List<Owed> deliveries = new ArrayList<>();
  @JsonProperty private final List<String> again = new ArrayList<>();
  @JsonProperty private final List<Long> dropped = new ArrayList<>();
  @JsonProperty private int refused;
  @JsonProperty private String error;

  private final List<Change> changes = new ArrayList<>();
  private final Set<Long> settled = new HashSet<>();
  private boolean whole = true;

  /**
   * Reads the rows of {@code replay-chunk.sql}: at least one, all with how far it has looked.
   *
   * @param position up to which the replay had come
   * @param room for so many had been asked
   */
  ReplayChunk(long replay, long position, int room, List<Map<String, Object>> rows) {
    this.replay = replay;
    this.position = position;
    long last = position;
    for (Map<String, Object> row : rows) {
      if (row.get("change_id") == null) {
        continue; // nothing found
      }
      last = number(row, "change_id");
      if (row.get("delivery_id") == null) {
        changes.add(new Change(row));
      } else {
        again.add((String) row.get("delivery_id"));
      }
    }
    boolean more =
        last > position
            && (number(rows.get(0), "found") == room || number(rows.get(0), "found") > rows.size());
    reached = more ? last : Math.max(position, number(rows.get(0), "reach"));
  }

  private static long number(Map<String, Object> row, String column) {
    return ((Number) row.get(column)).longValue();
  }

  static ReplayChunk of(Exchange exchange) {
    return exchange.getProperty(PROPERTY, ReplayChunk.class);
  }

  /** The changes that go through the routes; what is made pending again as it is does not. */
  List<Change> changes() {
    return changes;
  }

  synchronized void owe(Change change, String body) {
    if (settled.add(change.getId())) {
      deliveries.add(new Owed(change.getId(), change.getEpoch(), body));
    }
  }

  @Override
  public void moves() {
    // Its lease is for the step as a whole.
  }

  @Override
  public synchronized boolean isSettled(Change change) {
    return settled.contains(change.getId());
  }

  @Override
  public synchronized void drop(Change change) {
    if (settled.add(change.getId())) {
      dropped.add(change.getId());
    }
  }

  /** The change is not parked: others may have got it long ago. */
  @Override
  public synchronized void refuse(Change change, String reason) {
    if (settled.add(change.getId())) {
      LOG.warn("replay.refused change={} reason=\"{}\"", change.getId(), reason);
      refused++;
      error = StorableText.of("change " + change.getId() + ": " + reason);
    }
  }

  @Override
  public synchronized void giveBack(Change change) {
    whole = false;
  }

  /** Whether each change has its verdict; if not, all of them have to be done again. */
  synchronized boolean isWhole() {
    return whole;
  }

  /** Deliveries that it makes pending. */
  @JsonProperty
  int owed() {
    return deliveries.size() + again.size();
  }
}

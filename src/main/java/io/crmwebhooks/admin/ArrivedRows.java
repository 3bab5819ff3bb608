package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Shows what {@link Delivered} has in the form of the tables, and takes it back into them. A
 * workspace, where it is not null, is the only one whose deliveries exist for the caller.
 * Thread-safe.
 */
final class ArrivedRows {
  /** The form of a delivery's id. */
  static final Pattern ID = Pattern.compile("msg_[0-7][0-9a-f]{15}[0-9a-f]{32,48}(_[0-9]{1,19})?");

  private static final int MICROS = 1000;

  private final Sql sql;
  private final Delivered delivered;

  ArrivedRows(Sql sql, Delivered delivered) {
    this.sql = sql;
    this.delivered = delivered;
  }

  boolean isElsewhere() {
    return delivered.isElsewhere();
  }

  Delivered.Page page(Delivered.Wanted wanted, String cursor, int limit) {
    return delivered.page(wanted, cursor, limit);
  }

  /**
   * The outcomes of a change, the first of its delivery that counts.
   *
   * @param from where another read has ended; null: at the beginning
   * @return nothing when there is no such change
   */
  Delivered.Found ofChange(long change, String workspace, String from) throws SQLException {
    Delivered.Place place = places(List.of(change), workspace).get(change);
    return place == null
        ? new Delivered.Found(List.of(), null)
        : delivered.ofChange(place, workspace, from);
  }

  /** The outcomes of deliveries, by their ids, as far as there are any. */
  Delivered.Sought find(Collection<String> ids, String workspace) throws SQLException {
    if (!delivered.isElsewhere()) {
      return Delivered.Sought.NOTHING;
    }
    Map<String, Long> changes = new HashMap<>();
    ids.stream()
        .filter(id -> ID.matcher(id).matches())
        .forEach(id -> changes.put(id, Long.parseLong(id.substring(4, 20), 16)));
    Map<Long, Delivered.Place> places = places(changes.values(), workspace);
    Map<String, Delivered.Place> wanted = new TreeMap<>();
    changes.forEach(
        (id, change) -> {
          if (places.containsKey(change)) {
            wanted.put(id, places.get(change));
          }
        });
    return wanted.isEmpty() ? Delivered.Sought.NOTHING : delivered.find(wanted, workspace);
  }

  private Map<Long, Delivered.Place> places(Collection<Long> changes, String workspace)
      throws SQLException {
    Map<Long, Delivered.Place> places = new HashMap<>();
    Map<String, Object> asked =
        Sql.parameters("ids", changes.stream().distinct().toList(), "workspace", workspace);
    for (ObjectNode row : sql.rows(sql("find-places.sql"), asked)) {
      long epoch = row.path("epoch").asLong();
      places.put(
          row.path("id").asLong(),
          new Delivered.Place(
              row.path("id").asLong(),
              row.path("workspace").asText(),
              row.path("object").asText(),
              row.path("record_id").textValue(),
              Instant.ofEpochMilli(epoch / MICROS)));
    }
    return places;
  }

  /** A row of {@code show-delivery.sql} for an outcome. */
  Optional<ObjectNode> show(ObjectNode outcome, Map<String, Object> values) throws SQLException {
    Map<String, Object> all = new HashMap<>(values);
    all.put("outcomes", Json.array().add(outcome));
    String delivery = sql("find-arrived.sql").replace("-- the outcomes", sql("read-arrived.sql"));
    return sql.row(sql("show-delivery.sql").replace("-- the delivery", delivery), all);
  }

  /** Makes deliveries due now that have outcomes only; says how many. */
  int redeliver(Collection<ObjectNode> outcomes, String workspace) throws SQLException {
    if (outcomes.isEmpty()) {
      return 0;
    }
    ArrayNode all = Json.array();
    all.addAll(outcomes);
    String statement =
        sql("redeliver-arrived.sql").replace("-- the outcomes", sql("read-arrived.sql"));
    return sql.rows(statement, Sql.parameters("outcomes", all, "workspace", workspace)).size();
  }
}

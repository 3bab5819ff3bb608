package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/** Finds deliveries, newest change first. Thread-safe. */
final class DeliverySearch {
  static final String KIND = "delivery";

  /** The form of a delivery's id. */
  static final Pattern ID = Pattern.compile("msg_[0-9a-f]{48,64}(_[0-9]{1,19})?");

  private static final Pattern KEY =
      Pattern.compile("msg_[0-7][0-9a-f]{15}([0-9a-f]{32,48}(_[0-9]{1,19})?)?");
  private static final List<String> STATES = List.of("pending", "delivered", "dead", "cancelled");

  /**
   * Which deliveries are meant.
   *
   * @param webhook null: of all
   * @param state null: in any
   * @param below the key before which a page begins; null: with the newest
   */
  record Filter(UUID webhook, String state, EventFilter events, String below) {
    static Filter of(Query query) {
      return new Filter(
          query.uuid("webhookId"),
          query.oneOf("state", STATES),
          EventFilter.of(query),
          query.read("cursor", cursor -> Cursor.key(KIND, cursor, KEY)));
    }

    Filter inState(String otherState) {
      return new Filter(webhook, otherState, events, below);
    }

    boolean isOfAFew() {
      return state != null && !state.equals("delivered");
    }
  }

  private final Sql sql;

  DeliverySearch(Sql sql) {
    this.sql = sql;
  }

  /**
   * A page of them.
   *
   * @param workspace of the webhooks; null: of all
   */
  PageWalk.Page page(Filter filter, String workspace, int limit, PageWalk walk)
      throws SQLException {
    return walk.fill(
        new Log(filter, workspace),
        filter.events().ranges(sql),
        filter.below(),
        limit,
        !filter.isOfAFew() && (filter.events().isSelective() || filter.state() != null));
  }

  private final class Log implements PageWalk.Log {
    private final String statement;
    private final Map<String, Object> values;

    Log(Filter filter, String workspace) {
      String stretch =
          filter.isOfAFew()
              ? sql("stretch-open-deliveries.sql")
              : filter.webhook() == null && workspace == null
                  ? sql("stretch-deliveries.sql")
                  : sql("stretch-deliveries-of.sql");
      statement = sql("list-deliveries.sql").replace("-- a stretch", stretch);
      values = filter.events().parameters();
      values.put("webhook", filter.webhook());
      values.put("workspace", workspace);
      values.put("states", filter.state() == null ? null : List.of(filter.state()));
    }

    @Override
    public String keyAt(long change) {
      return "msg_%016x".formatted(change);
    }

    @Override
    public long changeOf(String key) {
      return Long.parseLong(key.substring(4, 20), 16);
    }

    @Override
    public List<ObjectNode> read(String below, IdRange within, int size, int limit)
        throws SQLException {
      values.put("below", below);
      values.put("first", within.first());
      values.put("last", within.last());
      values.put("size", size);
      values.put("limit", limit);
      return sql.rows(statement, values);
    }
  }
}

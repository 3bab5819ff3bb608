package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/** Finds deliveries, newest change first. Thread-safe. */
final class DeliverySearch {
  static final String KIND = "delivery";
  static final List<String> STATES = List.of("pending", "delivered", "dead", "cancelled");

  /** The form of a delivery's id. */
  static final Pattern ID = Pattern.compile("msg_[0-9a-f]{48}(_[0-9]{1,19})?");

  /**
   * @param webhook null: of all
   * @param states null: in any
   */
  record Filter(UUID webhook, List<String> states, EventFilter events) {}

  private final Sql sql;

  DeliverySearch(Sql sql) {
    this.sql = sql;
  }

  /**
   * A page of them.
   *
   * @param workspace of the webhooks; null: of all
   * @param below the id after which the page begins; null: with the newest
   */
  PageWalk.Page page(Filter filter, String workspace, String below, int limit, PageWalk walk)
      throws SQLException {
    Map<String, Object> values = new HashMap<>(filter.events().parameters(sql));
    values.put("webhook", filter.webhook());
    values.put("workspace", workspace);
    values.put("states", filter.states());
    values.put("least", "msg_" + hex(number(values.get("firstChange"))));
    String statement =
        sql("list-deliveries.sql")
            .replace("-- one of the stretch-….sql", stretch(filter, workspace));
    boolean open = filter.states() != null && !filter.states().contains("delivered");
    boolean selective = filter.events().isSelective() || filter.states() != null && !open;
    String first = "msg_" + hex(number(values.get("lastChange")) + 1);
    return walk.fill(
        below == null || below.compareTo(first) > 0 ? first : below,
        limit,
        selective,
        (from, size, most) -> {
          values.put("below", from);
          values.put("size", size);
          values.put("limit", most);
          return sql.rows(statement, values);
        });
  }

  private static String stretch(Filter filter, String workspace) {
    if (filter.states() != null && !filter.states().contains("delivered")) {
      return sql("stretch-open-deliveries.sql");
    }
    return filter.webhook() == null && workspace == null
        ? sql("stretch-deliveries.sql")
        : sql("stretch-deliveries-of.sql");
  }

  private static long number(Object value) {
    return ((Number) value).longValue();
  }

  private static String hex(long id) {
    return "%016x".formatted(id);
  }
}

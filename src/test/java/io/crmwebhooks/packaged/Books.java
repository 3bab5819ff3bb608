package io.crmwebhooks.packaged;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.admin.ChangeAccount;
import io.crmwebhooks.admin.Delivered;
import io.crmwebhooks.admin.Reconciliation;
import io.crmwebhooks.database.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/** The state of changes and deliveries, as the database has it. */
public final class Books {
  private static final String WHERE =
      """
      SELECT c.id, q.change_id IS NOT NULL AS queued, q.node, q.lease_until - now() AS lease,
        (SELECT reason FROM webhooks.parked_change p WHERE p.change_id = c.id) AS parked,
        (SELECT string_agg(concat_ws(' ', s.target_url, d.state, d.attempts, d.attempted_at, d.due_at - now(), d.error), '; ')
          FROM webhooks.delivery d JOIN webhooks.subscription s ON s.id = d.subscription_id
          WHERE d.change_id = c.id) AS deliveries
      FROM webhooks.change c LEFT JOIN webhooks.undispatched q ON q.change_id = c.id
      WHERE c.record->>'n' = '%d'""";

  private final DataSource dataSource;
  private final Delivered delivered;

  public Books(DataSource dataSource) {
    this(dataSource, Delivered.NOWHERE);
  }

  /**
   * @param delivered deliveries that are kept elsewhere
   */
  public Books(DataSource dataSource, Delivered delivered) {
    this.dataSource = dataSource;
    this.delivered = delivered;
  }

  /**
   * How many changes met each fate as {@code reconcile} counts them, over all webhooks; of the
   * fates that it counts any of.
   */
  public Map<String, Long> reconciled() {
    Map<String, Long> fates = new TreeMap<>();
    try {
      JsonNode report =
          new Reconciliation(new Sql(dataSource), delivered)
              .report(new Reconciliation.Request(null, null, null, null, 1), fraction -> {});
      for (JsonNode webhook : report.path("webhooks")) {
        for (ChangeAccount.Fate fate : ChangeAccount.Fate.values()) {
          fates.merge(fate.key(), webhook.path(fate.key()).asLong(), Long::sum);
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    fates.values().removeIf(count -> count == 0);
    return fates;
  }

  /**
   * @param from what follows FROM; tables by their own names
   */
  public long count(String from) {
    return Long.parseLong(ask("SELECT count(*) AS n FROM " + from).substring(2));
  }

  /**
   * The numbers in the records of changes.
   *
   * @param which what follows FROM the table of changes
   */
  public BitSet numbers(String which) {
    BitSet numbers = new BitSet();
    try {
      new Sql(dataSource)
          .rows("SELECT record->>'n' AS n FROM webhooks.change " + which, Map.of())
          .forEach(row -> numbers.set(row.path("n").asInt()));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return numbers;
  }

  /** Where a change is, in words for a failure message. */
  public String whereIs(int number) {
    return "change number " + number + ": " + ask(WHERE.formatted(number));
  }

  /** The first row of an answer as {@code column=value} pairs. */
  private String ask(String sql) {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      if (!row.next()) {
        return "not in the database";
      }
      return IntStream.rangeClosed(1, row.getMetaData().getColumnCount())
          .mapToObj(column -> pair(row, column))
          .collect(Collectors.joining(" "));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pair(ResultSet row, int column) {
    try {
      return row.getMetaData().getColumnName(column) + "=" + row.getString(column);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}

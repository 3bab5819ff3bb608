package io.crmwebhooks.packaged;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/** The state of changes and deliveries in the database. */
public final class Books {
  private static final String WHERE =
      """
      SELECT c.id, q.change_id IS NOT NULL AS queued, q.node, q.lease_until - now() AS lease,
        (SELECT reason FROM webhooks.parked_change p WHERE p.change_id = c.id) AS parked,
        (SELECT string_agg(concat_ws(' ', s.target_url, d.state, d.attempts, d.due_at - now(), d.error), '; ')
          FROM webhooks.delivery d JOIN webhooks.subscription s ON s.id = d.subscription_id
          WHERE d.change_id = c.id) AS deliveries
      FROM webhooks.change c LEFT JOIN webhooks.undispatched q ON q.change_id = c.id
      WHERE c.record->>'n' = '%d'""";

  private final DataSource dataSource;

  public Books(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /**
   * @param from what follows FROM; tables by their own names
   */
  public long count(String from) {
    return Long.parseLong(ask("SELECT count(*) AS n FROM " + from).substring(2));
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

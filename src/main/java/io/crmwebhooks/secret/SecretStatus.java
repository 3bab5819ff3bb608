package io.crmwebhooks.secret;

import io.crmwebhooks.database.Transaction;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.sql.DataSource;

/** How many secrets are stored under which key, as text for people. */
public final class SecretStatus {
  private static final String STORED =
      """
      SELECT secret FROM webhooks.subscription WHERE secret <> ''
      UNION ALL SELECT previous_secret FROM webhooks.subscription WHERE previous_secret <> ''
      UNION ALL SELECT h.value #>> '{}' FROM webhooks.subscription, jsonb_each(headers) h
      WHERE jsonb_typeof(h.value) IN ('string', 'number', 'boolean') AND h.value #>> '{}' <> ''""";

  private SecretStatus() {}

  public static String read(DataSource dataSource) throws SQLException {
    return Transaction.run(dataSource, SecretStatus::read);
  }

  private static String read(Connection connection) throws SQLException {
    Optional<String> current = CurrentKey.read(connection);
    Map<String, Integer> counts = new TreeMap<>();
    current.ifPresent(id -> counts.put(id, 0));
    try (PreparedStatement stored = connection.prepareStatement(STORED);
        ResultSet row = stored.executeQuery()) {
      while (row.next()) {
        String secret = row.getString(1);
        String key = SealedSecret.isSealed(secret) ? SealedSecret.keyId(secret) : "none";
        counts.merge(key, 1, Integer::sum);
      }
    }
    StringBuilder text = new StringBuilder();
    counts.forEach(
        (key, count) ->
            text.append(
                "%-8s  %d secrets%s%n"
                    .formatted(
                        key,
                        count,
                        current.equals(Optional.of(key)) ? ", and new ones from now on" : "")));
    return text.toString();
  }
}

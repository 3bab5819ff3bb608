package io.crmwebhooks.secret;

import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What must hold before a process may touch secrets: every stored one opens with its keys, and it
 * has the key that all processes store new ones under. Only where there is neither a stored secret
 * nor another process is a key chosen or made.
 */
final class KeyCheck {
  private static final Logger LOG = LoggerFactory.getLogger(KeyCheck.class);
  private static final int NAMED = 3;

  private static final String OTHERS =
      """
      SELECT EXISTS (SELECT FROM webhooks.node
        WHERE id <> ? AND seen_at > now() - 5 * CAST(? AS interval))""";

  private KeyCheck() {}

  static void run(
      Connection connection, StorageKeys keys, Secrets secrets, Settings settings, int node)
      throws SQLException {
    CurrentKey.lock(connection);
    requireReadable(StoredSecrets.inUse(connection), secrets);
    Optional<String> current = CurrentKey.read(connection);
    if (current.isPresent() && keys.find(current.get()).isPresent()) {
      return;
    }
    if (current.isPresent() && othersRun(connection, settings, node)) {
      throw new StartupException(
          "other processes on this database store secrets under the key "
              + current.get()
              + ", which is not in "
              + keys.place()
              + "; all processes need the same keys");
    }
    StorageKey chosen = keys.newest().orElseGet(keys::make);
    current.ifPresent(
        lost -> LOG.warn("secrets.key {} instead of {}, which nothing needs", chosen, lost));
    CurrentKey.set(connection, chosen.id());
  }

  private static void requireReadable(List<StoredSecrets.Row> stored, Secrets secrets) {
    List<String> problems = new ArrayList<>();
    for (StoredSecrets.Row row : stored) {
      try {
        secrets.open(row.webhook(), row.secret());
        secrets.open(row.webhook(), row.previous());
        secrets.openHeaders(row.webhook(), row.headers());
      } catch (UnreadableSecretException e) {
        problems.add("webhook " + row.webhook() + ": " + e.getMessage());
      }
    }
    if (!problems.isEmpty()) {
      throw new StartupException(
          String.join("; ", problems.subList(0, Math.min(NAMED, problems.size())))
              + (problems.size() > NAMED ? "; and " + (problems.size() - NAMED) + " more" : "")
              + ". Give this process the right key, or write these secrets anew: docs/security.md");
    }
  }

  private static boolean othersRun(Connection connection, Settings settings, int node)
      throws SQLException {
    try (PreparedStatement others = connection.prepareStatement(OTHERS)) {
      others.setInt(1, node);
      others.setString(2, settings.duration("webhooks.node.heartbeat").toString()); // ISO 8601
      try (ResultSet row = others.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }
}

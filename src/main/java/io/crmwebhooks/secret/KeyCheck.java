package io.crmwebhooks.secret;

import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The condition for a process to touch secrets: every stored one opens with its keys, and it has
 * the key that all processes encrypt new ones with. Only where there is neither a stored secret nor
 * another process is a key chosen or made.
 */
final class KeyCheck {
  private static final Logger LOG = LoggerFactory.getLogger(KeyCheck.class);
  private static final int NAMED = 3;

  private KeyCheck() {}

  /**
   * @param opening opens all secrets of a row
   * @param node this process, if it is in the table of nodes
   */
  static void run(
      Connection connection,
      StorageKeys keys,
      Consumer<StoredSecrets.Row> opening,
      Settings settings,
      int node)
      throws SQLException {
    StoredSecrets.lockCurrentKey(connection);
    requireReadable(StoredSecrets.inUse(connection), opening);
    Optional<String> current = StoredSecrets.currentKey(connection);
    if (current.isPresent() && keys.find(current.get()).isPresent()) {
      return;
    }
    Duration heartbeat = settings.duration("webhooks.node.heartbeat");
    if (current.isPresent()
        && !StoredSecrets.nodesWithout(connection, "", node, heartbeat).isEmpty()) {
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
    StoredSecrets.setCurrentKey(connection, chosen);
  }

  private static void requireReadable(
      List<StoredSecrets.Row> stored, Consumer<StoredSecrets.Row> opening) {
    List<String> problems = new ArrayList<>();
    for (StoredSecrets.Row row : stored) {
      try {
        opening.accept(row);
      } catch (SealedSecret.UnreadableException e) {
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
}

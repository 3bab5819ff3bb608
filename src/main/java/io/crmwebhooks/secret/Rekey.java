package io.crmwebhooks.secret;

import io.crmwebhooks.database.Sql.Transaction;
import io.crmwebhooks.settings.StartupException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/**
 * Moves all stored secrets under another key, while processes run. Each step can be cut short and
 * begun again. The key is in the file before the database names it. Every process has it before it
 * is the current one. A secret is under the old key or the new one, and both are known.
 */
public final class Rekey {
  private static final UUID FIRST = new UUID(0, 0);
  private static final int NONE = 0; // of the nodes
  private static final long LOOK_AGAIN_MS = 200;

  private final Secrets secrets;
  private final DataSource dataSource;
  private final Duration heartbeat;

  /**
   * @param heartbeat how often a running process says which keys it has
   */
  public Rekey(Secrets secrets, Duration heartbeat) {
    this.secrets = secrets;
    this.dataSource = secrets.dataSource();
    this.heartbeat = heartbeat;
  }

  /** The result: the ids of the keys, and how many webhooks were moved or could not be. */
  public record Result(String from, String to, int moved, int unreadable) {}

  /**
   * @throws StartupException when there is no other key to move to, or a process does not have it
   */
  public Result run() throws SQLException {
    String before = Transaction.run(dataSource, c -> StoredSecrets.currentKey(c).orElseThrow());
    StorageKey target = target(before);
    awaitEverywhere(target);
    Transaction.run(
        dataSource,
        connection -> {
          StoredSecrets.lockCurrentKey(connection);
          StoredSecrets.setCurrentKey(connection, target);
          return null;
        });
    return move(before, target);
  }

  /** The newest key, or one made now when all secrets are under it already. */
  private StorageKey target(String current) throws SQLException {
    StorageKey newest = secrets.keys().newest().orElseThrow();
    boolean finished =
        newest.id().equals(current)
            && Transaction.run(dataSource, StoredSecrets::inUse).stream()
                .allMatch(row -> row.isUnder(newest));
    if (!finished) {
      return newest;
    }
    if (!secrets.keys().areInFile()) {
      throw new StartupException(
          "all secrets are under the newest key of webhooks.secrets.key, "
              + current
              + "; add another at its end (crm-webhooks secret new-key makes one), give that to all processes, and run this again");
    }
    return secrets.keys().make();
  }

  private void awaitEverywhere(StorageKey target) throws SQLException {
    long giveUp = System.nanoTime() + heartbeat.multipliedBy(10).toNanos();
    String without = processesWithout(target);
    while (!without.isEmpty()) {
      if (System.nanoTime() > giveUp) {
        throw new StartupException(
            "the running processes with the numbers "
                + without
                + " do not have the key "
                + target.id()
                + "; nothing was changed. Add it to theirs, restart those that take it from webhooks.secrets.key, and run this again");
      }
      pause();
      without = processesWithout(target);
    }
  }

  private String processesWithout(StorageKey target) throws SQLException {
    return Transaction.run(
        dataSource, c -> StoredSecrets.nodesWithout(c, target.id(), NONE, heartbeat));
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("interrupted; run it again to finish");
    }
  }

  private Result move(String from, StorageKey target) throws SQLException {
    int moved = 0;
    int unreadable = 0;
    UUID last = FIRST;
    while (true) {
      UUID after = last;
      List<StoredSecrets.Row> done = Transaction.run(dataSource, c -> moveSome(c, target, after));
      if (done.isEmpty()) {
        return new Result(from, target.id(), moved, unreadable);
      }
      int left = (int) done.stream().filter(row -> !row.isUnder(target)).count();
      unreadable += left;
      moved += done.size() - left;
      last = done.get(done.size() - 1).webhook();
    }
  }

  private List<StoredSecrets.Row> moveSome(Connection connection, StorageKey target, UUID after)
      throws SQLException {
    List<StoredSecrets.Row> moved =
        StoredSecrets.notUnder(connection, target, after).stream()
            .map(row -> secrets.resealed(row, target))
            .toList();
    StoredSecrets.replace(connection, moved);
    return moved;
  }
}

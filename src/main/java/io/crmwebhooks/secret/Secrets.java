package io.crmwebhooks.secret;

import io.crmwebhooks.database.Sql.Transaction;
import io.crmwebhooks.http.NewSecret;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens and seals the secrets of the webhooks, those of their {@link SecretColumn}s included, with
 * the keys of this process. They stand encrypted in the database. Thread-safe.
 */
public final class Secrets {
  private static final Logger LOG = LoggerFactory.getLogger(Secrets.class);

  private final DataSource dataSource;
  private final StorageKeys keys;

  private Secrets(DataSource dataSource, StorageKeys keys) {
    this.dataSource = dataSource;
    this.keys = keys;
  }

  /** For who only looks at the routes: it has no key and no database. */
  public static Secrets none() {
    return new Secrets(null, StorageKeys.none());
  }

  /** For a command: as {@link #open(Settings, DataSource, int)}, beside all nodes. */
  public static Secrets open(Settings settings, DataSource dataSource) {
    return open(settings, dataSource, 0);
  }

  /**
   * Reads the keys, makes one when none is needed yet, and encrypts what stands in plain text.
   *
   * @param node this process, if it is in the table of nodes
   * @throws StartupException when a stored secret does not open, naming its webhook, or other
   *     processes use a key that this one does not have
   */
  public static Secrets open(Settings settings, DataSource dataSource, int node) {
    Secrets secrets = new Secrets(dataSource, StorageKeys.of(settings));
    try {
      Transaction.run(
          dataSource,
          connection -> {
            KeyCheck.run(connection, secrets.keys, secrets::openAll, settings, node);
            return null;
          });
      secrets.sealPlain();
      return secrets;
    } catch (SQLException e) {
      throw new StartupException("cannot read the stored secrets: " + e.getMessage(), e);
    }
  }

  public StorageKeys keys() {
    return keys;
  }

  DataSource dataSource() {
    return dataSource;
  }

  /**
   * Turns a secret as it is stored into the one to sign with.
   *
   * @param stored encrypted, or plain as somebody has written it by SQL, or empty
   * @throws SealedSecret.UnreadableException when it does not open
   */
  public String open(UUID webhook, String stored) {
    return open(webhook, SealedSecret.SECRET, stored);
  }

  /**
   * Opens the secrets in a column of a webhook.
   *
   * @param json as they are stored; values in plain text are left; null: there are none
   * @throws SealedSecret.UnreadableException when a value does not open, naming it
   */
  public String open(UUID webhook, SecretColumn column, String json) {
    return column.changed(json, (what, value) -> open(webhook, what, value));
  }

  String open(UUID webhook, String what, String stored) {
    if (!SealedSecret.isSealed(stored)) {
      return stored;
    }
    String id = SealedSecret.keyId(stored);
    StorageKey key =
        keys.find(id)
            .orElseThrow(
                () ->
                    new SealedSecret.UnreadableException(
                        "its %s is stored under the key %s, which is not in %s"
                            .formatted(what, id, place())));
    return SealedSecret.open(key, what, webhook, stored);
  }

  /**
   * Encrypts a secret to be written in the transaction of this connection.
   *
   * @param plain empty stays empty
   * @throws IllegalArgumentException when it has the form of an encrypted one
   * @throws StartupException when this process does not have the key that is current
   */
  public String seal(Connection connection, UUID webhook, String plain) throws SQLException {
    requirePlain(plain);
    return plain.isEmpty()
        ? plain
        : SealedSecret.seal(currentKey(connection), SealedSecret.SECRET, webhook, plain);
  }

  /**
   * As {@link #seal}, of the secrets in a column.
   *
   * @param json an object of texts
   */
  public String seal(Connection connection, UUID webhook, SecretColumn column, String json)
      throws SQLException {
    StorageKey key = currentKey(connection);
    return column.changed(
        json,
        (what, value) -> {
          requirePlain(value);
          return SealedSecret.seal(key, what, webhook, value);
        });
  }

  private static void requirePlain(String plain) {
    if (SealedSecret.isSealed(plain)) {
      throw new IllegalArgumentException("a secret must not begin with " + SealedSecret.PREFIX);
    }
  }

  private StorageKey currentKey(Connection connection) throws SQLException {
    String id =
        StoredSecrets.currentKey(connection)
            .orElseThrow(() -> new IllegalStateException("no key was made at the start"));
    return keys.find(id)
        .orElseThrow(
            () ->
                new StartupException(
                    "secrets are now stored under the key " + id + ", which is not in " + place()));
  }

  public String place() {
    return keys.place();
  }

  /**
   * Encrypts the secrets that somebody has written in plain text by SQL.
   *
   * @return how many webhooks had such
   */
  public int sealPlain() throws SQLException {
    int sealed = 0;
    int batch;
    do {
      batch = Transaction.run(dataSource, this::sealSomePlain);
      sealed += batch;
    } while (batch > 0);
    if (sealed > 0) {
      LOG.info("secrets.encrypted webhooks={}", sealed);
    }
    return sealed;
  }

  private int sealSomePlain(Connection connection) throws SQLException {
    List<StoredSecrets.Row> plain = StoredSecrets.plain(connection);
    if (plain.isEmpty()) {
      return 0;
    }
    StorageKey key = currentKey(connection);
    StoredSecrets.replace(connection, plain.stream().map(row -> resealed(row, key)).toList());
    return plain.size();
  }

  private void openAll(StoredSecrets.Row row) {
    row.changed((what, stored) -> open(row.webhook(), what, stored));
  }

  /** The same secrets under the key, those in plain text as well; one that does not open stays. */
  StoredSecrets.Row resealed(StoredSecrets.Row row, StorageKey key) {
    UUID webhook = row.webhook();
    StoredSecrets.Row resealed =
        row.changed(
            (what, stored) -> {
              try {
                return SealedSecret.seal(key, what, webhook, open(webhook, what, stored));
              } catch (SealedSecret.UnreadableException e) {
                return stored;
              }
            });
    return SealedSecret.isSealed(row.secret())
        ? resealed
        : resealed.withPublicKey(publicKey(row.secret()));
  }

  /** Null also of a secret that cannot sign; its attempts say so. */
  private static String publicKey(String plain) {
    try {
      return NewSecret.publicKey(plain).orElse(null);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** As {@link #sealPlain}, for a route that goes on without it: an error is logged. */
  public void encryptPlain() {
    try {
      sealPlain();
    } catch (SQLException | StartupException e) {
      LOG.warn("secrets.plain they stay in plain text for now problem=\"{}\"", e.getMessage());
    }
  }

  /** For the housekeeping: {@link #sealPlain}, and drops secrets that no longer sign. */
  public void tidy() throws SQLException {
    sealPlain();
    Transaction.run(
        dataSource,
        connection -> {
          StoredSecrets.forgetExpired(connection);
          return null;
        });
  }

  /** How many secrets are stored under which key, as text for people. */
  public static String status(DataSource dataSource) throws SQLException {
    return Transaction.run(dataSource, StoredSecrets::status);
  }

  /** The ids of the keys that this process has, as PostgreSQL writes an array. */
  public String getKeyIds() {
    return "{" + String.join(",", keys.ids()) + "}";
  }
}

package io.crmwebhooks.admin;

import io.crmwebhooks.database.DatabaseTime;
import io.crmwebhooks.database.Transaction;
import io.crmwebhooks.http.NewSecret;
import io.crmwebhooks.http.Scheme;
import io.crmwebhooks.secret.SealedSecret;
import io.crmwebhooks.secret.Secrets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What webhooks are signed with, as an operator changes it. Thread-safe. */
public final class WebhookSecrets {
  private static final Logger LOG = LoggerFactory.getLogger(WebhookSecrets.class);

  private static final String READ =
      """
      SELECT secret, signature_schemes
      FROM webhooks.subscription WHERE id = ? AND deleted_at IS NULL""";

  // The database's clock, so that all processes mean the same end.
  private static final String ROTATE =
      """
      UPDATE webhooks.subscription
      SET secret = ?, public_key = ?, previous_secret = ?, previous_secret_until = now() + CAST(? AS interval),
        updated_at = greatest(now(), least(updated_at, now() + interval '1 day') + interval '1 microsecond')
      WHERE id = ? RETURNING previous_secret_until::text""";

  private final DataSource dataSource;
  private final Supplier<Secrets> secrets;

  /**
   * @param secrets asked when one is to be read or written
   */
  public WebhookSecrets(DataSource dataSource, Supplier<Secrets> secrets) {
    this.dataSource = dataSource;
    this.secrets = secrets;
  }

  /**
   * The outcome of a rotation.
   *
   * @param secret for the receiver, to be shown this once; null for an ed25519 key, of which the
   *     receiver needs the public one only
   */
  public record Rotated(String secret, String publicKey, Instant previousUntil) {
    @Override
    public String toString() {
      return "rotated, previous until " + previousUntil;
    }
  }

  private record Stored(String secret, Set<Scheme> schemes) {
    @Override
    public String toString() {
      return "secret as stored";
    }
  }

  /**
   * Tells whether a webhook that is to be changed could still be signed.
   *
   * @param connection whose transaction has locked the webhook
   * @param secret the new one; null: it keeps its own
   * @param schemes likewise
   * @throws IllegalArgumentException when it could not; without repeating the secret
   * @throws SealedSecret.UnreadableException when the one that it has does not open
   */
  static void check(
      Connection connection, Secrets opened, UUID webhook, String secret, Set<Scheme> schemes)
      throws SQLException {
    Optional<Stored> stored = read(connection, webhook, "");
    if (stored.isPresent()) {
      Set<Scheme> wanted = schemes != null ? schemes : stored.get().schemes();
      if (secret != null) {
        NewSecret.checkGiven(secret, wanted);
      } else {
        NewSecret.check(opened.open(webhook, stored.get().secret()), wanted);
      }
    }
  }

  /**
   * Gives a webhook a new secret. The old one signs beside it for a while, and is then forgotten;
   * one that was still signing from an earlier rotation is forgotten now.
   *
   * @param secret the new one; null: one is made, a key pair after a key pair
   * @param overlap how long the old one still signs; zero: no longer
   * @return empty when there is no such webhook
   * @throws IllegalArgumentException when the new secret cannot sign; without repeating it
   * @throws SealedSecret.UnreadableException when the old one does not open
   */
  public Optional<Rotated> rotate(UUID webhook, String secret, Duration overlap)
      throws SQLException {
    Secrets opened = secrets.get();
    return Transaction.run(
        dataSource,
        connection -> {
          Optional<Stored> stored = read(connection, webhook, " FOR UPDATE");
          return stored.isEmpty()
              ? Optional.empty()
              : Optional.of(rotate(connection, opened, webhook, stored.get(), secret, overlap));
        });
  }

  private static Rotated rotate(
      Connection connection,
      Secrets secrets,
      UUID webhook,
      Stored stored,
      String secret,
      Duration overlap)
      throws SQLException {
    String old = secrets.open(webhook, stored.secret());
    String used = secret == null ? NewSecret.like(old) : secret;
    if (used.isEmpty() || used.equals(old)) {
      throw new IllegalArgumentException("secret must be another one, and not empty");
    }
    NewSecret.checkGiven(used, stored.schemes());
    boolean keep = !old.isEmpty() && !overlap.isZero();
    try (PreparedStatement rotate = connection.prepareStatement(ROTATE)) {
      rotate.setString(1, secrets.seal(connection, webhook, used));
      rotate.setString(2, NewSecret.publicKey(used).orElse(null));
      rotate.setString(3, keep ? secrets.seal(connection, webhook, old) : "");
      rotate.setString(4, keep ? overlap.toString() : null); // ISO 8601
      rotate.setObject(5, webhook);
      try (ResultSet row = rotate.executeQuery()) {
        row.next();
        Instant until = instant(row.getString(1));
        LOG.info("webhook.secret-rotated webhook={} previousUntil={}", webhook, until);
        Optional<String> publicKey = NewSecret.publicKey(used);
        return new Rotated(publicKey.isPresent() ? null : used, publicKey.orElse(null), until);
      }
    }
  }

  private static Optional<Stored> read(Connection connection, UUID webhook, String lock)
      throws SQLException {
    try (PreparedStatement read = connection.prepareStatement(READ + lock)) {
      read.setObject(1, webhook);
      try (ResultSet row = read.executeQuery()) {
        return row.next()
            ? Optional.of(
                new Stored(
                    row.getString(1),
                    Scheme.parse(Arrays.asList((String[]) row.getArray(2).getArray()))))
            : Optional.empty();
      }
    }
  }

  private static Instant instant(String time) {
    return time == null ? null : DatabaseTime.parse(time);
  }
}

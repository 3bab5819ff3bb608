package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.database.Sql.Transaction;
import io.crmwebhooks.http.NewSecret;
import io.crmwebhooks.http.Scheme;
import io.crmwebhooks.secret.SealedSecret;
import io.crmwebhooks.secret.SecretColumn;
import io.crmwebhooks.secret.Secrets;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The secrets of webhooks, as an operator changes them. Thread-safe. */
public final class WebhookSecrets {
  private static final Logger LOG = LoggerFactory.getLogger(WebhookSecrets.class);

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
   * The secret of a new webhook: the given one, a shared one when it is missing, or a key pair on
   * request.
   *
   * @param used to sign with
   * @param shown to the caller this once; null: only the public key is
   */
  record Given(String used, String shown) {
    static Given read(ObjectNode body, Fields fields) {
      String given = fields.read("secret", Fields.text(500));
      boolean pair = isPair(fields, given);
      String made = pair ? NewSecret.ed25519() : NewSecret.shared();
      String used = given == null ? made : given;
      try {
        NewSecret.checkGiven(used, schemes(body));
      } catch (IllegalArgumentException e) {
        fields.error(given == null ? "signatureSchemes" : "secret", e.getMessage());
      }
      return new Given(used, pair ? null : used);
    }

    /** Whether a key pair is asked for, which excludes a secret that is given. */
    static boolean isPair(Fields fields, String given) {
      boolean pair = fields.isTrue("ed25519");
      if (pair && given != null) {
        fields.error("ed25519", "makes a key of its own, and so excludes a secret");
      }
      return pair;
    }

    /** The reader of the other fields names their errors. */
    static Set<Scheme> schemes(ObjectNode body) {
      try {
        Set<Scheme> schemes = WebhookValues.schemes(body.get("signatureSchemes"));
        return schemes == null ? Scheme.ALL : schemes;
      } catch (IllegalArgumentException e) {
        return Scheme.ALL;
      }
    }

    @Override
    public String toString() {
      return "secret of a new webhook";
    }
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
    Optional<Stored> stored = read(connection, webhook);
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
   * Tells whether a webhook has this secret.
   *
   * @param connection whose transaction has locked the webhook
   * @param secret empty: none
   * @throws SealedSecret.UnreadableException when the one that it has does not open
   */
  static boolean isSecret(Connection connection, Secrets opened, UUID webhook, String secret)
      throws SQLException {
    String stored = read(connection, webhook).map(Stored::secret).orElse("");
    return MessageDigest.isEqual(bytes(opened.open(webhook, stored)), bytes(secret));
  }

  /**
   * A column of a webhook with its secrets open; empty where it has none.
   *
   * @throws SealedSecret.UnreadableException when one does not open
   */
  static Optional<JsonNode> opened(
      Connection connection, Secrets opened, UUID webhook, SecretColumn column)
      throws SQLException {
    return Sql.rows(connection, sql("read-secret.sql"), Map.of("id", webhook)).stream()
        .map(row -> row.path(column.column()).textValue())
        .filter(Objects::nonNull)
        .map(stored -> Json.trusted(opened.open(webhook, column, stored)))
        .findFirst();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Gives a webhook a new secret. The old one signs beside it for a while and is then forgotten. A
   * still older one, from an earlier rotation, is forgotten now.
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
          Optional<Stored> stored = read(connection, webhook);
          return stored.isEmpty()
              ? Optional.empty()
              : Optional.of(rotate(connection, opened, webhook, stored.get(), secret, overlap));
        });
  }

  /** As {@link #rotate(UUID, String, Duration)}, in the transaction of this connection. */
  static void rotate(
      Connection connection, Secrets opened, UUID webhook, String secret, Duration overlap)
      throws SQLException {
    rotate(connection, opened, webhook, read(connection, webhook).orElseThrow(), secret, overlap);
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
    String publicKey = NewSecret.publicKey(used).orElse(null);
    Map<String, Object> values =
        Sql.parameters(
            "id",
            webhook,
            "secret",
            secrets.seal(connection, webhook, used),
            "publicKey",
            publicKey,
            "old",
            keep ? secrets.seal(connection, webhook, old) : "",
            "overlap",
            keep ? overlap : null); // ISO 8601
    String end =
        Sql.rows(connection, sql("rotate-secret.sql"), values).get(0).path("until").textValue();
    Instant until = end == null ? null : Instant.parse(end);
    LOG.info("webhook.secret-rotated webhook={} previousUntil={}", webhook, until);
    return new Rotated(publicKey == null ? used : null, publicKey, until);
  }

  private static Optional<Stored> read(Connection connection, UUID webhook) throws SQLException {
    return Sql.rows(connection, sql("read-secret.sql"), Map.of("id", webhook)).stream()
        .map(
            row -> {
              List<String> schemes = new ArrayList<>();
              row.path("signature_schemes").forEach(scheme -> schemes.add(scheme.asText()));
              return new Stored(row.path("secret").asText(), Scheme.parse(schemes));
            })
        .findFirst();
  }
}

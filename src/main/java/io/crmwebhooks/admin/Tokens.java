package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The tokens of the API: 256 random bits each, of which the database keeps the SHA-256 only. That
 * is enough: a slow hash is for passwords, which can be guessed. Beside them the one that {@code
 * webhooks.admin.token} sets, which is in no table. Thread-safe.
 */
public final class Tokens {
  private static final String PREFIX = "crmw_";
  private static final int BYTES = 32;

  private final Sql sql;
  private final byte[] configured;

  /**
   * @param configured {@code webhooks.admin.token}; empty: none
   */
  public Tokens(Sql sql, String configured) {
    this.sql = sql;
    this.configured = configured.isEmpty() ? null : digest(configured);
  }

  /**
   * A token just made.
   *
   * @param token to be shown this once
   * @param row as it is listed
   */
  public record Made(String token, ObjectNode row) {
    @Override
    public String toString() {
      return row.toString();
    }
  }

  /** A token that nobody can guess. */
  public static String random() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Who shows this token, if it is the configured one; asks no database. */
  Optional<Caller> findConfigured(String token) {
    return configured != null && MessageDigest.isEqual(digest(token), configured)
        ? Optional.of(new Caller("webhooks.admin.token", Role.ADMIN, null))
        : Optional.empty();
  }

  /** Who shows this token, if it is one of the database; empty when it opens nothing. */
  Optional<Caller> find(String token) throws SQLException {
    byte[] hash = digest(token);
    // The index finds by the hash, of which a caller can steer nothing; the rest is compared in
    // constant time.
    return sql.row(sql("find-token.sql"), Map.of("hash", hex(hash)))
        .filter(row -> MessageDigest.isEqual(hash, bytes(row.path("hash").asText())))
        .map(
            row ->
                new Caller(
                    row.path("name").asText(),
                    Role.of(row.path("role").asText()).orElseThrow(),
                    row.path("workspace").isNull() ? null : row.path("workspace").asText()));
  }

  /**
   * Makes a token.
   *
   * @param workspace the only one that it shows; null: all
   * @return empty when the name is in use
   */
  public Optional<Made> add(String name, Role role, String workspace) throws SQLException {
    return add(name, role, workspace, false);
  }

  /** Makes the first token, where there has never been one and none is configured. */
  public Optional<Made> addFirst() throws SQLException {
    return configured == null ? add("admin", Role.ADMIN, null, true) : Optional.empty();
  }

  private Optional<Made> add(String name, Role role, String workspace, boolean onlyFirst)
      throws SQLException {
    String token = random();
    Map<String, Object> values = new HashMap<>();
    values.put("name", name);
    values.put("role", role.word());
    values.put("workspace", workspace);
    values.put("hash", hash(token));
    values.put("onlyFirst", onlyFirst);
    return sql.row(sql("add-token.sql"), values).map(row -> new Made(token, row));
  }

  /**
   * All tokens, without what would open anything.
   *
   * @param workspace those of this one only; null: all
   */
  public List<ObjectNode> list(String workspace) throws SQLException {
    Map<String, String> values = new HashMap<>();
    values.put("workspace", workspace);
    return sql.rows(sql("list-tokens.sql"), values);
  }

  /**
   * Revokes a token, which holds from the next request on.
   *
   * @return empty when there is none of this id
   */
  public Optional<ObjectNode> revoke(UUID id, String workspace) throws SQLException {
    Map<String, Object> values = new HashMap<>();
    values.put("id", id);
    values.put("workspace", workspace);
    return sql.row(sql("revoke-token.sql"), values);
  }

  /** By which a token is told apart from others without being kept. */
  static String hash(String token) {
    return hex(digest(token));
  }

  private static byte[] digest(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java cannot compute SHA-256", e);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }
}

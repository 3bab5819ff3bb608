package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Caller.Role;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.settings.Version;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The tokens of the API, and the operations on {@code /rest/tokens}. A token has 256 random bits,
 * of which the database keeps the SHA-256 only. That is enough: a slow hash is for passwords, which
 * can be guessed. Beside them the one that {@code webhooks.admin.token} sets, which is in no table.
 * Thread-safe.
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
   * @param row as it is listed
   */
  private record Made(String token, ObjectNode row) {
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
        .filter(
            row -> MessageDigest.isEqual(hash, HexFormat.of().parseHex(row.path("hash").asText())))
        .map(
            row ->
                new Caller(
                    row.path("name").asText(),
                    Role.of(row.path("role").asText()).orElseThrow(),
                    row.path("workspace").isNull() ? null : row.path("workspace").asText()));
  }

  /** The rights of the caller's token, so that a client offers nothing else. */
  public Answer showCaller(Call call) {
    return Answer.ok(
        Json.object()
            .put("name", call.caller().name())
            .put("role", call.caller().role().word())
            .put("workspace", call.workspace())
            .put("version", Version.text()));
  }

  /** All that the caller may see, without what would open anything. */
  public Answer listTokens(Call call) throws SQLException {
    Map<String, Object> values = Sql.parameters("workspace", call.workspace());
    return Answer.ok(Json.array().addAll(sql.rows(sql("list-tokens.sql"), values)));
  }

  /** A caller who is bound to a workspace makes tokens of that workspace only. */
  public Answer addToken(Call call) throws SQLException {
    Fields fields = call.fields(List.of("name", "role", "workspace"));
    String name = fields.require("name", Fields.text(100));
    if (name != null && name.isBlank()) {
      fields.error("name", "must not be blank");
    }
    Role role =
        fields.require(
            "role",
            value ->
                Role.of(value.asText())
                    .orElseThrow(
                        () -> new IllegalArgumentException("must be read, operate or admin")));
    String workspace = call.workspaceIn(fields);
    fields.check();
    Made made =
        add(name, role, workspace, false)
            .orElseThrow(
                () -> Problem.of(409, "there is a token named \"" + name + "\"; revoke it first"));
    return Answer.created(
        "/rest/tokens/" + made.row().path("id").asText(),
        made.row().deepCopy().put("token", made.token()));
  }

  /** It opens nothing from the next request on. */
  public Answer revokeToken(Call call) throws SQLException {
    UUID id = call.uuid("token");
    return sql.row(sql("revoke-token.sql"), Sql.parameters("id", id, "workspace", call.workspace()))
        .map(row -> Answer.noContent())
        .orElseThrow(() -> Problem.notFound("token", id.toString()));
  }

  /**
   * Makes the first token, where there has never been one and none is configured.
   *
   * @return the token, which is to be shown this once
   */
  public Optional<String> addFirst() throws SQLException {
    return configured == null
        ? add("admin", Role.ADMIN, null, true).map(Made::token)
        : Optional.empty();
  }

  /**
   * Makes a token in the place of the one with this name.
   *
   * @param workspace the only one that it opens; null: all
   */
  public String replace(String name, Role role, String workspace) throws SQLException {
    for (ObjectNode row : sql.rows(sql("list-tokens.sql"), Sql.parameters("workspace", null))) {
      if (row.path("name").asText().equals(name)) {
        sql.rows(
            sql("revoke-token.sql"),
            Sql.parameters("id", row.path("id").asText(), "workspace", null));
      }
    }
    return add(name, role, workspace, false).orElseThrow().token();
  }

  /** Empty when the name is in use. */
  private Optional<Made> add(String name, Role role, String workspace, boolean onlyFirst)
      throws SQLException {
    String token = random();
    Map<String, Object> values =
        Sql.parameters(
            "name", name,
            "role", role.word(),
            "workspace", workspace,
            "hash", hex(digest(token)),
            "onlyFirst", onlyFirst);
    return sql.row(sql("add-token.sql"), values).map(row -> new Made(token, row));
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
}

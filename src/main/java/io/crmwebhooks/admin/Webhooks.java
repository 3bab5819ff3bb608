package io.crmwebhooks.admin;

import io.crmwebhooks.dispatch.Operations;
import io.crmwebhooks.sign.WebhookSigner;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.SecureRandom;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;

/** The webhooks as an operator manages them. Thread-safe. */
public final class Webhooks {
  private static final String INSERT =
      """
      INSERT INTO webhooks.subscription (workspace, target_url, operations, description, secret)
      VALUES (?, ?, ?, ?, ?) RETURNING id""";
  private static final String LIST =
      """
      SELECT id, workspace, target_url, operations, description, secret <> '' AS signed, enabled
      FROM webhooks.subscription WHERE deleted_at IS NULL ORDER BY created_at, id""";
  private static final String REMOVE =
      """
      WITH removed AS (
        UPDATE webhooks.subscription SET deleted_at = now(), updated_at = now()
        WHERE id = ? AND deleted_at IS NULL RETURNING id
      ), cancelled AS (
        UPDATE webhooks.delivery SET state = 'cancelled', due_at = NULL, error = 'the webhook was deleted'
        WHERE state = 'pending' AND subscription_id IN (SELECT id FROM removed)
      )
      SELECT count(*) FROM removed""";

  private final DataSource dataSource;

  public Webhooks(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /** What is shown of a webhook; never the secret. */
  public record Shown(
      UUID id,
      String workspace,
      String targetUrl,
      List<String> operations,
      String description,
      boolean signed,
      boolean enabled) {}

  /** A secret as the CRM makes them: 64 hex digits. */
  public static String newSecret() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /**
   * Adds a webhook; changes committed after this returns are sent to it.
   *
   * @param secret empty: sent unsigned
   * @throws IllegalArgumentException naming the field that is wrong
   */
  public UUID add(
      String workspace,
      String targetUrl,
      List<String> operations,
      String description,
      String secret)
      throws SQLException {
    checkUrl(targetUrl);
    operations.forEach(Operations::check);
    if (!secret.isEmpty()) {
      new WebhookSigner(secret);
    }
    try (Connection connection = dataSource.getConnection();
        PreparedStatement insert = connection.prepareStatement(INSERT)) {
      insert.setString(1, workspace);
      insert.setString(2, targetUrl);
      insert.setArray(3, connection.createArrayOf("text", operations.toArray()));
      insert.setString(4, description);
      insert.setString(5, secret);
      try (ResultSet row = insert.executeQuery()) {
        row.next();
        return row.getObject(1, UUID.class);
      }
    }
  }

  /** Gives back the URL, if it can be a target. */
  public static String checkUrl(String targetUrl) {
    try {
      URI uri = new URI(targetUrl);
      boolean http =
          "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
      if (!http
          || uri.getHost() == null
          || uri.getRawUserInfo() != null
          || uri.getRawFragment() != null) {
        throw new IllegalArgumentException(
            "target URL must be http:// or https:// with a host, without user info and fragment, but is '"
                + targetUrl
                + "'");
      }
      return targetUrl;
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("target URL is not valid: " + e.getMessage());
    }
  }

  public List<Shown> list() throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement list = connection.prepareStatement(LIST);
        ResultSet row = list.executeQuery()) {
      List<Shown> all = new ArrayList<>();
      while (row.next()) {
        Array operations = row.getArray("operations");
        all.add(
            new Shown(
                row.getObject("id", UUID.class),
                row.getString("workspace"),
                row.getString("target_url"),
                List.of((String[]) operations.getArray()),
                row.getString("description"),
                row.getBoolean("signed"),
                row.getBoolean("enabled")));
      }
      return all;
    }
  }

  /**
   * Deletes a webhook and cancels what is pending for it.
   *
   * @return false when there is no such webhook
   */
  public boolean remove(UUID id) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement remove = connection.prepareStatement(REMOVE)) {
      remove.setObject(1, id);
      try (ResultSet row = remove.executeQuery()) {
        row.next();
        return row.getInt(1) == 1;
      }
    }
  }
}

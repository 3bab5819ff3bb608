package io.crmwebhooks.admin;

import io.crmwebhooks.database.Sql.Transaction;
import io.crmwebhooks.domain.EventPattern;
import io.crmwebhooks.http.EgressRules;
import io.crmwebhooks.http.NewSecret;
import io.crmwebhooks.http.Scheme;
import io.crmwebhooks.http.TargetUrl;
import io.crmwebhooks.secret.Secrets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;

/** The webhooks as an operator manages them. Thread-safe. */
public final class Webhooks {
  private static final String INSERT =
      """
      INSERT INTO webhooks.subscription
        (id, workspace, target_url, operations, description, secret, public_key, signature_schemes, headers, tls_identity)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, CAST(? AS jsonb), ?)""";
  private static final String LIST =
      """
      SELECT id, workspace, target_url, operations, description, secret <> '' AS signed, enabled,
        ARRAY(SELECT jsonb_object_keys(headers) ORDER BY 1) AS header_names, tls_identity
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
  private final TargetUrl targetUrls;

  /**
   * @param rules what webhooks may call
   */
  public Webhooks(DataSource dataSource, EgressRules rules) {
    this.dataSource = dataSource;
    this.targetUrls = new TargetUrl(rules);
  }

  /** The shown fields of a webhook: never the secret, and only the names of its headers. */
  public record Shown(
      UUID id,
      String workspace,
      String targetUrl,
      List<String> operations,
      String description,
      boolean signed,
      boolean enabled,
      List<String> headerNames,
      String tlsIdentity) {}

  /**
   * Adds a webhook; changes committed after this returns are sent to it.
   *
   * @param secrets encrypts what is stored
   * @throws IllegalArgumentException naming the field that is wrong
   */
  public UUID add(Secrets secrets, NewWebhook webhook) throws SQLException {
    String target = targetUrls.check(webhook.targetUrl());
    webhook.operations().forEach(EventPattern::check);
    NewSecret.check(webhook.secret(), webhook.schemes());
    UUID id = UUID.randomUUID(); // the encrypted secret is bound to it
    return Transaction.run(
        dataSource,
        connection -> {
          try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            insert.setObject(1, id);
            insert.setString(2, webhook.workspace());
            insert.setString(3, target);
            insert.setArray(4, texts(connection, webhook.operations()));
            insert.setString(5, webhook.description());
            insert.setString(6, secrets.seal(connection, id, webhook.secret()));
            insert.setString(7, NewSecret.publicKey(webhook.secret()).orElse(null));
            insert.setArray(8, texts(connection, Scheme.texts(webhook.schemes())));
            insert.setString(9, webhook.headers().toJson());
            insert.setString(10, webhook.tlsIdentity());
            insert.executeUpdate();
            return id;
          }
        });
  }

  private static Array texts(Connection connection, List<String> texts) throws SQLException {
    return connection.createArrayOf("text", texts.toArray());
  }

  public List<Shown> list() throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement list = connection.prepareStatement(LIST);
        ResultSet row = list.executeQuery()) {
      List<Shown> all = new ArrayList<>();
      while (row.next()) {
        all.add(
            new Shown(
                row.getObject("id", UUID.class),
                row.getString("workspace"),
                row.getString("target_url"),
                texts(row.getArray("operations")),
                row.getString("description"),
                row.getBoolean("signed"),
                row.getBoolean("enabled"),
                texts(row.getArray("header_names")),
                row.getString("tls_identity")));
      }
      return all;
    }
  }

  private static List<String> texts(Array array) throws SQLException {
    return List.of((String[]) array.getArray());
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

package io.crmwebhooks.secret;

import io.crmwebhooks.TestDatabase;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.database.Sql.Transaction;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;

/** A database of its own, and the columns that hold secrets in it. */
final class SecretRows implements AutoCloseable {
  private final TestDatabase database = TestDatabase.create();

  /** As a process that takes its keys from this file. */
  Secrets open(Path keyFile) {
    return open("webhooks.secrets.key", "", "webhooks.secrets.key-file", keyFile.toString());
  }

  /** As a process with these settings. */
  Secrets open(String... settings) {
    Map<String, String> overrides = new HashMap<>();
    for (int i = 0; i < settings.length; i += 2) {
      overrides.put(settings[i], settings[i + 1]);
    }
    return Secrets.open(database.settings(overrides), database.dataSource());
  }

  /** As an operator does by SQL. */
  UUID insert(String secret) {
    return (UUID)
        value(
            "INSERT INTO webhooks.subscription (target_url, secret) VALUES ('http://localhost/', ?) RETURNING id",
            secret);
  }

  String secret(UUID webhook) {
    return (String) value("SELECT secret FROM webhooks.subscription WHERE id = ?", webhook);
  }

  String previous(UUID webhook) {
    return (String)
        value("SELECT previous_secret FROM webhooks.subscription WHERE id = ?", webhook);
  }

  String headers(UUID webhook) {
    return (String) value("SELECT headers::text FROM webhooks.subscription WHERE id = ?", webhook);
  }

  String oauth2(UUID webhook) {
    return (String) value("SELECT oauth2::text FROM webhooks.subscription WHERE id = ?", webhook);
  }

  DataSource dataSource() {
    return database.dataSource();
  }

  /** Of a webhook, as the routes load it: whether any is plain, and its own four columns. */
  String loaded(UUID webhook) {
    return (String)
        value(
            "SELECT concat_ws(' ', plain, coalesce(secret, 'null'), coalesce(previous_secret, 'null'), coalesce(headers, 'null'), oauth2) FROM ("
                + Sql.sql("load-webhooks.sql")
                + ") l WHERE id = ?",
            webhook);
  }

  long revision() {
    return (Long) value("SELECT revision FROM webhooks.subscription_revision");
  }

  String seal(Secrets secrets, UUID webhook, String plain) throws SQLException {
    return Transaction.run(database.dataSource(), c -> secrets.seal(c, webhook, plain));
  }

  void sql(String sql, Object... parameters) {
    value(sql, parameters);
  }

  /** The first value of the first row, or null. */
  Object value(String sql, Object... parameters) {
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      if (!statement.execute()) {
        return null;
      }
      ResultSet row = statement.getResultSet();
      return row.next() ? row.getObject(1) : null;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  void atOnce(int times, Callable<?> work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(times);
    try {
      for (Future<?> done : threads.invokeAll(Collections.nCopies(times, work::call))) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Override
  public void close() {
    database.close();
  }
}

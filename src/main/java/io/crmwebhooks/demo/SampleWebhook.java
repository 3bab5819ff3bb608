package io.crmwebhooks.demo;

import io.crmwebhooks.verify.Verifier;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * The webhooks of the demo. One is made in Twenty, the others are made with us. Their ids are
 * fixed, so that a restart changes and never adds one.
 */
public enum SampleWebhook {
  TWENTY("5a17e000-0000-4000-8000-000000000001", "every change", "*.*"),
  SALES("5a17e000-0000-4000-8000-000000000002", "sales", "opportunity.*", "company.updated"),
  FLAKY("5a17e000-0000-4000-8000-000000000003", "people, to a server that fails", "person.*");

  private static final Duration TOLERANCE = Duration.ofMinutes(5);
  private static final Duration DOWN = Duration.ofSeconds(6);
  private static final Duration PERIOD = Duration.ofSeconds(45);

  private final UUID id;
  private final String description;
  private final List<String> operations;

  SampleWebhook(String id, String description, String... operations) {
    this.id = UUID.fromString(id);
    this.description = description;
    this.operations = List.of(operations);
  }

  String path() {
    return "/" + name().toLowerCase(Locale.ROOT);
  }

  /** One line about it for the reader of the demo. */
  String explanation() {
    String wanted = String.join(", ", operations);
    if (this == TWENTY) {
      return wanted + "; made in Twenty's own settings, so it gets the body that Twenty sends";
    }
    return this == FLAKY
        ? "%s; fails for its first %d s and again every %d s, so look for 503 and the 2nd attempt"
            .formatted(wanted, DOWN.toSeconds(), PERIOD.toSeconds())
        : wanted;
  }

  /** Makes an endpoint of the receiver and the webhook that points to it, with a new secret. */
  public void create(DataSource dataSource, SampleReceiver receiver) throws SQLException {
    String secret = newSecret();
    SampleReceiver.Outage outage =
        this == FLAKY ? new SampleReceiver.Outage(DOWN, PERIOD) : SampleReceiver.Outage.NEVER;
    receiver.add(path(), new Verifier(secret, TOLERANCE), outage);
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                SampleCrm.sql(this == TWENTY ? "webhook-of-twenty" : "webhook"))) {
      statement.setString(1, id.toString());
      statement.setString(2, receiver.url(path()));
      statement.setArray(3, connection.createArrayOf("text", operations.toArray()));
      statement.setString(4, description);
      statement.setString(5, secret);
      statement.execute();
    }
  }

  private static String newSecret() {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    return "whsec_" + Base64.getEncoder().encodeToString(key);
  }
}

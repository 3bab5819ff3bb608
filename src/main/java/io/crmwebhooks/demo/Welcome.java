package io.crmwebhooks.demo;

import io.crmwebhooks.CrmWebhooks;
import io.crmwebhooks.settings.Settings;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** What the demo says before its first line. */
final class Welcome {
  private Welcome() {}

  static String text(Settings settings, DataSource dataSource, SampleReceiver receiver)
      throws SQLException {
    StringBuilder webhooks = new StringBuilder();
    for (SampleWebhook webhook : SampleWebhook.values()) {
      webhooks.append("    %-11s  %s%n".formatted(webhook.path(), webhook.explanation()));
    }
    return """

        crm-webhooks %s, the demo. Ctrl-C ends all of it.

          CRM        people are at work in the tables of the schema "crm"; each committed change becomes webhooks
          receiver   %s gets them and verifies their signatures with code of its own; its endpoints:
        %s  health     http://localhost:%d/observe/health

          Add a webhook of your own from a second terminal, and it is served at once:
            psql '%s' -c \\
              "INSERT INTO webhooks.subscription (target_url, operations) VALUES ('%s', '{person.*}')"

        time      endpoint     event                 record: changed fields                  what the receiver found
        """
        .formatted(
            CrmWebhooks.version(),
            receiver.url(""),
            webhooks,
            settings.integer("webhooks.http.port"),
            address(dataSource),
            receiver.url("/mine"));
  }

  /** The database's address as psql takes it, without a password. */
  private static String address(DataSource dataSource) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      String url = connection.getMetaData().getURL().replaceFirst("^jdbc:", "");
      return url.replaceFirst("[?].*", "") + "?user=" + connection.getMetaData().getUserName();
    }
  }
}

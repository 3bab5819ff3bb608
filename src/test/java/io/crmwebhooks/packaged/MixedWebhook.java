package io.crmwebhooks.packaged;

import io.crmwebhooks.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/**
 * The webhooks of the crash and fault tests. Among them they use all that a webhook may say about
 * which changes it gets, in what body, and on what way. Each leads to a path of a {@link Ledger}.
 */
public enum MixedWebhook {
  /** Everything as by default. */
  PLAIN("/all", number -> true, "format = 'event'"),
  /** Arrays of CloudEvents, in the order of each record. */
  ORDERED(
      "/people",
      number -> true,
      "operations = '{person.*}', ordering = 'record', format = 'cloudevents', batch_size = 20"),
  /** Arrays of bodies by jq, which wait for more of them, of what a filter leaves. */
  CUSTOM(
      "/creations",
      number -> number % 3 > 0,
      """
      operations = '{*.created}', filter = '.record.n % 3 > 0', format = 'custom',
      body = '{change: {n: .record.n, of: .record.of}, text: "\\(.record.name) was \\(.action)"}',
      batch_size = 20, batch_wait = '500ms', compress = 'gzip'"""),
  /** Behind a gateway that wants access tokens. */
  GATEWAY(
      Gateway.PATH,
      number -> number % 4 == 0,
      """
      filter = '.record.n % 4 == 0', fields = '{n,of}',
      oauth2 = '{"tokenUrl":"TOKEN_URL","clientId":"crm","clientSecret":"of the gateway"}'"""),
  /** To a route of the user's own, which hands it on. */
  ROUTE(
      "/route",
      number -> number % 5 == 0,
      """
      target_url = 'route:ledger', filter = '.record.n % 5 == 0', format = 'cloudevents',
      cloud_events_mode = 'binary'""");

  private final String path;
  private final IntPredicate filter;
  private final String options;

  /**
   * @param filter the same as of the options, by the number in the record
   * @param options as columns of a webhook
   */
  MixedWebhook(String path, IntPredicate filter, String options) {
    this.path = path;
    this.filter = filter;
    this.options = options;
  }

  public String path() {
    return path;
  }

  /** The settings that the programs need besides to run them. */
  public static Map<String, String> settings(UnaryOperator<String> url) {
    return Map.of(
        "WEBHOOKS_CUSTOM_ROUTES",
        TestDatabase.TEMPLATES
            + ",file:"
            + Path.of("src/test/resources/mix").toAbsolutePath()
            + "/*.camel.yaml",
        "LEDGER_URL",
        url.apply(ROUTE.path));
  }

  /**
   * Makes all of them.
   *
   * @param url of a path of the receiver
   */
  public static void addAll(DataSource dataSource, UnaryOperator<String> url) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (MixedWebhook webhook : values()) {
        String target = "'" + url.apply(webhook.path) + "'";
        statement.execute(
            "INSERT INTO webhooks.subscription (target_url, secret) VALUES (%s, 'secret')"
                .formatted(target));
        statement.execute(
            "UPDATE webhooks.subscription SET "
                + webhook.options.replace("TOKEN_URL", url.apply(Gateway.TOKENS))
                + " WHERE target_url = "
                + target);
      }
      connection.commit();
    }
  }

  /** All that is owed of the changes with these numbers. */
  public static Set<Ledger.Entry> owed(IntStream numbers) {
    Set<Ledger.Entry> owed = new HashSet<>();
    numbers.forEach(
        number -> {
          for (MixedWebhook webhook : values()) {
            if (webhook.filter.test(number)) {
              owed.add(new Ledger.Entry(webhook.path, number));
            }
          }
        });
    return owed;
  }

  /** About how many deliveries are owed of so many changes. */
  public static int owed(int changes) {
    return owed(IntStream.rangeClosed(1, changes)).size();
  }
}

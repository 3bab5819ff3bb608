package io.crmwebhooks.wiring;

import static io.crmwebhooks.database.Sql.sql;

import io.crmwebhooks.admin.Api;
import io.crmwebhooks.admin.Delivered;
import io.crmwebhooks.admin.TestAttempt;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.kafka.KafkaClient;
import io.crmwebhooks.kafka.KafkaEngine;
import io.crmwebhooks.observe.AttemptCounts;
import io.crmwebhooks.observe.Observation;
import io.crmwebhooks.secret.Secrets;
import io.crmwebhooks.settings.Settings;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of a process that are there, or are others, by {@code webhooks.engine}. */
public final class Engine {
  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

  private Engine() {}

  /**
   * Makes sure that the engine can be set up.
   *
   * @throws io.crmwebhooks.settings.StartupException when Kafka's client cannot
   */
  static void check(Settings settings) {
    if (settings.isOnKafka()) {
      KafkaClient.of(settings);
    }
  }

  /** Binds what the engine's own routes refer to. */
  static void bind(CamelContext context, Settings settings, Sql sql) {
    if (settings.isOnKafka()) {
      KafkaEngine.bind(context, settings, sql);
    }
  }

  /** Opens what those routes need, when the context is configured. */
  static void open(CamelContext context, Settings settings, Sql sql, Observation observation) {
    if (settings.isOnKafka()) {
      observation.addHealthOfKafka(context, KafkaEngine.open(context, settings, sql));
    }
  }

  /** Nobody works on what another engine has, until the leases of its claims end. */
  static void warnOfForwarded(Settings settings, Sql sql) {
    if (settings.isOnKafka()) {
      return;
    }
    try {
      long changes =
          sql.row(sql("count-forwarded.sql"), Map.of()).orElseThrow().path("changes").asLong();
      if (changes > 0) {
        LOG.warn(
            "engine.changed {} changes went to Kafka and are not settled; they are queued again within an hour, or at once as docs/scaling.md says",
            changes);
      }
    } catch (SQLException e) {
      LOG.debug("it is not known whether changes went to Kafka", e);
    }
  }

  /**
   * The surroundings of the API, with the deliveries that the engine keeps elsewhere than in the
   * database. No connection is opened for these before they are asked for.
   *
   * @throws io.crmwebhooks.settings.StartupException when Kafka's client cannot be set up
   */
  public static Api.Surroundings surroundings(
      Settings settings,
      Supplier<Secrets> secrets,
      Supplier<TestAttempt> attempts,
      AttemptCounts counts,
      News news,
      Supplier<Set<String>> routes) {
    Delivered delivered =
        settings.isOnKafka() ? KafkaEngine.delivered(settings) : Delivered.NOWHERE;
    return new Api.Surroundings(secrets, attempts, counts, news, delivered, routes);
  }
}

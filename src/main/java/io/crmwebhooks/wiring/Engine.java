package io.crmwebhooks.wiring;

import io.crmwebhooks.admin.Api;
import io.crmwebhooks.admin.Delivered;
import io.crmwebhooks.admin.TestAttempt;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.kafka.KafkaEngine;
import io.crmwebhooks.observe.AttemptCounts;
import io.crmwebhooks.secret.Secrets;
import io.crmwebhooks.settings.Settings;
import java.util.Set;
import java.util.function.Supplier;

/** The part of {@code webhooks.engine} in the operations of the API. */
public final class Engine {
  private Engine() {}

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

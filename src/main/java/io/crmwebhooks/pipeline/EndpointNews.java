package io.crmwebhooks.pipeline;

import io.crmwebhooks.database.StorableText;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.Exchange;

/** What a process has found out about the endpoint of a webhook and all others should know. */
public sealed interface EndpointNews {
  /** The exchange property under which the routes carry it. */
  String PROPERTY = "endpointNews";

  /** What the attempt of this exchange has found out; null when that is nothing new. */
  static EndpointNews of(Exchange exchange) {
    return exchange.getProperty(PROPERTY, EndpointNews.class);
  }

  UUID webhook();

  /** The parameters of the statement that notes it. */
  Map<String, Object> parameters();

  /**
   * It fails.
   *
   * @param failingFor how long no attempt of this process has succeeded
   * @param pause how long it is to be left alone; null: not at all yet
   * @param probe whether this is what came of a probe
   * @param reason why the last attempt failed
   * @param delivery the id of what was attempted
   */
  record Failing(
      UUID webhook,
      Duration failingFor,
      Duration pause,
      boolean probe,
      String reason,
      String delivery)
      implements EndpointNews {
    @Override
    public Map<String, Object> parameters() {
      return Map.of(
          "webhook",
          webhook.toString(),
          "failingFor",
          failingFor.toMillis() + "ms",
          "pause",
          pause == null ? "" : pause.toMillis() + "ms",
          "probe",
          Boolean.toString(probe),
          "reason",
          StorableText.of(reason),
          "delivery",
          delivery);
    }
  }

  /** It has accepted a delivery. */
  record Recovered(UUID webhook) implements EndpointNews {
    @Override
    public Map<String, Object> parameters() {
      return Map.of("webhook", webhook.toString());
    }
  }
}

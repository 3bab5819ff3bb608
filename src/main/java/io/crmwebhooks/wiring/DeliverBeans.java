package io.crmwebhooks.wiring;

import io.crmwebhooks.http.DeliveryClient;
import io.crmwebhooks.http.EgressRules;
import io.crmwebhooks.http.RequestHeaders;
import io.crmwebhooks.http.TlsIdentities;
import io.crmwebhooks.observe.AttemptCounts;
import io.crmwebhooks.observe.Observation;
import io.crmwebhooks.observe.OutcomeLog;
import io.crmwebhooks.pipeline.Attempts;
import io.crmwebhooks.pipeline.Endpoints;
import io.crmwebhooks.pipeline.PauseRule;
import io.crmwebhooks.pipeline.RetrySchedule;
import io.crmwebhooks.pipeline.RetrySchedule.Jitter;
import io.crmwebhooks.pipeline.RouteCalls;
import io.crmwebhooks.pipeline.SignWebhook;
import io.crmwebhooks.settings.Settings;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.Predicate;
import org.apache.camel.Processor;
import org.apache.camel.spi.Registry;

/** The beans by which one attempt is made, and by which its endpoint is judged. */
final class DeliverBeans {
  private final Settings settings;
  private final Clock clock = Clock.systemUTC();
  private final Duration timeout;
  private final Duration lease;
  private final Endpoints endpoints;

  DeliverBeans(Settings settings) {
    this.settings = settings;
    this.timeout = settings.duration("webhooks.delivery.timeout");
    this.lease = settings.duration("webhooks.delivery.lease");
    this.endpoints = new Endpoints(pauseRule(), clock, lease);
  }

  /** How endpoints fare, as all attempts of this process see it. */
  Endpoints endpoints() {
    return endpoints;
  }

  void bind(CamelContext context, AttemptCounts counts, Observation observation) {
    Registry registry = context.getRegistry();
    registry.bind("endpoints", endpoints);
    registry.bind("admission", (Predicate) endpoints::admit);
    registry.bind("webhookGone", (Predicate) endpoints::isNewlyGone);
    DeliveryClient client =
        new DeliveryClient(
            timeout, lease, EgressRules.of(settings), TlsIdentities.open(settings, clock));
    registry.bind("deliveryClient", client);
    registry.bind("webhookConnections", client.connections());
    registry.bind("sentHeaders", new RequestHeaders());
    registry.bind("routeCalls", new RouteCalls(context, timeout, lease));
    registry.bind("leadsToRoute", (Predicate) RouteCalls::isOne);
    boolean traced = settings.text("webhooks.tracing.propagate").equals("true");
    registry.bind(
        "signWebhook", new SignWebhook(clock, traced ? SignWebhook.TRACE_HEADERS : Set.of()));
    OutcomeLog log = new OutcomeLog(observation.news(), endpoints::isPaused, clock);
    Attempts attempts = new Attempts(endpoints, retrySchedule(), List.of(counts, log), clock);
    registry.bind("beginAttempt", (Processor) attempts::begin);
    registry.bind("attemptSucceeded", (Processor) attempts::succeeded);
    registry.bind("attemptFailed", (Processor) attempts::failed);
    registry.bind("endpointFails", (Predicate) Attempts::findsFailing);
    registry.bind("endpointRecovers", (Predicate) Attempts::findsRecovered);
    registry.bind("endpointFinding", (Processor) Attempts::tell);
  }

  private RetrySchedule retrySchedule() {
    return new RetrySchedule(
        settings.durations("webhooks.delivery.retry-schedule"),
        jitter(),
        settings.duration("webhooks.delivery.retry-after-limit"));
  }

  private PauseRule pauseRule() {
    return new PauseRule(
        settings.integer("webhooks.endpoint.failures"),
        settings.duration("webhooks.endpoint.first-pause"),
        settings.duration("webhooks.endpoint.longest-pause"),
        settings.duration("webhooks.endpoint.disable-after"),
        jitter());
  }

  private Jitter jitter() {
    return new Jitter(settings.fraction("webhooks.delivery.retry-jitter"), new SecureRandom());
  }
}

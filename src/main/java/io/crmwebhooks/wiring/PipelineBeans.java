package io.crmwebhooks.wiring;

import io.crmwebhooks.database.Sql;
import io.crmwebhooks.database.SqlFileComponent;
import io.crmwebhooks.http.DeliveryClient;
import io.crmwebhooks.http.EgressRules;
import io.crmwebhooks.http.RequestHeaders;
import io.crmwebhooks.http.TlsIdentities;
import io.crmwebhooks.observe.AttemptCounts;
import io.crmwebhooks.observe.Observation;
import io.crmwebhooks.pipeline.Admission;
import io.crmwebhooks.pipeline.ArmDoorbell;
import io.crmwebhooks.pipeline.BatchRecord;
import io.crmwebhooks.pipeline.BatchSlots;
import io.crmwebhooks.pipeline.BeginAttempt;
import io.crmwebhooks.pipeline.CheckChange;
import io.crmwebhooks.pipeline.Claims;
import io.crmwebhooks.pipeline.Customising;
import io.crmwebhooks.pipeline.DropChange;
import io.crmwebhooks.pipeline.EndAttempt;
import io.crmwebhooks.pipeline.EndLane;
import io.crmwebhooks.pipeline.EndpointLoads;
import io.crmwebhooks.pipeline.EndpointNews;
import io.crmwebhooks.pipeline.FanOut;
import io.crmwebhooks.pipeline.InFlight;
import io.crmwebhooks.pipeline.LanePlan;
import io.crmwebhooks.pipeline.LateOutcome;
import io.crmwebhooks.pipeline.LeaseLasts;
import io.crmwebhooks.pipeline.Node;
import io.crmwebhooks.pipeline.OpenBatch;
import io.crmwebhooks.pipeline.OpenChunk;
import io.crmwebhooks.pipeline.OweDeliveries;
import io.crmwebhooks.pipeline.OweInOrder;
import io.crmwebhooks.pipeline.OweReplayed;
import io.crmwebhooks.pipeline.ParkChange;
import io.crmwebhooks.pipeline.PauseRule;
import io.crmwebhooks.pipeline.PlanStep;
import io.crmwebhooks.pipeline.Purge;
import io.crmwebhooks.pipeline.Redeliveries;
import io.crmwebhooks.pipeline.RedeliveryRecord;
import io.crmwebhooks.pipeline.Refusal;
import io.crmwebhooks.pipeline.RefusedBatch;
import io.crmwebhooks.pipeline.RefusedOutcomes;
import io.crmwebhooks.pipeline.ReplayPace;
import io.crmwebhooks.pipeline.RetryAfter;
import io.crmwebhooks.pipeline.RetrySchedule;
import io.crmwebhooks.pipeline.SignWebhook;
import io.crmwebhooks.pipeline.Subscriptions;
import io.crmwebhooks.pipeline.WebhookGone;
import io.crmwebhooks.routes.RouteCheck;
import io.crmwebhooks.secret.Secrets;
import io.crmwebhooks.secret.StoredDestinations;
import io.crmwebhooks.settings.Settings;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import javax.sql.DataSource;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.CamelContext;
import org.apache.camel.Predicate;
import org.apache.camel.Processor;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.processor.aggregate.GroupedBodyAggregationStrategy;
import org.apache.camel.spi.Registry;
import org.apache.camel.util.concurrent.SynchronousExecutorService;

/** The beans that the routes refer to by name, made once a process. */
final class PipelineBeans {
  private PipelineBeans() {}

  static void bind(
      CamelContext context,
      Settings settings,
      DataSource dataSource,
      Secrets secrets,
      Node node,
      InFlight inFlight,
      AttemptCounts counts,
      Observation observation,
      Clock clock) {
    seeOnlySettings(context);
    Duration patience = settings.duration("webhooks.dispatch.patience");
    Duration lease = settings.duration("webhooks.delivery.lease");
    EndpointLoads loads = new EndpointLoads(pauseRule(settings));
    Subscriptions subscriptions =
        new Subscriptions(
            settings.integer("webhooks.delivery.concurrency"), new StoredDestinations(secrets)::of);
    Registry registry = context.getRegistry();
    context.addComponent(SqlFileComponent.SCHEME, new SqlFileComponent(dataSource));
    registry.bind("secrets", secrets);
    registry.bind("endpoints", loads);
    registry.bind("node", node);
    registry.bind(
        "batchSlots",
        new BatchSlots(
            settings.integer("webhooks.poll.batches"), settings.duration("webhooks.poll.delay")));
    registry.bind("armDoorbell", new ArmDoorbell());
    Duration pollLease = settings.duration("webhooks.poll.lease");
    Claims claims = new Claims(pollLease, observation::claimsMove);
    registry.bind("claims", claims);
    long beat = settings.duration("webhooks.node.heartbeat").toMillis();
    registry.bind("beatPeriod", Math.max(1, Math.min(beat, pollLease.toMillis() / 3)));
    registry.bind("openBatch", new OpenBatch(claims, observation.batches(), observation.news()));
    registry.bind("subscriptions", subscriptions);
    registry.bind("operatorNews", observation.news());
    registry.bind("waitingNews", observation.news().waiting());
    registry.bind("webhookLabels", observation.labels());
    registry.bind("databaseReading", observation.reading());

    // not ${camelContext.isStopping}: for that Camel looks through all methods of its context
    registry.bind("running", (Predicate) exchange -> !context.isStopping());
    Customising customising =
        Customising.in(
            context,
            settings.duration("webhooks.customise.timeout"),
            RouteCheck.shippedRoutes(context));
    observation.watch(customising);
    registry.bind("customisingThreads", customising.threads());
    // What becomes of a change is its verdict; how its exchange ends says nothing of the batch.
    registry.bind("verdictsOnly", (AggregationStrategy) (before, change) -> null);
    registry.bind(
        "mayClaim",
        (Predicate) exchange -> !context.isStopping() && observation.mayCustomise(customising));
    registry.bind("checkChange", new CheckChange());
    registry.bind("oweDeliveries", new OweDeliveries(subscriptions));
    registry.bind("dropChange", new DropChange());
    registry.bind("parkChange", new ParkChange());
    FanOut fanOut = new FanOut(settings.integer("webhooks.poll.batch-size"));
    registry.bind("fanOut", fanOut);
    LanePlan plan =
        new LanePlan(
            loads,
            fanOut,
            settings.integer("webhooks.dispatch.lanes"),
            settings.integer("webhooks.poll.batches"),
            patience);
    registry.bind("lanes", plan);
    // One pool for lanes and for pending deliveries: a load moves from one to the other, and a pool
    // of its own would keep the threads that the other one uses.
    registry.bind(
        "sendingThreads", context.getExecutorServiceManager().newCachedThreadPool(plan, "send"));
    registry.bind("endLane", new EndLane());
    registry.bind("oweInOrder", new OweInOrder(subscriptions));
    registry.bind("admission", new Admission(loads));

    DeliveryClient client =
        new DeliveryClient(
            settings.duration("webhooks.delivery.timeout"),
            lease,
            EgressRules.of(settings),
            TlsIdentities.open(settings, clock));
    registry.bind("deliveryClient", client);
    registry.bind("webhookConnections", client.connections());
    registry.bind("sentHeaders", new RequestHeaders());
    registry.bind("beginAttempt", new BeginAttempt(clock, inFlight));
    registry.bind(
        "signWebhook",
        new SignWebhook(
            clock,
            settings.text("webhooks.tracing.propagate").equals("true")
                ? SignWebhook.TRACE_HEADERS
                : Set.of()));
    RetrySchedule schedule =
        new RetrySchedule(
            settings.durations("webhooks.delivery.retry-schedule"),
            settings.fraction("webhooks.delivery.retry-jitter"),
            new SecureRandom());
    EndAttempt endAttempt =
        new EndAttempt(
            loads,
            inFlight,
            schedule,
            new RetryAfter(settings.duration("webhooks.delivery.retry-after-limit")),
            counts,
            observation.news(),
            clock);
    registry.bind("attemptSucceeded", (Processor) endAttempt::succeeded);
    registry.bind("attemptFailed", (Processor) endAttempt::failed);
    registry.bind("attemptCounts", counts);
    registry.bind("webhookGone", new WebhookGone(loads));

    registry.bind(
        "endpointFails",
        (Predicate) exchange -> EndpointNews.of(exchange) instanceof EndpointNews.Failing);
    registry.bind(
        "endpointRecovers",
        (Predicate) exchange -> EndpointNews.of(exchange) instanceof EndpointNews.Recovered);
    registry.bind(
        "endpointNews",
        (Processor)
            exchange ->
                exchange
                    .getMessage()
                    .setHeaders(new HashMap<>(EndpointNews.of(exchange).parameters())));
    registry.bind("lateOutcome", new LateOutcome());
    registry.bind("batchRecord", new BatchRecord(loads, lease));
    registry.bind("refusal", new Refusal());
    registry.bind("leaseLasts", new LeaseLasts(pollLease));
    registry.bind("refusedBatch", new RefusedBatch(observation.news()));
    registry.bind("refusedOutcomes", new RefusedOutcomes(observation.news()));
    registry.bind("redeliveryOutcomes", new LinkedBlockingQueue<>(100_000));
    registry.bind("groupOutcomes", new GroupedBodyAggregationStrategy());
    // By itself an aggregation hands its groups to a thread with a queue of its own: then the queue
    // before it is always empty, and each outcome a group.
    registry.bind("sameThread", new SynchronousExecutorService());
    registry.bind(
        "purge", new Purge(new Sql(dataSource), settings.integer("webhooks.retention.chunk")));
    // A delay takes milliseconds.
    registry.bind("retentionPauseMillis", settings.duration("webhooks.retention.pause").toMillis());
    registry.bind("redeliveryRecord", new RedeliveryRecord());
    registry.bind(
        "redeliveries",
        new Redeliveries(
            loads,
            subscriptions,
            inFlight,
            settings.integer("webhooks.redelivery.concurrency"),
            4L * settings.integer("webhooks.poll.batch-bytes")));

    ReplayPace pace =
        new ReplayPace(
            settings.fraction("webhooks.replay.share"),
            settings.integer("webhooks.replay.failures"),
            settings.duration("webhooks.replay.pause"),
            settings.duration("webhooks.replay.delay"));
    registry.bind("replayPace", pace);
    registry.bind("planStep", new PlanStep(pace));
    registry.bind("openChunk", new OpenChunk());
    registry.bind("oweReplayed", new OweReplayed());
  }

  private static PauseRule pauseRule(Settings settings) {
    return new PauseRule(
        settings.integer("webhooks.endpoint.failures"),
        settings.duration("webhooks.endpoint.first-pause"),
        settings.duration("webhooks.endpoint.longest-pause"),
        settings.duration("webhooks.endpoint.disable-after"),
        settings.fraction("webhooks.delivery.retry-jitter"),
        new SecureRandom());
  }

  /** Camel would take a variable of the environment as it is, where the settings hold its value. */
  private static void seeOnlySettings(CamelContext context) {
    PropertiesComponent placeholders = (PropertiesComponent) context.getPropertiesComponent();
    placeholders.setEnvironmentVariableMode(
        PropertiesComponent.ENVIRONMENT_VARIABLES_MODE_FALLBACK);
    placeholders.setSystemPropertiesMode(PropertiesComponent.SYSTEM_PROPERTIES_MODE_FALLBACK);
  }
}

package io.crmwebhooks.wiring;

import io.crmwebhooks.database.Sql;
import io.crmwebhooks.database.SqlFileComponent;
import io.crmwebhooks.observe.AttemptCounts;
import io.crmwebhooks.observe.Observation;
import io.crmwebhooks.pipeline.Aside;
import io.crmwebhooks.pipeline.Claims;
import io.crmwebhooks.pipeline.Customising;
import io.crmwebhooks.pipeline.DeliverySteps;
import io.crmwebhooks.pipeline.Dispatch;
import io.crmwebhooks.pipeline.Doorbell;
import io.crmwebhooks.pipeline.Endpoints;
import io.crmwebhooks.pipeline.LanePlan;
import io.crmwebhooks.pipeline.Owing;
import io.crmwebhooks.pipeline.Purge;
import io.crmwebhooks.pipeline.Recording;
import io.crmwebhooks.pipeline.Redelivery;
import io.crmwebhooks.pipeline.RefusedRecord;
import io.crmwebhooks.pipeline.RefusedRecord.Refusal;
import io.crmwebhooks.pipeline.ReplayPace;
import io.crmwebhooks.pipeline.Replaying;
import io.crmwebhooks.pipeline.Rounds;
import io.crmwebhooks.pipeline.Subscriptions;
import io.crmwebhooks.routes.DirectCalls;
import io.crmwebhooks.routes.RouteCheck;
import io.crmwebhooks.secret.Secrets;
import io.crmwebhooks.secret.StoredDestinations;
import io.crmwebhooks.settings.Settings;
import java.time.Duration;
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

/**
 * The beans that the routes refer to by name, made once a process. The steps that each change or
 * delivery takes are processors and predicates, since a bean's method is called by reflection.
 */
final class PipelineBeans {
  private final CamelContext context;
  private final Registry registry;
  private final Settings settings;
  private final Process process;
  private final Observation observation;
  private final Duration pollLease;
  private final DeliverBeans deliver;
  private final Endpoints endpoints;
  private final Subscriptions subscriptions;
  private final Owing owing;

  /** The parts of a process besides its routes. */
  record Process(DataSource database, Secrets secrets, Node node, AttemptCounts counts) {}

  private PipelineBeans(
      CamelContext context, Settings settings, Process process, Observation observation) {
    this.context = context;
    this.registry = context.getRegistry();
    this.settings = settings;
    this.process = process;
    this.observation = observation;
    this.pollLease = settings.duration("webhooks.poll.lease");
    this.deliver = new DeliverBeans(settings);
    this.endpoints = deliver.endpoints();
    this.subscriptions =
        new Subscriptions(
            settings.integer("webhooks.delivery.concurrency"),
            new StoredDestinations(process.secrets())::of);
    this.owing =
        new Owing(
            subscriptions,
            webhook -> Aside.run("filters", () -> observation.attempts().filtered(webhook.id())));
  }

  static void bind(
      CamelContext context, Settings settings, Process process, Observation observation) {
    // Camel would take a variable of the environment as it is, where the settings hold its value.
    PropertiesComponent placeholders = (PropertiesComponent) context.getPropertiesComponent();
    placeholders.setEnvironmentVariableMode(
        PropertiesComponent.ENVIRONMENT_VARIABLES_MODE_FALLBACK);
    placeholders.setSystemPropertiesMode(PropertiesComponent.SYSTEM_PROPERTIES_MODE_FALLBACK);
    PipelineBeans beans = new PipelineBeans(context, settings, process, observation);
    beans.bindShared();
    beans.bindDispatch();
    beans.deliver.bind(context, process.counts(), observation);
    beans.bindRecord();
    beans.bindRedeliverAndReplay();
    Engine.bind(context, settings, new Sql(process.database()));
  }

  private void bindShared() {
    context.addComponent(DirectCalls.SCHEME, new DirectCalls());
    context.addComponent(SqlFileComponent.SCHEME, new SqlFileComponent(process.database()));
    registry.bind("secrets", process.secrets());
    registry.bind("node", process.node());
    registry.bind("subscriptions", subscriptions);
    registry.bind("attemptCounts", process.counts());
    registry.bind("operatorNews", observation.news());
    registry.bind("waitingNews", observation.news().waiting());
    registry.bind("webhookLabels", observation.labels());
    registry.bind("databaseReading", observation.reading());
    long beat = settings.duration("webhooks.node.heartbeat").toMillis();
    registry.bind("beatPeriod", Math.max(1, Math.min(beat, pollLease.toMillis() / 3)));
    // not ${camelContext.isStopping}: for that Camel looks through all methods of its context
    registry.bind("forwardMillis", pollLease.toMillis() / 2);
    registry.bind("forwardAskMillis", pollLease.toMillis() / 4);
    registry.bind("running", (Predicate) exchange -> !context.isStopping());
    registry.bind(
        "purge",
        new Purge(new Sql(process.database()), settings.integer("webhooks.retention.chunk")));
    registry.bind("retentionPauseMillis", settings.duration("webhooks.retention.pause").toMillis());
  }

  private void bindDispatch() {
    Duration most = settings.duration("webhooks.customise.timeout");
    Customising customising = Customising.in(context, most, RouteCheck.shippedRoutes(context));
    observation.watch(customising, endpoints);
    registry.bind(
        "mayClaim",
        (Predicate) exchange -> !context.isStopping() && observation.mayCustomise(customising));
    registry.bind("customisingThreads", customising.threads());
    // The verdict tells the fate of a change; the end of its exchange says nothing about the batch.
    registry.bind("verdictsOnly", (AggregationStrategy) (before, change) -> null);
    registry.bind("doorbell", new Doorbell(process.database(), System::nanoTime));
    Claims claims =
        new Claims(
            settings.integer("webhooks.poll.batches"),
            settings.duration("webhooks.poll.delay"),
            pollLease,
            settings.duration("webhooks.node.heartbeat").multipliedBy(5),
            observation::claimsMove);
    registry.bind("claims", claims);
    Dispatch dispatch =
        new Dispatch(
            claims,
            owing,
            size -> Aside.run("sizes of batches", () -> observation.batches().accept(size)),
            observation.news());
    registry.bind("dispatch", dispatch);
    registry.bind("checkChange", (Processor) Dispatch::check);
    int mostBytes = settings.integer("webhooks.poll.record-bytes");
    registry.bind("deliverySteps", new DeliverySteps(context, owing, mostBytes));
    registry.bind("nextDelivery", (Predicate) DeliverySteps::next);
    registry.bind("oweDeliveries", (Processor) dispatch::owe);
    registry.bind("dropChange", (Processor) Dispatch::drop);
    registry.bind("parkChange", (Processor) Dispatch::park);
    LanePlan lanes =
        new LanePlan(
            endpoints,
            settings.integer("webhooks.poll.batch-size"),
            settings.integer("webhooks.dispatch.lanes"),
            settings.integer("webhooks.poll.batches"),
            settings.duration("webhooks.dispatch.patience"));
    registry.bind("lanes", lanes);
    registry.bind(
        "rounds",
        new Rounds(
            claims,
            dispatch,
            lanes,
            () -> observation.mayCustomise(customising),
            () -> !context.isStopping()));
    registry.bind(
        "moreRounds", (Predicate) exchange -> !context.isStopping() && Rounds.isNext(exchange));
    // One pool for lanes and pending deliveries: load moves between them, and threads with it.
    registry.bind(
        "sendingThreads", context.getExecutorServiceManager().newCachedThreadPool(lanes, "send"));
  }

  private void bindRecord() {
    Duration deliveryLease = settings.duration("webhooks.delivery.lease");
    Recording recording = new Recording(endpoints, deliveryLease, pollLease);
    registry.bind("recording", recording);
    registry.bind("lateOutcome", (Predicate) recording::isLate);
    registry.bind("leaseLasts", (Predicate) recording::leaseLasts);
    registry.bind("keepsOrder", (Predicate) Recording::keepsOrder);
    registry.bind("refusal", new Refusal());
    registry.bind("refusedRecord", new RefusedRecord(observation.news()));
    registry.bind("redeliveryOutcomes", new LinkedBlockingQueue<>(100_000));
    registry.bind("groupOutcomes", new GroupedBodyAggregationStrategy());
    // By itself an aggregation hands its groups to a thread with a queue of its own. Then the queue
    // before it is always empty, and each outcome is a group.
    registry.bind("sameThread", new SynchronousExecutorService());
  }

  private void bindRedeliverAndReplay() {
    registry.bind(
        "redelivery",
        new Redelivery(
            endpoints,
            subscriptions,
            settings.integer("webhooks.redelivery.concurrency"),
            4L * settings.integer("webhooks.poll.batch-bytes")));
    ReplayPace pace =
        new ReplayPace(
            settings.fraction("webhooks.replay.share"),
            settings.integer("webhooks.replay.failures"),
            settings.duration("webhooks.replay.pause"),
            settings.duration("webhooks.replay.delay"));
    registry.bind("replayPace", pace);
    registry.bind("replaying", new Replaying(pace, subscriptions, owing));
  }
}

package io.crmwebhooks.observe;

import io.crmwebhooks.database.Sql;
import io.crmwebhooks.observe.Tracing.TracedExchange;
import io.crmwebhooks.pipeline.Customising;
import io.crmwebhooks.pipeline.Endpoints;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.component.micrometer.MicrometerConstants;
import org.apache.camel.health.HealthCheckRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The measurements of one process, and their way into its routes. Thread-safe. */
public final class Observation implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Observation.class);

  private static final String CLAIM = "take-batch";
  private static final Set<String> WITHIN_A_BATCH = Set.of("find-waiting", "write-part");
  private static final double MILLIS = 1e3;

  private final MeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final PollPulse pulse = new PollPulse(System::nanoTime);
  private final Duration liveWithin;
  private final Duration readyWithin;
  private final WebhookLabels labels;
  private final AttemptMeters attempts;
  private final DatabaseReading reading;
  private final DistributionSummary batches;
  private final OperatorNews news;
  private final boolean traced;
  private final boolean managed;
  private AutoCloseable tracing = () -> {};

  /**
   * @param sql for what the gauges need of the database; not the pipeline's own connections
   */
  public Observation(Settings settings, Sql sql) {
    liveWithin = settings.duration("webhooks.health.live-within");
    readyWithin = settings.duration("webhooks.health.ready-within");
    traced = settings.text("webhooks.tracing.enabled").equals("true");
    managed = settings.text("webhooks.manage.enabled").equals("true");
    labels = new WebhookLabels(settings.integer("webhooks.metrics.webhooks"));
    attempts = new AttemptMeters(registry, labels);
    batches =
        DistributionSummary.builder("webhooks.batch.changes")
            .description("Changes of each batch that this process has claimed")
            .serviceLevelObjectives(1, 10, 50, 100, 500, 1000, 5000)
            .register(registry);
    news =
        new OperatorNews(
            registry,
            settings.duration("webhooks.news.interval"),
            settings.integer("webhooks.news.waiting"));
    reading = new DatabaseReading(sql, labels, System::nanoTime);
    reading.register(registry);
    Gauge.builder("webhooks.last.claim.age", () -> pulse.sinceClaim().toMillis() / MILLIS)
        .baseUnit("seconds")
        .description("For how long no claim of this process has succeeded")
        .register(registry);
    Gauge.builder("webhooks.database.reachable", () -> pulse.reachable() ? 1 : 0)
        .description("Whether the last claim of this process has met the database")
        .register(registry);
  }

  public WebhookLabels labels() {
    return labels;
  }

  public AttemptMeters attempts() {
    return attempts;
  }

  public DatabaseReading reading() {
    return reading;
  }

  public OperatorNews news() {
    return news;
  }

  /** Takes the number of changes of each batch. */
  public IntConsumer batches() {
    return batches::record;
  }

  /** The claims of batches that take long have been renewed. */
  public void claimsMove() {
    pulse.renewed();
  }

  /** Shows how many attempts are in flight and how many customising steps hang. */
  public void watch(Customising customising, Endpoints endpoints) {
    labels.gauge(
        registry,
        "webhooks.attempts.in.flight",
        null,
        "Attempts that this process is making",
        label -> endpoints.count(id -> labels.of(id).equals(label)));
    Gauge.builder("webhooks.customising.abandoned", customising::abandoned)
        .description("Customising steps that hang and were abandoned")
        .register(registry);
  }

  /** Whether changes may be claimed; while too many steps hang, this process is not ready. */
  public boolean mayCustomise(Customising customising) {
    if (customising.isPaused()) {
      pulse.heldUp(customising.abandoned() + " customising steps hang");
      return false;
    }
    return true;
  }

  /** To be called before the routes are made. */
  public void instrument(CamelContext context) {
    if (traced) {
      try {
        tracing = Tracing.start(context);
      } catch (NoClassDefFoundError e) {
        throw new StartupException(
            "webhooks.tracing.enabled=true needs the libraries of lib/tracing on the class path");
      }
    }
    CamelTools.prepare(context, managed);
    TracedExchange.install(context);
    news.connect(context);
    context.getRegistry().bind(MicrometerConstants.METRICS_REGISTRY_NAME, registry);
    context
        .getCamelContextExtension()
        .addInterceptStrategy(
            new StatementTimes(
                registry,
                (route, failure) -> {
                  if (route.equals(CLAIM)) {
                    pulse.ended(failure);
                  } else if (WITHIN_A_BATCH.contains(route)) {
                    pulse.tried();
                  }
                }));
  }

  /** Exports what has been traced. */
  @Override
  public void close() {
    try {
      tracing.close();
    } catch (Exception e) {
      LOG.warn("tracing.lost error=\"{}\"", e.getMessage());
    }
  }

  /** To be called when the context is configured. */
  public void addHealth(CamelContext context) {
    HealthCheckRegistry checks = HealthCheckRegistry.get(context);
    checks.register(Health.live(pulse, liveWithin));
    checks.register(Health.ready(pulse, readyWithin));
    checks.register(Health.capture(reading));
  }

  /**
   * As {@link #addHealth}, where batches come from Kafka.
   *
   * @param silence for how long the brokers have not answered
   */
  public void addHealthOfKafka(CamelContext context, Supplier<Duration> silence) {
    HealthCheckRegistry.get(context).register(Health.kafka(silence, readyWithin));
  }
}

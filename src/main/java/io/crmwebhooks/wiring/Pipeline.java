package io.crmwebhooks.wiring;

import io.crmwebhooks.admin.Api;
import io.crmwebhooks.admin.ApiServer;
import io.crmwebhooks.admin.TestAttempt;
import io.crmwebhooks.admin.Tokens;
import io.crmwebhooks.database.Database;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.observe.AttemptCounts;
import io.crmwebhooks.observe.Observation;
import io.crmwebhooks.pipeline.Doorbell;
import io.crmwebhooks.pipeline.Endpoints;
import io.crmwebhooks.routes.CustomRoutes;
import io.crmwebhooks.routes.EditedFile;
import io.crmwebhooks.routes.RouteCheck;
import io.crmwebhooks.secret.Secrets;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One set of running routes. */
public final class Pipeline implements Running {
  private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);
  private static final Duration GRACE = Duration.ofSeconds(3);

  private final Main camel;
  private final Database database;
  private final Duration shutdownTimeout;
  private final PipelineBeans.Process process;
  private final Observation observation;
  private final String firstToken;

  private Pipeline(
      Main camel,
      Database database,
      Duration shutdownTimeout,
      PipelineBeans.Process process,
      Observation observation,
      String firstToken) {
    this.camel = camel;
    this.database = database;
    this.shutdownTimeout = shutdownTimeout;
    this.process = process;
    this.observation = observation;
    this.firstToken = firstToken;
  }

  /**
   * Starts the routes; returns when they poll.
   *
   * @throws StartupException when the port is taken, or a route file cannot be read or started
   */
  public static Pipeline start(Settings settings, Database database) {
    return first(settings, database, false);
  }

  /**
   * As {@link #start}.
   *
   * @param shared whether others may follow on its port
   */
  static Pipeline first(Settings settings, Database database, boolean shared) {
    Engine.check(settings);
    ApiServer.checkPort(settings);
    EditedFile.warn(settings);
    Pipeline pipeline = open(settings, database, shared);
    Engine.warnOfForwarded(settings, new Sql(database.dataSource()));
    LOG.info(
        "pipeline.started routes={} node={}",
        pipeline.context().getRoutesSize(),
        pipeline.process.node().getId());
    return pipeline;
  }

  /** Starts the routes without a word, also beside those that share the port. */
  static Pipeline open(Settings settings, Database database, boolean shared) {
    DataSource dataSource = database.dataSource();
    Duration shutdownTimeout = settings.duration("webhooks.shutdown.timeout");
    Sql apiSql = new Sql(database.apiDataSource());
    Tokens tokens = new Tokens(apiSql, settings.text("webhooks.admin.token"));
    Observation observation = new Observation(settings, apiSql);
    AttemptCounts counts = new AttemptCounts(new Sql(dataSource), observation.attempts());
    Clock clock = Clock.systemUTC();
    Main camel = new Main();
    Set<String> targets = new TreeSet<>();
    Node node = Node.join(dataSource);
    try {
      Secrets secrets = Secrets.open(settings, dataSource, node.getId());
      PipelineBeans.Process process = new PipelineBeans.Process(dataSource, secrets, node, counts);
      camel.setDefaultPropertyPlaceholderLocation("false");
      camel.setOverrideProperties(settings.properties());
      camel.configure().setShutdownTimeout((int) Math.max(1, shutdownTimeout.toSeconds()));
      camel.addMainListener(
          new MainListenerSupport() {
            @Override
            public void beforeConfigure(BaseMainSupport main) {
              CustomRoutes.make(main.getCamelContext(), settings);
              main.configure()
                  .setRoutesIncludePattern(CustomRoutes.all(main.getCamelContext(), settings));
              observation.instrument(main.getCamelContext());
              PipelineBeans.bind(main.getCamelContext(), settings, process, observation);
              TestAttempt attempt = TestAttempt.in(main.getCamelContext());
              Api.Surroundings surroundings =
                  Engine.surroundings(
                      settings,
                      () -> secrets,
                      () -> attempt,
                      counts,
                      observation.news(),
                      () -> targets);
              Api api = Api.open(settings, apiSql, tokens, surroundings, clock);
              ApiServer.prepare(main.getCamelContext(), api, tokens, settings, shared);
            }

            @Override
            public void afterConfigure(BaseMainSupport main) {
              RouteCheck.require(main.getCamelContext(), settings);
              targets.addAll(CustomRoutes.targets(main.getCamelContext(), settings));
              Targets.require(new Sql(dataSource), targets);
              observation.addHealth(main.getCamelContext());
              Engine.open(main.getCamelContext(), settings, new Sql(dataSource), observation);
            }
          });
      camel.start();
      if (camel.getCamelContext().getRoutesSize() == 0) {
        throw new StartupException(
            "webhooks.routes=" + settings.text("webhooks.routes") + " names no route file");
      }
      ProducerTemplate routes = camel.getCamelContext().createProducerTemplate();
      bean(camel, "doorbell", Doorbell.class)
          .start(() -> routes.sendBody("seda:poll-changes?size=1&discardWhenFull=true", null));
      String firstToken = firstToken(tokens);
      return new Pipeline(camel, database, shutdownTimeout, process, observation, firstToken);
    } catch (StartupException e) {
      giveUp(camel, node);
      throw e;
    } catch (Exception e) {
      giveUp(camel, node);
      throw new StartupException("the routes do not start: " + rootMessage(e), e);
    }
  }

  /** Deliveries go on without the API, so a database that is away now ends nothing. */
  private static String firstToken(Tokens tokens) {
    try {
      return tokens.addFirst().orElse(null);
    } catch (SQLException e) {
      LOG.warn(
          "token.unknown error=\"{}\" if there is none yet, the next start makes it",
          e.getMessage());
      return null;
    }
  }

  private static <T> T bean(Main camel, String name, Class<T> type) {
    return camel.getCamelContext().getRegistry().lookupByNameAndType(name, type);
  }

  /** A process that did not start must not look like one that runs, nor leave threads behind. */
  private static void giveUp(Main camel, Node node) {
    camel.stop();
    if (camel.getCamelContext() != null) {
      camel.getCamelContext().stop(); // a Main that has failed leaves it as it is
    }
    try {
      node.leave(List.of());
    } catch (SQLException e) {
      LOG.debug("it counts as running for five beats: {}", e.getMessage());
    }
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return e == root ? e.getMessage() : e.getMessage() + " (" + root.getMessage() + ")";
  }

  @Override
  public Optional<String> firstToken() {
    return Optional.ofNullable(firstToken);
  }

  @Override
  public int port() {
    return ApiServer.of(camel.getCamelContext()).getPort();
  }

  CamelContext context() {
    return camel.getCamelContext();
  }

  @Override
  public void close() {
    database.hurry();
    end().ifPresent(givenBack -> LOG.info("pipeline.stopped givenBack={}", givenBack));
  }

  /**
   * As {@link #close}, but without hurry, since another works on the database.
   *
   * @return how many deliveries are given back; empty: none, which it has told
   */
  OptionalInt end() {
    Endpoints endpoints = bean(camel, "endpoints", Endpoints.class);
    bean(camel, "doorbell", Doorbell.class).close();
    stopCamel();
    observation.close();
    try {
      process.node().leave(endpoints.ids());
      process.counts().flush();
      return OptionalInt.of(endpoints.ids().size());
    } catch (SQLException e) {
      LOG.warn(
          "pipeline.stopped the claims stay until their leases end error=\"{}\"", e.getMessage());
      return OptionalInt.empty();
    }
  }

  /** Camel bounds the end of a route, but not that of a consumer that hangs in a statement. */
  private void stopCamel() {
    Thread stopper = new Thread(camel::stop, "stop-camel");
    stopper.setDaemon(true);
    stopper.start();
    try {
      stopper.join(shutdownTimeout.plus(GRACE).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (stopper.isAlive()) {
      LOG.warn("pipeline.stopping a route does not end and is left behind");
    }
  }
}

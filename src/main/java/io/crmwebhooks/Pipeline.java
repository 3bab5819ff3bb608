package io.crmwebhooks;

import io.crmwebhooks.database.Database;
import io.crmwebhooks.deliver.InFlight;
import io.crmwebhooks.poll.Node;
import io.crmwebhooks.settings.Settings;
import java.io.IOException;
import java.net.ServerSocket;
import java.sql.SQLException;
import java.time.Clock;
import javax.sql.DataSource;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running routes over one database. {@link #close} finishes what is in flight within {@code
 * webhooks.shutdown.timeout} and gives back the rest; the database stays open.
 */
public final class Pipeline implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);

  private final Main camel;
  private final Node node;
  private final InFlight inFlight;

  private Pipeline(Main camel, Node node, InFlight inFlight) {
    this.camel = camel;
    this.node = node;
    this.inFlight = inFlight;
  }

  /**
   * Starts the routes; returns when they poll.
   *
   * @throws StartupException when the port is taken, or a route file cannot be read or started
   */
  public static Pipeline start(Settings settings, Database database) {
    checkPort(settings.integer("webhooks.http.port"));
    DataSource dataSource = database.dataSource();
    InFlight inFlight = new InFlight();
    Main camel = new Main();
    try {
      Node node = Node.join(dataSource);
      camel.setDefaultPropertyPlaceholderLocation("false");
      camel.setOverrideProperties(settings.properties());
      camel.configure().setRoutesIncludePattern(settings.text("webhooks.routes"));
      camel
          .configure()
          .setShutdownTimeout((int) settings.duration("webhooks.shutdown.timeout").toSeconds());
      camel.addMainListener(
          new MainListenerSupport() {
            @Override
            public void beforeConfigure(BaseMainSupport main) {
              PipelineBeans.bind(
                  main.getCamelContext(), settings, dataSource, node, inFlight, Clock.systemUTC());
            }
          });
      camel.start();
      if (camel.getCamelContext().getRoutesSize() == 0) {
        throw new StartupException(
            "webhooks.routes=" + settings.text("webhooks.routes") + " names no route file");
      }
      LOG.info(
          "pipeline.started routes={} node={}",
          camel.getCamelContext().getRoutesSize(),
          node.getId());
      return new Pipeline(camel, node, inFlight);
    } catch (StartupException e) {
      camel.stop();
      throw e;
    } catch (Exception e) {
      camel.stop();
      throw new StartupException("the routes do not start: " + rootMessage(e), e);
    }
  }

  /** Camel's HTTP server would only log that its port is taken. */
  private static void checkPort(int port) {
    try {
      new ServerSocket(port).close();
    } catch (IOException e) {
      throw new StartupException(
          "webhooks.http.port=" + port + " cannot be used: " + e.getMessage(), e);
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
  public void close() {
    camel.stop();
    try {
      node.leave(inFlight.ids());
      LOG.info("pipeline.stopped givenBack={}", inFlight.ids().size());
    } catch (SQLException e) {
      LOG.warn(
          "pipeline.stopped the claims stay until their leases end error=\"{}\"", e.getMessage());
    }
  }
}

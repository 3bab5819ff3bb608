package io.crmwebhooks.wiring;

import io.crmwebhooks.database.Database;
import io.crmwebhooks.routes.CustomRoutes;
import io.crmwebhooks.routes.RouteTexts;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pipeline in development: it takes up each route file that is edited, added or removed. For
 * that a second pipeline starts beside the one at work, as another process would, and shares its
 * port. When it runs, the first one takes nothing more, ends what it has begun, and goes. So an
 * edit means the same as at a start, and nothing is lost. A pipeline that does not start changes
 * nothing.
 */
public final class Development implements Running {
  private static final Logger LOG = LoggerFactory.getLogger(Development.class);

  private static final long BETWEEN_LOOKS_MILLIS = 200;
  private static final int ENDING_AT_ONCE = 4;
  private static final int LINES_OF_A_REASON = 20;

  private final Settings settings;
  private final Database database;
  private final CamelContext finder = new DefaultCamelContext();
  private final Semaphore ending = new Semaphore(ENDING_AT_ONCE);
  private final Thread watch = new Thread(this::watch, "watch-routes");
  private final RouteTexts atStart;
  private volatile Pipeline pipeline;
  private volatile boolean closed;

  private Development(Settings settings, Database database) throws IOException {
    this.database = database;
    CustomRoutes.make(finder, settings);
    this.atStart = read(settings);
    this.pipeline = Pipeline.first(settings, database, true);
    this.settings = settings.with("webhooks.http.port", Integer.toString(pipeline.port()));
    watch.setDaemon(true);
  }

  /**
   * Starts the routes and watches their files; returns when they poll.
   *
   * @throws StartupException as {@link Pipeline#start} does
   */
  public static Development start(Settings settings, Database database) {
    try {
      Development development = new Development(settings, database);
      development.watch.start();
      LOG.info("development.started route files are taken up when they are edited");
      return development;
    } catch (IOException e) {
      throw new StartupException("the route files cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public Optional<String> firstToken() {
    return pipeline.firstToken();
  }

  @Override
  public int port() {
    return pipeline.port();
  }

  private RouteTexts read(Settings settings) throws IOException {
    return RouteTexts.read(finder, CustomRoutes.all(finder, settings));
  }

  /** A file is taken up when it is the same at two looks, so that it is written to its end. */
  private void watch() {
    RouteTexts running = atStart;
    RouteTexts tried = running;
    RouteTexts before = running;
    while (!closed) {
      try {
        Thread.sleep(BETWEEN_LOOKS_MILLIS);
        RouteTexts now = read(settings);
        if (now.equals(before) && !now.equals(tried)) {
          tried = now;
          running = takeUp(now, running);
        }
        before = now;
      } catch (InterruptedException e) {
        return;
      } catch (IOException e) {
        LOG.debug("a file that is being replaced is read at the next look", e);
      } catch (RuntimeException e) {
        LOG.error("route.unwatched for a moment", e);
      }
    }
  }

  /**
   * @return what runs from now on
   */
  private RouteTexts takeUp(RouteTexts now, RouteTexts running)
      throws InterruptedException, IOException {
    List<String> files = now.differingFrom(running);
    if (files.isEmpty()) {
      LOG.info("route.unchanged the files are again as they run");
      return running;
    }
    ending.acquire();
    Pipeline before = pipeline;
    try {
      pipeline = Pipeline.open(settings, database, true);
    } catch (StartupException | LinkageError e) {
      ending.release();
      LOG.warn("route.kept files={} the routes run on as they were:", String.join(",", files));
      String.valueOf(e.getMessage())
          .lines()
          .limit(LINES_OF_A_REASON)
          .forEach(line -> LOG.warn("  {}", line.strip()));
      return running;
    }
    new Thread(() -> end(before), "end-pipeline").start();
    for (String file : files) {
      RouteTexts of = now.has(file) ? now : running;
      LOG.info(
          "route.{} file={} routes={}",
          of == now ? "reloaded" : "removed",
          file,
          of.routesOf(file));
    }
    return now;
  }

  private void end(Pipeline before) {
    try {
      before.end();
    } finally {
      ending.release();
    }
  }

  @Override
  public void close() {
    closed = true;
    watch.interrupt();
    try {
      watch.join();
      pipeline.close();
      ending.acquire(ENDING_AT_ONCE);
      finder.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

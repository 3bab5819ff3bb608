package io.crmwebhooks.cli;

import io.crmwebhooks.admin.Caller.Role;
import io.crmwebhooks.admin.Tokens;
import io.crmwebhooks.cli.RunCommand.StopSignal;
import io.crmwebhooks.database.Database;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.demo.Printout;
import io.crmwebhooks.demo.SampleCrm;
import io.crmwebhooks.demo.SampleReceiver;
import io.crmwebhooks.demo.SampleWebhook;
import io.crmwebhooks.demo.Welcome;
import io.crmwebhooks.demo.Workday;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import io.crmwebhooks.wiring.Running;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.ServerSocket;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code crm-webhooks demo}: the whole of it on this machine, until Ctrl-C. {@code run} uses
 * nothing of the package {@code demo}.
 */
@Command(
    name = "demo",
    description =
        "Shows the program at work: a sample CRM with people in it, and a receiver that verifies "
            + "each request.")
final class DemoCommand implements Callable<Integer> {
  /**
   * Retries soon, so that a failing endpoint is seen to recover, keeps the log out of the
   * receiver's lines, and ends soon after Ctrl-C.
   */
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "webhooks.delivery.retry-schedule",
          "2s,5s,10s,30s",
          "webhooks.endpoint.first-pause",
          "2s",
          "webhooks.endpoint.longest-pause",
          "5s",
          "webhooks.shutdown.timeout",
          "5s",
          "webhooks.http.host",
          "127.0.0.1",
          "webhooks.log.level",
          "ERROR");

  private static final List<String> REHEARSED =
      List.of(
          "webhook list",
          "webhook list --database",
          "webhook list --json",
          "delivery list",
          "event list",
          "stats",
          "replay list",
          "reconcile",
          "token list",
          "webhook show 5a17e000-0000-4000-8000-000000000001",
          "send-test 5a17e000-0000-4000-8000-000000000001",
          "verify --secret s -H webhook-signature:v1,a --body {}",
          "webhook --help",
          "no-command");

  private static final String TOKEN = "webhooks.admin.token";

  @Option(names = "--for", paramLabel = "SECONDS", description = "End by itself after this time.")
  private Integer seconds;

  @Option(
      names = "--dev",
      description = "Take up route files that are edited, as run --dev does, and show the log.")
  private boolean development;

  @Option(names = "--rehearse", hidden = true, description = "Also run each command once.")
  private boolean rehearse;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    StopSignal stop = StopSignal.install();
    Settings.makeLocal();
    Settings settings = withToken(settings());
    PrintWriter out = spec.commandLine().getOut();
    say(out, "Starting PostgreSQL, the routes, a sample CRM and a sample receiver ...\n");
    Clock clock = Clock.systemDefaultZone();
    Printout printout = new Printout(out, clock);
    try (Database database = Database.upgrade(settings);
        SampleReceiver receiver = SampleReceiver.start(0, printout, clock)) {
      String token = setUp(database.dataSource(), receiver);
      try (Running pipeline = RunCommand.start(settings, database, development);
          Workday workday = new Workday(database.dataSource(), printout, new Random())) {
        say(out, Welcome.text(settings, token, receiver));
        workday.start();
        if (rehearse) {
          rehearse(pipeline.port(), token);
        }
        if (seconds == null) {
          stop.await();
        } else {
          stop.await(Duration.ofSeconds(seconds));
        }
        say(out, "Stopping: deliveries in flight are finished, and the others are kept.\n");
      }
    }
    return 0;
  }

  /** Runs the commands of an operator once, unseen, so that the archive of classes has theirs. */
  private void rehearse(int port, String token) {
    Map<String, String> server =
        Map.of("WEBHOOKS_URL", "http://127.0.0.1:" + port, "WEBHOOKS_TOKEN", token);
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    for (String command : REHEARSED) {
      Program.of(spec).complete(server).setOut(nowhere).setErr(nowhere).execute(command.split(" "));
    }
  }

  private static void say(PrintWriter out, String text) {
    out.print(text);
    out.flush();
  }

  /** Returns a token that is bound to the workspace, so that webhooks made with it are of it. */
  private static String setUp(DataSource dataSource, SampleReceiver receiver) {
    try {
      SampleCrm.create(dataSource);
      for (SampleWebhook webhook : SampleWebhook.values()) {
        webhook.create(dataSource, receiver);
      }
      return new Tokens(new Sql(dataSource), "").replace("demo", Role.ADMIN, SampleCrm.WORKSPACE);
    } catch (SQLException e) {
      throw new StartupException("cannot set up the sample CRM: " + e.getMessage(), e);
    }
  }

  /** A user who starts the demo again should get in again, so each start has a token of its own. */
  private static Settings withToken(Settings settings) {
    return settings.text(TOKEN).isEmpty() ? settings.with(TOKEN, Tokens.random()) : settings;
  }

  /** The demo should start whatever else runs here: a taken port is replaced by a free one. */
  private Settings settings() {
    Map<String, String> presets = new HashMap<>(DEFAULTS);
    if (development) {
      presets.put("webhooks.log.level", "INFO");
    }
    Settings settings = allowingReceiver(Program.of(spec).settings(presets));
    try (ServerSocket configured = new ServerSocket(settings.integer("webhooks.http.port"))) {
      return settings.with("webhooks.http.port", Integer.toString(configured.getLocalPort()));
    } catch (IOException taken) {
      try (ServerSocket free = new ServerSocket(0)) {
        return settings.with("webhooks.http.port", Integer.toString(free.getLocalPort()));
      } catch (IOException e) {
        throw new StartupException("no free port for webhooks.http.port: " + e.getMessage(), e);
      }
    }
  }

  /** Its receiver is on this machine, which is not public. */
  private static Settings allowingReceiver(Settings settings) {
    String also = settings.properties().getProperty("webhooks.egress.allow");
    return settings.with("webhooks.egress.allow", SampleReceiver.ADDRESS + "," + also);
  }
}

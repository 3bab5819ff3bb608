package io.crmwebhooks.cli;

import io.crmwebhooks.database.Database;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.wiring.Development;
import io.crmwebhooks.wiring.Pipeline;
import io.crmwebhooks.wiring.Running;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import sun.misc.Signal;

/** {@code crm-webhooks run}: the pipeline, until SIGTERM or Ctrl-C. */
@Command(
    name = "run",
    description = "Starts the pipeline and runs until it is told to stop (SIGTERM or Ctrl-C).",
    footer = {"  crm-webhooks run", "  crm-webhooks run --dev"})
final class RunCommand implements Callable<Integer> {
  @Option(
      names = "--dev",
      description =
          "For writing routes: a route file that is edited, added or removed is taken up at once, and"
              + " one with an error leaves the routes as they run.")
  private boolean development;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    StopSignal stop = StopSignal.install();
    Settings.makeLocal();
    Settings settings = Program.of(spec).settings(Map.of());
    try (Database database = Database.upgrade(settings);
        Running pipeline = start(settings, database, development)) {
      pipeline.firstToken().ifPresent(token -> show(token, pipeline.port()));
      stop.await();
    }
    return 0;
  }

  static Running start(Settings settings, Database database, boolean development) {
    return development ? Development.start(settings, database) : Pipeline.start(settings, database);
  }

  private void show(String token, int port) {
    PrintWriter out = spec.commandLine().getOut();
    out.println("token " + token);
    out.println("It opens the admin API with every right and is shown this once.");
    out.println("Console, signed in: http://localhost:" + port + "/#token=" + token);
    out.flush();
  }

  /**
   * SIGTERM and SIGINT as something to wait for. With a shutdown hook the virtual machine would end
   * with 143 even after an orderly end, and all hooks would run at once. So this takes the signals,
   * and the main thread ends the program itself. A second signal, a second later or more, ends it
   * at once, as a kill would.
   */
  static final class StopSignal {
    private static final long SAME_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final CountDownLatch received = new CountDownLatch(1);
    private long firstNanos;

    private StopSignal() {}

    /** Takes the signals over from the virtual machine, for the rest of its life. */
    static StopSignal install() {
      StopSignal stop = new StopSignal();
      for (String name : new String[] {"TERM", "INT"}) {
        Signal.handle(new Signal(name), signal -> stop.receive());
      }
      return stop;
    }

    /** {@code timeout} sends one to the process, and the same one again to its group. */
    private synchronized void receive() {
      if (received.getCount() > 0) {
        firstNanos = System.nanoTime();
        received.countDown();
      } else if (System.nanoTime() - firstNanos > SAME_NANOS) {
        Runtime.getRuntime().halt(130); // asked twice
      }
    }

    /** As if one had come. */
    void now() {
      received.countDown();
    }

    /** Returns when one of the signals has come. */
    void await() throws InterruptedException {
      received.await();
    }

    /**
     * As {@link #await()}, but no longer than this.
     *
     * @return whether a signal has come
     */
    boolean await(Duration atMost) throws InterruptedException {
      return received.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }
  }
}

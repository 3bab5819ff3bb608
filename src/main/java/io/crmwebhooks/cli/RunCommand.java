package io.crmwebhooks.cli;

import io.crmwebhooks.database.Database;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.wiring.Pipeline;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code crm-webhooks run}: the pipeline, until SIGTERM or Ctrl-C. */
@Command(
    name = "run",
    description = "Starts the pipeline and runs until it is told to stop (SIGTERM or Ctrl-C).")
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    StopSignal stop = StopSignal.install();
    Settings settings = Program.of(spec).settings(Map.of());
    try (Database database = Database.upgrade(settings);
        Pipeline pipeline = Pipeline.start(settings, database)) {
      pipeline.firstToken().ifPresent(token -> show(token, pipeline.port()));
      stop.await();
    }
    return 0;
  }

  private void show(String token, int port) {
    PrintWriter out = spec.commandLine().getOut();
    out.println("token " + token);
    out.println("It opens the admin API with every right and is shown this once.");
    out.println("Console, signed in: http://localhost:" + port + "/#token=" + token);
    out.flush();
  }
}

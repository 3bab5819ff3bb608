package io.crmwebhooks;

import io.crmwebhooks.database.Database;
import io.crmwebhooks.settings.Settings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code crm-webhooks run}: the pipeline, until SIGTERM or Ctrl-C. */
@Command(
    name = "run",
    description = "Starts the pipeline and runs until it is told to stop (SIGTERM or Ctrl-C).",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Override
  public Integer call() throws InterruptedException {
    StopSignal stop = StopSignal.install();
    Settings settings = CrmWebhooks.settings();
    try (Database database = Database.open(settings);
        Pipeline pipeline = Pipeline.start(settings, database)) {
      stop.await();
    }
    return 0;
  }
}

package io.crmwebhooks.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that asks the {@link AdminApi}. */
@Command(mixinStandardHelpOptions = true)
abstract class ApiCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ArgGroup(exclusive = false, order = 90, heading = "%nWhom to ask:%n")
  private Target target = new Target();

  @Option(names = "--json", description = "Print JSON, for scripts.")
  private boolean json;

  @Override
  public final Integer call() throws Exception {
    try (AdminApi api = target.open(spec)) {
      return run(api, new Console(spec, json));
    }
  }

  /**
   * @return one of {@link ExitCode}
   */
  abstract int run(AdminApi api, Console console) throws Exception;
}

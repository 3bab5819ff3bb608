package io.crmwebhooks.cli;

import java.util.Map;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code crm-webhooks completion}. */
@Command(
    name = "completion",
    description = "Prints what bash and zsh complete commands and options by.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  source <(bin/crm-webhooks completion)",
      "  bin/crm-webhooks completion > /etc/bash_completion.d/crm-webhooks"
    })
public final class CompletionCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    var out = spec.commandLine().getOut();
    // Not the one that runs, which knows this command only.
    CommandLine program = Program.of(spec).complete(Map.of());
    out.print(AutoComplete.bash(program.getCommandName(), program));
    out.flush();
  }
}

package io.crmwebhooks.cli;

import picocli.AutoComplete;
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
    out.print(AutoComplete.bash(spec.root().name(), spec.root().commandLine()));
    out.flush();
  }
}

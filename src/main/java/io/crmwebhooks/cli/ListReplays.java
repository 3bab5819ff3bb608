package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code crm-webhooks replay list}. */
@Command(name = "list", description = "Lists the replays, the newest first.")
final class ListReplays extends ApiCommand {
  @Option(names = "--webhook", paramLabel = "ID", description = "Only those to this webhook.")
  private UUID webhook;

  @Option(
      names = {"-n", "--limit"},
      defaultValue = "50",
      description = "How many at most. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Override
  int run(AdminApi api, Console console) throws Exception {
    Request list = Request.get("/rest/replays").with("webhookId", webhook);
    try (ProgressBar bar = console.bar()) {
      ArrayNode replays = Pages.read(api, list, console.positive("--limit", limit), bar);
      bar.close();
      console.print(replays, ReplayText::list);
      return ExitCode.OK;
    }
  }
}

package io.crmwebhooks.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code crm-webhooks event list}. */
@Command(
    name = "list",
    description = "Lists changes, the newest first.",
    footerHeading = "%nExample:%n",
    footer = "  crm-webhooks event list --since 1h --event 'person.*'")
final class ListEvents extends ApiCommand {
  private static final Table TABLE =
      new Table("No change matches. Is the table captured? See: crm-webhooks capture list")
          .column("EVENT ID", "/id")
          .column("EVENT", "/event")
          .column("RECORD", "/recordId")
          .column("CHANGED FIELDS", "/updatedFields")
          .count("BYTES", "/bytes")
          .column("STATE", "/state")
          .column("OCCURRED AT", "/occurredAt")
          .column("PARKED BECAUSE", "/parkedReason");

  @Mixin private ChangeFilter filter;

  @Option(names = "--record", paramLabel = "ID", description = "Only changes of this record.")
  private String record;

  @Option(
      names = {"-n", "--limit"},
      defaultValue = "50",
      description = "How many at most. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Override
  int run(AdminApi api, Console console) throws Exception {
    Request list = filter.on(Request.get("/rest/events")).with("recordId", record);
    try (ProgressBar bar = console.bar()) {
      var rows = Pages.read(api, list, console.positive("--limit", limit), bar);
      bar.close();
      console.print(rows, TABLE::of);
      return ExitCode.OK;
    }
  }
}

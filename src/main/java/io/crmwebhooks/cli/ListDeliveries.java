package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code crm-webhooks delivery list}. */
@Command(
    name = "list",
    description = "Lists deliveries, the newest change first.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  crm-webhooks delivery list --state dead",
      "  crm-webhooks delivery list --webhook ID --event 'person.*' --since 2h --limit 500"
    })
final class ListDeliveries extends ApiCommand {
  private static final Table TABLE =
      new Table("No delivery matches.")
          .column("DELIVERY", "/id")
          .column("STATE", "/state")
          .column("EVENT", "/event")
          .column("RECORD", "/recordId")
          .count("ATTEMPTS", "/attemptCount")
          .column("LAST ATTEMPT", "/attemptedAt")
          .column("NEXT ATTEMPT", "/dueAt")
          .column("STATUS", "/status")
          .column("ERROR", "/error");

  @Mixin private DeliveryFilter filter;

  @Option(
      names = {"-n", "--limit"},
      defaultValue = "50",
      description = "How many at most. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Override
  int run(AdminApi api, Console console) throws Exception {
    try (ProgressBar bar = console.bar()) {
      ArrayNode rows =
          Pages.read(
              api,
              filter.on(Request.get("/rest/deliveries")),
              console.positive("--limit", limit),
              bar);
      bar.close();
      console.print(rows, TABLE::of);
      return ExitCode.OK;
    }
  }
}

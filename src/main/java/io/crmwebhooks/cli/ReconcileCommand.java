package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code crm-webhooks reconcile}. */
@Command(
    name = "reconcile",
    description = {
      "Proves that nothing was lost: says what became of every change that each webhook was owed, and lists those"
          + " that are found nowhere."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:nothing is lost", "1 to 4:it could not be found out", "5:there is a gap"},
    footerHeading = "%nExample:%n",
    footer = "  crm-webhooks reconcile --since 24h")
public final class ReconcileCommand extends ApiCommand {
  @Option(
      names = "--since",
      converter = PastTime.class,
      description =
          "When the first change was made: "
              + PastTime.FORMS
              + ". Default: the oldest change that is kept.")
  private Instant since;

  @Option(
      names = "--until",
      converter = PastTime.class,
      description = "When the range ends, in the same forms. Default: now.")
  private Instant until;

  @Option(names = "--webhook", paramLabel = "ID", description = "Only this webhook.")
  private UUID webhook;

  @Option(
      names = {"-w", "--workspace"},
      description = "Only webhooks of this workspace.")
  private String workspace;

  @Option(
      names = "--gaps",
      defaultValue = "100",
      description = "How many gaps to list at most. Default: ${DEFAULT-VALUE}.")
  private int gaps;

  @Override
  int run(AdminApi api, Console console) throws Exception {
    Request request =
        Request.get("/rest/reconciliation")
            .with("since", since)
            .with("until", until)
            .with("webhookId", webhook)
            .with("workspace", workspace)
            .with("gaps", gaps);
    JsonNode report;
    try (ProgressBar bar = console.bar()) {
      report = api.call(request.watchedBy(bar.of("accounting")));
    }
    console.print(report, ReconcileText::of);
    return report.path("gap").asLong() == 0 ? ExitCode.OK : ExitCode.GAP;
  }
}

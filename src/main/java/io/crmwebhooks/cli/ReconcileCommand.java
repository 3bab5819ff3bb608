package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.admin.ChangeAccount.Fate;
import io.crmwebhooks.cli.AdminApi.Request;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code crm-webhooks reconcile}. */
@Command(
    name = "reconcile",
    description = {
      "Proves that nothing was lost: counts the fates of all changes that each webhook was owed, "
          + "and lists those that are found nowhere."
    },
    exitCodeList = {"0:nothing is lost", "1 to 4:it could not be found out", "5:there is a gap"},
    footer = "  crm-webhooks reconcile --since 24h")
final class ReconcileCommand implements Callable<Integer> {
  private static final Table WEBHOOKS = webhooks();
  private static final Table GAPS =
      new Table("")
          .column("MISSING AT", "/webhookId")
          .column("CHANGE", "/changeId")
          .column("EVENT", "/event")
          .column("RECORD", "/recordId")
          .column("OCCURRED AT", "/occurredAt");

  @Mixin private Session session;

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

  private static Table webhooks() {
    Table table =
        new Table("There is no webhook, so nothing was owed.")
            .column("WEBHOOK", "/webhookId")
            .column("URL", "/targetUrl")
            .count("MATCHED", "/matched");
    for (Fate fate : Fate.values()) {
      table.count(fate.name(), "/" + fate.key());
    }
    return table;
  }

  @Override
  public Integer call() throws Exception {
    Request request =
        Request.get("/rest/reconciliation")
            .with("since", since)
            .with("until", until)
            .with("webhookId", webhook)
            .with("workspace", workspace)
            .with("gaps", gaps);
    return session.run(
        api -> {
          JsonNode report;
          try (Console.Bar bar = session.bar()) {
            report = api.call(request.watchedBy(bar.of("accounting")));
          }
          session.print(report, ReconcileCommand::words);
          return report.path("gap").asLong() == 0 ? ExitCode.OK : ExitCode.GAP;
        });
  }

  /** A report of {@link io.crmwebhooks.admin.Reconciliation} in words, for the terminal. */
  static String words(JsonNode report) {
    JsonNode gaps = report.path("gaps");
    if (report.path("webhooks").isEmpty()) {
      return WEBHOOKS.of(report.path("webhooks"));
    }
    String line = System.lineSeparator();
    return WEBHOOKS.of(report.path("webhooks"))
        + (gaps.isEmpty() ? "" : line + GAPS.of(gaps))
        + line
        + verdict(report.path("gap").asLong(), gaps.size());
  }

  private static String verdict(long lost, int listed) {
    if (lost == 0) {
      return "Nothing is lost: each change that a webhook was owed is accounted for.%n".formatted();
    }
    return "%,d %s missing%s. To send them: crm-webhooks replay start WEBHOOK --since TIME%n"
        .formatted(
            lost,
            lost == 1 ? "delivery is" : "deliveries are",
            listed < lost ? ", " + listed + " of them listed" : "");
  }
}

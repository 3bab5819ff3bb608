package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.crmwebhooks.admin.ChangeAccount.Fate;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.admin.Reconciliation;
import io.crmwebhooks.cli.AdminApi.Request;
import io.crmwebhooks.database.Database;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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
          .columns("MISSING AT /webhookId, CHANGE /changeId, EVENT /event, RECORD /recordId")
          .columns("OCCURRED AT /occurredAt");

  @Mixin private Session session;

  @Mixin private PastTime.Range range;

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
            .columns("WEBHOOK /webhookId, URL /targetUrl, MATCHED #/matched");
    for (Fate fate : Fate.values()) {
      table.columns(fate.name() + " #/" + fate.key());
    }
    return table;
  }

  @Override
  public Integer call() throws Exception {
    Request request =
        range
            .on(Request.get("/rest/reconciliation"))
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

  /** {@code crm-webhooks check}: works on the database, whether or not the pipeline runs. */
  @Command(
      name = "check",
      description = {
        "Checks that the tables of the pipeline agree with each other, and names the contradictions. "
            + "(\"reconcile\" says whether every change was sent.)"
      },
      exitCodeList = {
        "0:all of it agrees",
        "1 to 3:it could not be found out",
        "5:something does not"
      })
  static final class CheckCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
        names = "--most",
        defaultValue = "100",
        description = "How many problems to name at most (default: ${DEFAULT-VALUE}).")
    private int most;

    @Option(names = "--json", description = "Print JSON, an array of sentences.")
    private boolean json;

    @Override
    public Integer call() throws SQLException {
      try (Database database = Database.open(Program.of(spec).settings())) {
        List<String> problems =
            new Reconciliation(Sql.patient(database.dataSource())).disagreements(most);
        ArrayNode array = Json.array();
        problems.forEach(array::add);
        String words =
            problems.isEmpty()
                ? "The tables agree with each other."
                : String.join(System.lineSeparator(), problems);
        new Console(spec, json).print(array, answer -> words);
        return problems.isEmpty() ? ExitCode.OK : ExitCode.GAP;
      }
    }
  }
}

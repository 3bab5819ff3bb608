package io.crmwebhooks.reconcile;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.CrmWebhooks;
import io.crmwebhooks.StartupException;
import io.crmwebhooks.admin.PastTime;
import io.crmwebhooks.admin.ProgressBar;
import io.crmwebhooks.database.Database;
import io.crmwebhooks.database.Sql;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code crm-webhooks reconcile}: works on the database, whether or not the pipeline runs. */
@Command(
    name = "reconcile",
    description = {
      "Proves that nothing was lost: says what became of every change that each webhook was owed, and lists those"
          + " that are found nowhere."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:nothing is lost",
      "1:it could not be found out",
      "2:wrong usage",
      "3:there is a gap"
    },
    footerHeading = "%nExample:%n",
    footer = "  crm-webhooks reconcile --since 24h")
public final class ReconcileCommand implements Callable<Integer> {
  private static final int GAP = 3;

  @Spec private CommandSpec spec;

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

  @Option(names = "--webhook", description = "Only this webhook.")
  private UUID webhook;

  @Option(
      names = {"-w", "--workspace"},
      description = "Only webhooks of this workspace.")
  private String workspace;

  @Option(
      names = "--gaps",
      defaultValue = "100",
      description = "How many gaps to list at most (default: ${DEFAULT-VALUE}).")
  private int gaps;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (Database database = Database.open(CrmWebhooks.settings());
        ProgressBar bar = ProgressBar.onTerminal(spec.commandLine().getErr())) {
      ObjectNode report =
          new Reconciliation(new Sql(database.dataSource()))
              .report(
                  new Reconciliation.Request(since, until, webhook, workspace, gaps),
                  fraction -> bar.at(fraction, "accounting"));
      bar.close();
      out.print(json ? report.toPrettyString() + System.lineSeparator() : ReconcileText.of(report));
      out.flush();
      return report.path("gap").asLong() == 0 ? 0 : GAP;
    } catch (SQLException e) {
      throw new StartupException("cannot reconcile: " + e.getMessage(), e);
    }
  }
}

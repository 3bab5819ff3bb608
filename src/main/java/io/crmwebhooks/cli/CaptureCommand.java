package io.crmwebhooks.cli;

import io.crmwebhooks.admin.CapturedTable;
import io.crmwebhooks.admin.Captures;
import io.crmwebhooks.database.Database;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code crm-webhooks capture}: says which tables of the CRM are watched. */
@Command(
    name = "capture",
    description = "Says which tables of the CRM are watched for changes.",
    subcommands = {HelpCommand.class},
    synopsisSubcommandLabel = "(install | remove | list)",
    footerHeading = "%nExamples:%n",
    footer = {
      "  crm-webhooks capture install --table person --table company",
      "  crm-webhooks capture list"
    })
public final class CaptureCommand extends Group {
  @Command(
      name = "install",
      description = "Puts the capture triggers on tables. Doing it twice changes nothing.",
      mixinStandardHelpOptions = true,
      footerHeading = "%nExamples:%n",
      footer = {
        "  crm-webhooks capture install --table person --table company",
        "  crm-webhooks capture install --schema workspace_1 --table _pet --workspace one"
      })
  void install(
      @Option(
              names = "--schema",
              defaultValue = "public",
              description = "Schema of the tables (default: ${DEFAULT-VALUE}).")
          String schema,
      @Option(
              names = "--table",
              required = true,
              description = "Table, as spelled in the database, without quotes; may be repeated.")
          List<String> tables,
      @Option(
              names = "--object",
              description =
                  "What events call it, as in <object>.created (default: the table's name"
                      + " without leading underscores).")
          String object,
      @Option(
              names = "--workspace",
              defaultValue = "",
              description = "Workspace of the changes (default: none).")
          String workspace,
      @Option(
              names = "--ignore-column",
              description =
                  "Column whose change alone is no event, beside updated_at and the search vector;"
                      + " may be repeated.")
          List<String> ignored) {
    if (object != null && tables.size() > 1) {
      throw new ParameterException(
          spec.commandLine(), "--object names one table, but --table was given more than once");
    }
    inDatabase(
        captures ->
            tables.forEach(
                table -> {
                  String name = object != null ? object : objectOf(table);
                  boolean changed =
                      captures.install(
                          schema, table, name, workspace, ignored == null ? List.of() : ignored);
                  out()
                      .printf(
                          "%s.%s %s captured as %s%n",
                          schema, table, changed ? "is now" : "was already", name);
                }));
  }

  @Command(
      name = "remove",
      description = "Takes the capture triggers off tables. Changes already made are still sent.",
      mixinStandardHelpOptions = true,
      footerHeading = "%nExample:%n",
      footer = "  crm-webhooks capture remove --table person")
  void remove(
      @Option(
              names = "--schema",
              defaultValue = "public",
              description = "Schema of the tables (default: ${DEFAULT-VALUE}).")
          String schema,
      @Option(
              names = "--table",
              required = true,
              description = "Table, as spelled in the database, without quotes; may be repeated.")
          List<String> tables) {
    inDatabase(
        captures ->
            tables.forEach(
                table ->
                    out()
                        .printf(
                            "%s.%s %s captured%n",
                            schema,
                            table,
                            captures.remove(schema, table) ? "is no longer" : "was not")));
  }

  @Command(
      name = "list",
      description = "Shows the captured tables.",
      mixinStandardHelpOptions = true)
  void list(@Option(names = "--json", description = "Print JSON, for scripts.") boolean json) {
    inDatabase(
        captures -> {
          List<CapturedTable> tables = captures.list();
          new Console(spec, json)
              .print(CaptureList.json(tables), array -> CaptureList.format(tables));
        });
  }

  /** The CRM names the tables of custom objects with a leading underscore, their events without. */
  static String objectOf(String table) {
    String name = table.replaceFirst("^_+", "");
    return name.isEmpty() ? table : name;
  }

  private void inDatabase(Consumer<Captures> work) {
    try (Database database = Database.open(Program.of(spec).settings())) {
      work.accept(new Captures(database.dataSource()));
      out().flush();
    }
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}

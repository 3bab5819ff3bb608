package io.crmwebhooks.cli;

import io.crmwebhooks.admin.Captures;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.database.Database;
import io.crmwebhooks.settings.StartupException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code crm-webhooks capture}: says which tables of the CRM are watched. */
@Command(
    name = "capture",
    description = "Says which tables of the CRM are watched for changes.",
    subcommands = HelpCommand.class,
    synopsisSubcommandLabel = "(install | remove | list)",
    footer = {
      "  crm-webhooks capture install --table person --table company",
      "  crm-webhooks capture list"
    })
final class CaptureCommand extends Program.Group {
  static final Table TABLE =
      new Table(
              "No table is captured yet, so no event is ever sent. Begin with:%n  crm-webhooks capture install --table person"
                  .formatted())
          .columns("SCHEMA /schema, TABLE /table, OBJECT /object, WORKSPACE /workspace")
          .column(
              "IGNORED COLUMNS", table -> Text.of(table.path("ignoredColumns")).replace(",", ", "))
          .column("STATE", table -> table.path("problem").asText("captured"));

  /** Which tables are meant. */
  static final class Tables {
    @Option(
        names = "--schema",
        defaultValue = "public",
        description = "Schema of the tables (default: ${DEFAULT-VALUE}).")
    private String schema;

    @Option(
        names = "--table",
        required = true,
        description = "Table, as spelled in the database, without quotes; may be repeated.")
    private List<String> tables;
  }

  @Command(
      name = "install",
      mixinStandardHelpOptions = true,
      description = "Puts the capture triggers on tables. Doing it twice changes nothing.",
      footer = {
        "  crm-webhooks capture install --table person --table company",
        "  crm-webhooks capture install --schema workspace_1 --table _pet --workspace one"
      })
  void install(
      @Mixin Tables of,
      @Option(
              names = "--object",
              description =
                  "Name of its object in events, as in <object>.created (default: the table's name"
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
    if (object != null && of.tables.size() > 1) {
      throw new ParameterException(
          commandLine(), "--object names one table, but --table was given more than once");
    }
    List<String> columns = ignored == null ? List.of() : ignored;
    each(
        of,
        (captures, table) -> {
          String name = object != null ? object : objectOf(table);
          boolean changed = captures.install(of.schema, table, name, workspace, columns);
          String now = changed ? "is now" : "was already";
          return now + " captured as " + name;
        });
  }

  @Command(
      name = "remove",
      mixinStandardHelpOptions = true,
      description = "Takes the capture triggers off tables. Changes already made are still sent.",
      footer = "  crm-webhooks capture remove --table person")
  void remove(@Mixin Tables of) {
    each(
        of,
        (captures, table) ->
            captures.remove(of.schema, table) ? "is no longer captured" : "was not captured");
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Shows the captured tables.")
  void list(@Mixin Console console) {
    inDatabase(captures -> console.print(Json.array().addAll(captures.list()), TABLE::of));
  }

  /** The CRM names the tables of custom objects with a leading underscore, their events without. */
  static String objectOf(String table) {
    String name = table.replaceFirst("^_+", "");
    return name.isEmpty() ? table : name;
  }

  /** One after the other, each in its own transaction. */
  private void each(Tables of, BiFunction<Captures, String, String> work) {
    inDatabase(
        captures ->
            each(
                of.tables,
                table ->
                    out().printf("%s.%s %s%n", of.schema, table, work.apply(captures, table))));
  }

  /** A table that is held keeps up no other; the error at the end names each of them. */
  static void each(List<String> tables, Consumer<String> work) {
    List<String> held = new ArrayList<>();
    for (String table : tables) {
      try {
        work.accept(table);
      } catch (Captures.HeldException e) {
        held.add(e.getMessage());
      }
    }
    if (!held.isEmpty()) {
      throw new StartupException(String.join(System.lineSeparator(), held));
    }
  }

  private void inDatabase(Consumer<Captures> work) {
    try (Database database = Database.open(settings())) {
      work.accept(new Captures(database.dataSource()));
    } finally {
      out().flush();
    }
  }
}

package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.admin.TwentyCheck;
import io.crmwebhooks.admin.TwentyWorkspaces;
import io.crmwebhooks.cli.ExitCode.CommandFailure;
import io.crmwebhooks.database.Database;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.settings.Settings;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks twenty}: serves the webhooks that were made in Twenty, on its database. */
@Command(
    name = "twenty",
    description = "Serves the webhooks that were made in Twenty; docs/twenty.md has the steps.",
    subcommands = {HelpCommand.class, TwentyCompareCommand.class},
    synopsisSubcommandLabel =
        "(check | install | remove | shadow | live | compare | mute | unmute)",
    footer = {
      "  crm-webhooks twenty check",
      "  crm-webhooks twenty install",
      "  crm-webhooks twenty live --from 2026-11-28T22:00:00Z"
    })
final class TwentyCommand extends Program.Group {
  private static final String RECORD_SHARING = "record sharing";

  /** A mixin of commands that are about some workspaces. */
  static final class Which {
    @Option(
        names = {"-w", "--workspace"},
        paramLabel = "ID",
        description = "Only this workspace; may be repeated. Default: all of them.")
    private List<UUID> workspaces = List.of();

    List<String> or(List<String> all) {
      return workspaces.isEmpty() ? all : workspaces.stream().map(UUID::toString).toList();
    }
  }

  private interface Work {
    int on(TwentyWorkspaces workspaces) throws SQLException;
  }

  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description =
          "Looks at the Twenty of the database, its objects and webhooks, and how they are served. Writes nothing.",
      exitCodeList = {
        "0:it can be served",
        "1, 3:it could not be found out",
        "2:it cannot be served, or not all of it"
      })
  int check(@Mixin Console console) throws SQLException {
    Settings settings = settings();
    boolean shareRestricted = TwentyWorkspaces.mayShareRestricted(settings);
    ObjectNode report =
        Database.look(
            settings, connection -> new TwentyCheck(connection, shareRestricted).report());
    console.print(report, TwentyText::check);
    return report.path("problems").isEmpty() ? ExitCode.OK : ExitCode.USAGE;
  }

  @Command(
      name = "install",
      mixinStandardHelpOptions = true,
      description =
          "Captures every object of the active workspaces, and takes their webhooks over in shadow. Doing it twice changes nothing.",
      exitCodeList = {
        "0:done",
        "1:not all of it could be done",
        "2:this Twenty cannot be served",
        "4:refused: records would leave that Twenty holds back"
      },
      footer = "  crm-webhooks twenty install --workspace 20c1a0de-5a17-4000-8000-000000000001")
  int install(@Mixin Console console, @Mixin Which which) throws SQLException {
    return inDatabase(
        workspaces -> {
          List<String> problems = workspaces.unsupported();
          if (!problems.isEmpty()) {
            throw new CommandFailure(ExitCode.USAGE, String.join("; ", problems));
          }
          return done(console, workspaces.install(which.or(workspaces.active())));
        });
  }

  @Command(
      name = "remove",
      mixinStandardHelpOptions = true,
      description =
          "Gives workspaces back: nothing of theirs is captured any more, and their webhooks are deleted here.")
  int remove(@Mixin Console console, @Mixin Which which) throws SQLException {
    return inDatabase(
        workspaces -> done(console, workspaces.remove(which.or(workspaces.installed()))));
  }

  @Command(
      name = "live",
      mixinStandardHelpOptions = true,
      description =
          "Lets the webhooks that were made in Twenty send. Stop Twenty's own sending before.",
      exitCodeList = {"0:done", "4:refused: records would leave that Twenty holds back"},
      footer = {"  crm-webhooks twenty live", "  crm-webhooks twenty live --from 10m"})
  int live(
      @Mixin Console console,
      @Mixin Which which,
      @Option(
              names = "--from",
              paramLabel = "TIME",
              converter = PastTime.class,
              description =
                  "Send what was committed since then, from the shadow's record: "
                      + PastTime.FORMS
                      + ". Default: now.")
          Instant from)
      throws SQLException {
    return inDatabase(
        workspaces -> {
          ArrayNode rows = workspaces.live(installed(workspaces, which), from);
          console.print(rows, TwentyText.LIVE::of);
          return ExitCode.OK;
        });
  }

  @Command(
      name = "shadow",
      mixinStandardHelpOptions = true,
      description =
          "Puts the webhooks that were made in Twenty in shadow: what would be sent is recorded, and nothing is sent.")
  int shadow(@Mixin Console console, @Mixin Which which) throws SQLException {
    return inDatabase(
        workspaces -> {
          ArrayNode rows = workspaces.shadow(installed(workspaces, which));
          console.print(rows, TwentyText.SHADOW::of);
          return ExitCode.OK;
        });
  }

  @Command(
      name = "mute",
      mixinStandardHelpOptions = true,
      description =
          "Records changes and sends them to nobody, such as during an upgrade of Twenty. A replay can send them later.",
      footer = "  crm-webhooks twenty mute 'upgrade to 2.48' --for 2h")
  void mute(
      @Mixin Console console,
      @Parameters(paramLabel = "WHY", description = "The reason, shown with each muted change.")
          String why,
      @Option(
              names = {"-w", "--workspace"},
              paramLabel = "ID",
              description = "Only this workspace. Default: all of them.")
          String workspace,
      @Option(
              names = "--for",
              paramLabel = "SPAN",
              converter = PastTime.Span.class,
              description = "Ends by itself after 30m, 2h or so. Default: unmute ends it.")
          Duration length)
      throws SQLException {
    Instant until =
        length == null ? null : Instant.now().truncatedTo(ChronoUnit.SECONDS).plus(length);
    inDatabase(
        workspaces -> {
          workspaces.mute(why, workspace, until);
          ObjectNode answer =
              Json.object()
                  .put("workspace", workspace)
                  .put("why", why)
                  .put("until", until == null ? null : until.toString());
          console.print(answer, TwentyText::muted);
          return ExitCode.OK;
        });
  }

  @Command(
      name = "unmute",
      mixinStandardHelpOptions = true,
      description = "Ends what mute began for the same workspace, or for all of them.",
      footer = "  crm-webhooks twenty unmute")
  int unmute(
      @Mixin Console console,
      @Option(
              names = {"-w", "--workspace"},
              paramLabel = "ID",
              description = "The workspace that was named. Default: the silence of all of them.")
          String workspace)
      throws SQLException {
    return inDatabase(
        workspaces -> {
          boolean was = workspaces.unmute(workspace);
          console.print(
              Json.object().put("unmuted", was),
              answer -> was ? "Changes are sent again." : "It was not muted.");
          return was ? ExitCode.OK : ExitCode.FAILED;
        });
  }

  private static int done(Console console, ArrayNode rows) {
    console.print(rows, TwentyText.DONE::of);
    int code = ExitCode.OK;
    for (JsonNode row : rows) {
      String what = row.path("what").asText();
      if (what.startsWith("refused")) {
        return ExitCode.REFUSED;
      }
      code = what.startsWith("failed") ? ExitCode.FAILED : code;
    }
    return code;
  }

  private static List<String> installed(TwentyWorkspaces workspaces, Which which)
      throws SQLException {
    List<String> ids = which.or(workspaces.installed());
    if (ids.isEmpty()) {
      throw new CommandFailure(
          ExitCode.FAILED, "no workspace is installed; begin with: crm-webhooks twenty install");
    }
    return ids;
  }

  private int inDatabase(Work work) throws SQLException {
    Settings settings = settings();
    try (Database database = Database.open(settings)) {
      return work.on(new TwentyWorkspaces(new Sql(database.dataSource()), settings));
    } catch (SQLException e) {
      String message = String.valueOf(e.getMessage());
      if (message.contains(RECORD_SHARING)) {
        throw new CommandFailure(ExitCode.REFUSED, Text.plain(message));
      }
      throw e;
    }
  }
}

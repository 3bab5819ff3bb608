package io.crmwebhooks.cli;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import io.crmwebhooks.routes.EditedFile;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.Version;
import io.crmwebhooks.wiring.RouteReview;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** {@code crm-webhooks routes}: the route files, before a start. */
@Command(
    name = "routes",
    description =
        "Checks the route files, tries changes in them, and shows what is edited of the package.",
    subcommands = {HelpCommand.class, RoutesTryCommand.class},
    synopsisSubcommandLabel = "(check | try | diff)",
    footer = {
      "  crm-webhooks routes check",
      "  crm-webhooks routes try --last 100",
      "  crm-webhooks routes diff > edits.diff",
    })
final class RoutesCommand extends Program.Group {
  private static final int CONTEXT = 3;

  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description =
          "Finds every error for which a start would refuse the route files, without a database and "
              + "without the network. Prints a line each, with file and line.",
      exitCodeListHeading = "%nExit codes:%n",
      exitCodeList = {"0:there is none", "2:there are errors"})
  int check() {
    List<String> problems = RouteReview.problems(settings());
    problems.forEach(problem -> out().println(Text.lines(problem)));
    if (problems.isEmpty()) {
      out().println("all routes are sound");
    }
    return problems.isEmpty() ? ExitCode.OK : ExitCode.USAGE;
  }

  @Command(
      name = "diff",
      mixinStandardHelpOptions = true,
      description =
          "Shows what differs from this version: route files, statements, and your own routes from "
              + "the form that they began with.",
      exitCodeListHeading = "%nExit codes:%n",
      exitCodeList = {"0:nothing is edited", "6:something is"})
  int diff() {
    Settings settings = settings();
    List<EditedFile> edited = new ArrayList<>(EditedFile.ofPipeline(settings));
    edited.addAll(EditedFile.ofUser(settings));
    edited.forEach(this::show);
    out().flush();
    return edited.isEmpty() ? ExitCode.OK : ExitCode.DIFFERENT;
  }

  private void show(EditedFile file) {
    if (file.name().equals(Settings.FILE.toString())) { // a password may stand in it
      out()
          .println(file.name() + " is edited; settings of yours belong in config/local.properties");
      return;
    }
    UnifiedDiffUtils.generateUnifiedDiff(
            file.name() + " of version " + Version.text(),
            file.name(),
            file.shipped(),
            DiffUtils.diff(file.shipped(), file.found()),
            CONTEXT)
        .forEach(line -> out().println(Text.plain(line)));
  }
}

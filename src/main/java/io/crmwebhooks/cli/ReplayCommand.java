package io.crmwebhooks.cli;

import picocli.CommandLine.Command;

/**
 * {@code crm-webhooks replay}; the replays are carried out by whichever processes run the pipeline.
 */
@Command(
    name = "replay",
    description = "Sends past changes to a webhook again.",
    subcommands = {
      StartReplay.class,
      ListReplays.class,
      MoveReplay.Show.class,
      MoveReplay.Pause.class,
      MoveReplay.Resume.class,
      MoveReplay.Cancel.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  What a new webhook has missed of the last three days:",
      "    crm-webhooks replay start WEBHOOK --since 3d",
      "  What has failed during the night:",
      "    crm-webhooks replay start WEBHOOK --since 8h --mode failed --wait",
      "  How much all of one day would be:",
      "    crm-webhooks replay start WEBHOOK --since 2025-02-10 --until 2025-02-11 --mode all --dry-run"
    })
public final class ReplayCommand extends Group {}

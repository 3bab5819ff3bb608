package io.crmwebhooks.cli;

import picocli.CommandLine.Command;

/** {@code crm-webhooks event}. */
@Command(
    name = "event",
    description = "Shows the changes that were captured, and where they have gone.",
    subcommands = {ListEvents.class, ShowEvent.class},
    footerHeading = "%nExamples:%n",
    footer = {
      "  crm-webhooks event list --since 1h --event 'person.*'",
      "  crm-webhooks event list --record 8f1c…        # what happened to a record"
    })
public final class EventCommand extends Group {}

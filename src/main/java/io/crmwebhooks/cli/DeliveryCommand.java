package io.crmwebhooks.cli;

import picocli.CommandLine.Command;

/** {@code crm-webhooks delivery}. */
@Command(
    name = "delivery",
    description = "Shows what was sent, what became of it, and sends it again.",
    subcommands = {ListDeliveries.class, ShowDelivery.class, Redeliver.class},
    footerHeading = "%nExamples:%n",
    footer = {
      "  crm-webhooks delivery list --state dead --since 12h",
      "  crm-webhooks delivery show msg_0000000000000001…",
      "  crm-webhooks delivery redeliver --webhook ID --since 12h"
    })
public final class DeliveryCommand extends Group {}

package io.crmwebhooks.cli;

import picocli.CommandLine.Command;

/** {@code crm-webhooks token}. */
@Command(
    name = "token",
    description =
        "Makes, lists and revokes tokens of the admin API. Who has the database is never locked out: --database.",
    subcommands = {AddToken.class, ListTokens.class, RevokeToken.class},
    footerHeading = "%nExamples:%n",
    footer = {
      "  crm-webhooks token add 'night shift' --role operate",
      "  crm-webhooks token list",
      "  crm-webhooks token revoke ID"
    })
public final class TokenCommand extends Group {}

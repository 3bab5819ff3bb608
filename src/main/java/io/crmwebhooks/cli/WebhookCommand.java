package io.crmwebhooks.cli;

import picocli.CommandLine.Command;

/** {@code crm-webhooks webhook}. */
@Command(
    name = "webhook",
    description = "Makes, shows, changes, switches and removes webhooks.",
    subcommands = {
      ListWebhooks.class,
      ShowWebhook.class,
      AddWebhook.class,
      ChangeWebhook.class,
      SwitchWebhook.Enable.class,
      SwitchWebhook.Disable.class,
      SwitchWebhook.Resume.class,
      RotateSecret.class,
      RemoveWebhook.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  crm-webhooks webhook list",
      "  crm-webhooks webhook add https://example.org/hook --operations 'person.*,company.created'",
      "  crm-webhooks webhook disable ID"
    })
public final class WebhookCommand extends Group {}

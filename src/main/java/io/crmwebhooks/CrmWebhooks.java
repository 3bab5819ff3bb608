package io.crmwebhooks;

import io.crmwebhooks.cli.Commands;

/** The program: {@code bin/crm-webhooks <command>}. */
public final class CrmWebhooks {
  private CrmWebhooks() {}

  /** Exit codes: {@link io.crmwebhooks.cli.ExitCode}. */
  public static void main(String[] args) {
    System.exit(Commands.run(args, System.getenv()));
  }
}

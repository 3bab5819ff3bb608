package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.cli.AdminApi.Request;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks webhook}. */
@Command(
    name = "webhook",
    description = "Makes, shows, tries, changes, switches and removes webhooks.",
    subcommands = WebhookTryCommand.class,
    footer = {
      "  crm-webhooks webhook list",
      "  crm-webhooks webhook add https://example.org/hook --operations 'person.*,company.created'",
      "  crm-webhooks webhook disable ID"
    })
final class WebhookCommand extends Program.Group {
  private static final String ALL = "/rest/webhooks";
  private static final Table TABLE =
      new Table("No webhooks yet. Add one: crm-webhooks webhook add https://example.org/hook")
          .columns("WEBHOOK /id")
          .column("STATE", WebhookCommand::state)
          .columns("SIGNED /signed, FORMAT /format")
          .column(
              "MADE IN",
              webhook -> Text.of(webhook.path(webhook.hasNonNull("file") ? "file" : "source")))
          .columns("URL /targetUrl, OPERATIONS /operations")
          .columns("WORKSPACE /workspace, DESCRIPTION /description");

  /** Asks for one of them. */
  static final class One extends Session {
    @Parameters(paramLabel = "ID", description = "As listed.")
    private UUID id;

    private String path() {
      return ALL + "/" + id;
    }
  }

  @Command(
      name = "list",
      description = "Lists the webhooks.",
      footer = "  crm-webhooks webhook list --json | jq -r '.[] | select(.enabled | not) | .id'")
  int list(@Mixin Session session) throws Exception {
    return session.show(Request.get(ALL), TABLE::of);
  }

  private static String state(JsonNode webhook) {
    if (!webhook.path("enabled").asBoolean()) {
      return "disabled";
    }
    if (webhook.path("shadow").asBoolean()) {
      return "shadow";
    }
    return webhook.hasNonNull("pausedUntil") ? "paused" : "enabled";
  }

  @Command(
      name = "show",
      description =
          "Shows all settings of a webhook; of its headers only the names, and no secret.",
      footer = "  crm-webhooks webhook show ID")
  int show(@Mixin One webhook) throws Exception {
    return webhook.show(Request.get(webhook.path()), Text::fields);
  }

  @Command(
      name = "add",
      description = "Adds a webhook; it gets every change committed from now on.",
      footer = {
        "  crm-webhooks webhook add https://example.org/hook",
        "  crm-webhooks webhook add https://example.org/hook -o 'person.*' -H 'Authorization: Bearer …'",
        "  crm-webhooks webhook add https://example.org/hook --ed25519",
        "  crm-webhooks webhook add https://example.org/hook --set enabled=false",
        "  crm-webhooks webhook add route:kafka              # your route target-kafka in routes/custom/"
      })
  int add(
      @Mixin Session session,
      @Parameters(
              paramLabel = "URL",
              description =
                  "Where to POST: http:// or https://. Or route:NAME, which calls your own route target-NAME.")
          String targetUrl,
      @Mixin WebhookOptions options,
      @Option(
              names = "--ed25519",
              description =
                  "Signs with a key pair made for this webhook instead; the public key is shown.")
          boolean keyPair,
      @Option(
              names = {"-w", "--workspace"},
              description = "The CRM workspace whose changes it gets.")
          String workspace)
      throws Exception {
    ObjectNode body = options.body().put("targetUrl", targetUrl);
    if (workspace != null) {
      body.put("workspace", workspace);
    }
    if (keyPair) {
      body.put("ed25519", true);
    }
    boolean made = !body.has("secret");
    return session.show(
        Request.post(ALL).with(body),
        added ->
            "added webhook "
                + added.path("id").asText()
                + (made || added.hasNonNull("publicKey")
                    ? System.lineSeparator() + shownOnce(added)
                    : ""));
  }

  @Command(
      name = "change",
      description = "Changes the given fields of a webhook, and leaves the others as they are.",
      footer = {
        "  crm-webhooks webhook change ID --target-url https://example.org/new",
        "  crm-webhooks webhook change ID --operations 'person.*' --concurrency 4",
        "  crm-webhooks webhook change ID --set concurrency=null     # as by default"
      })
  int change(
      @Mixin One webhook,
      @Option(
              names = "--target-url",
              paramLabel = "URL",
              description = "Where to POST, or route:NAME.")
          String targetUrl,
      @Mixin WebhookOptions options)
      throws Exception {
    ObjectNode body = options.body();
    if (targetUrl != null) {
      body.put("targetUrl", targetUrl);
    }
    if (body.isEmpty()) {
      throw webhook.wrongUsage("say what to change, such as --operations or --set FIELD=VALUE");
    }
    return webhook.show(Request.of("PATCH", webhook.path()).with(body), Text::fields);
  }

  @Command(
      name = "enable",
      description = "Enables a webhook. Its pending deliveries are sent when they are due.")
  int enable(@Mixin One webhook) throws Exception {
    return turn(webhook, "enable", "enabled");
  }

  @Command(
      name = "disable",
      description =
          "Disables a webhook. Its pending deliveries wait; a replay can send the changes made "
              + "meanwhile.")
  int disable(@Mixin One webhook) throws Exception {
    return turn(webhook, "disable", "disabled");
  }

  @Command(
      name = "resume",
      description = "Enables a webhook, and tries its pending deliveries at once.")
  int resume(@Mixin One webhook) throws Exception {
    return turn(webhook, "resume", "resumed");
  }

  private static int turn(One webhook, String verb, String done) throws Exception {
    return webhook.show(
        Request.post(webhook.path() + "/" + verb), answer -> done + " webhook " + webhook.id);
  }

  @Command(
      name = "rotate-secret",
      description =
          "Gives a webhook a new secret; the old one signs beside it until the receiver has changed over.",
      footer = {
        "  crm-webhooks webhook rotate-secret ID",
        "  crm-webhooks webhook rotate-secret ID --overlap 2h",
        "  crm-webhooks webhook rotate-secret ID --overlap 0     # the old one has leaked"
      })
  int rotateSecret(
      @Mixin One webhook,
      @Option(
              names = "--overlap",
              paramLabel = "DURATION",
              description =
                  "How long the old secret still signs, such as 24h; 0 ends it now. Default: webhooks.secrets.rotation-overlap.")
          String overlap,
      @Mixin Input.Secret secret,
      @Option(
              names = "--ed25519",
              description =
                  "The new secret is a key pair made for this webhook; the public key is shown.")
          boolean keyPair)
      throws Exception {
    ObjectNode body = Json.object();
    secret.read().ifPresent(text -> body.put("secret", text));
    if (keyPair) {
      body.put("ed25519", true);
    }
    if (overlap != null) {
      body.put("overlap", overlap);
    }
    boolean made = !body.has("secret");
    return webhook.show(
        Request.post(webhook.path() + "/rotate-secret").with(body),
        answer ->
            String.join(
                System.lineSeparator(),
                "rotated the secret of webhook " + webhook.id,
                made || answer.hasNonNull("publicKey")
                    ? shownOnce(answer)
                    : "It is signed with the given one.",
                answer.hasNonNull("previousSecretUntil")
                    ? "The old secret signs as well until %s."
                        .formatted(answer.path("previousSecretUntil").asText())
                    : "The old secret signs no longer."));
  }

  /** The secret, or the public key of a key pair. */
  private static String shownOnce(JsonNode made) {
    return made.hasNonNull("publicKey")
        ? "public key " + made.path("publicKey").asText()
        : "secret %s%nThe secret is shown this once; give it to the receiver."
            .formatted(made.path("secret").asText());
  }

  @Command(
      name = "release",
      description =
          "Takes a webhook from the file that manages it, so that it can be changed here; the file takes it back when it is applied.")
  int release(@Mixin One webhook) throws Exception {
    return turn(webhook, "release", "released");
  }

  @Command(
      name = "remove",
      description = "Removes a webhook and cancels its pending deliveries.",
      footer = "  crm-webhooks webhook remove ID")
  int remove(@Mixin One webhook) throws Exception {
    return webhook.remove(ALL, webhook.id, "removed webhook");
  }
}

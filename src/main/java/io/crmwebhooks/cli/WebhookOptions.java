package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.cli.ExitCode.CommandFailure;
import io.crmwebhooks.http.CustomHeaders;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The settings of a webhook as options. The API checks them. */
final class WebhookOptions {
  /** Which changes it gets, and what is sent of them. */
  static final class Shape {
    @Option(
        names = "--filter",
        paramLabel = "JQ",
        description =
            "Which changes of its operations it gets: jq that gives true or false, such as"
                + " '.record.stage == \"WON\"'.")
    private String filter;

    @Option(
        names = "--format",
        paramLabel = "WHICH",
        description =
            "Its body: event, native, cloudevents, thin (ids only) or custom (--body). Default: event.")
    private String format;

    @Option(
        names = "--fields",
        split = ",",
        paramLabel = "NAME",
        description = "Fields of the record to send, besides id. Default: all.")
    private List<String> fields;

    @Option(
        names = "--body",
        paramLabel = "JQ",
        description =
            "With format custom, jq that gives the whole body, such as '{text: .record.name}'.")
    private String bodyProgram;

    @Option(
        names = "--content-type",
        paramLabel = "TYPE",
        description = "With format custom, the type of the body. Default: application/json.")
    private String contentType;

    @Option(
        names = "--cloud-events-mode",
        paramLabel = "WHICH",
        description = "With format cloudevents: structured or binary. Default: structured.")
    private String cloudEventsMode;

    /** Puts those that were given. */
    void put(ObjectNode body) {
      WebhookOptions.put(body, "filter", filter);
      WebhookOptions.put(body, "format", format);
      WebhookOptions.put(body, "fields", fields);
      WebhookOptions.put(body, "body", bodyProgram);
      WebhookOptions.put(body, "contentType", contentType);
      WebhookOptions.put(body, "cloudEventsMode", cloudEventsMode);
    }
  }

  @Option(
      names = {"-o", "--operations"},
      split = ",",
      description = "Events wanted: object.action, object.*, *.action or *.* (all of them).")
  private List<String> operations;

  @Mixin private Input.Secret secret;

  @Option(
      names = "--schemes",
      split = ",",
      paramLabel = "SCHEME",
      description = "How it is signed: twenty, standard or both. Default: both.")
  private List<String> schemes;

  @Option(
      names = {"-d", "--description"},
      description = "For people.")
  private String description;

  @Option(
      names = "--label",
      paramLabel = "NAME=VALUE",
      description = "For customising routes to choose by; replaces all; may be given often.")
  private Map<String, String> labels;

  @Mixin private Shape shape;

  @Option(
      names = {"-H", "--header"},
      paramLabel = "'NAME: VALUE'",
      description = "Sent with every request; may be given often.")
  private List<String> headers;

  @Mixin private OAuth2Options oauth2;

  @Option(
      names = "--tls",
      paramLabel = "NAME",
      description = "TLS identity: a subfolder of webhooks.egress.tls.folder.")
  private String tlsIdentity;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      description = "Attempts in flight from each process. Default: webhooks.delivery.concurrency.")
  private Integer concurrency;

  @Option(
      names = "--rate-limit",
      paramLabel = "N",
      description = "Deliveries a second at most, from all processes together.")
  private Double rateLimit;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      description = "Deadline of an attempt, such as 30s. Default: webhooks.delivery.timeout.")
  private String timeout;

  @Option(
      names = "--retry-schedule",
      paramLabel = "DELAYS",
      description =
          "Delays after failed attempts, such as 5s,5m,1h. Default: webhooks.delivery.retry-schedule.")
  private String retrySchedule;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description =
          "Events in one POST at most, as a JSON array, up to 1000. Default: 1, no array.")
  private Integer batchSize;

  @Option(
      names = "--batch-wait",
      paramLabel = "DURATION",
      description = "How long too few of them wait for more, at most 1h. Default: not at all.")
  private String batchWait;

  @Option(
      names = "--compress",
      paramLabel = "HOW",
      description = "Of the body: none or gzip. Default: none.")
  private String compress;

  @Option(
      names = "--ordering",
      paramLabel = "WHICH",
      description = "record: changes of one record in the order of their commits. Default: none.")
  private String ordering;

  @Option(
      names = "--on-dead",
      paramLabel = "WHAT",
      description =
          "With an order, how later changes treat a dead letter of their record: skip it, or hold until"
              + " it is redelivered. Default: skip.")
  private String onDead;

  @Option(
      names = "--supersede",
      negatable = true,
      description = "Cancels an update that waits when a newer one of its record is there.")
  private Boolean supersede;

  @Option(
      names = "--duplicate",
      description = "Also where another webhook has the same target and operations.")
  private boolean duplicate;

  @Option(
      names = "--set",
      paramLabel = "FIELD=VALUE",
      mapFallbackValue = "",
      description =
          "Any field that the API has, by its name there, such as description=null; the value is"
              + " JSON, or else a text. May be given often.")
  private Map<String, String> others;

  /** The fields that were given. */
  ObjectNode body() {
    ObjectNode body = Json.object();
    put(body, "operations", operations);
    put(body, "signatureSchemes", schemes);
    put(body, "secret", secret.read().orElse(null));
    put(body, "description", description);
    put(body, "labels", labels);
    shape.put(body);
    put(body, "headers", headers == null ? null : headers());
    oauth2.read().ifPresent(given -> body.set("oauth2", given));
    put(body, "tlsIdentity", tlsIdentity);
    put(body, "concurrency", concurrency);
    put(body, "rateLimit", rateLimit);
    put(body, "timeout", timeout);
    put(body, "retrySchedule", retrySchedule);
    put(body, "batchSize", batchSize);
    put(body, "batchWait", batchWait);
    put(body, "compress", compress);
    put(body, "ordering", ordering);
    put(body, "onDead", onDead);
    put(body, "supersede", supersede);
    if (duplicate) {
      body.put("duplicate", true);
    }
    if (others != null) {
      others.forEach((name, value) -> body.set(name, json(value)));
    }
    return body;
  }

  /** Puts a field, unless it is null. */
  static void put(ObjectNode body, String name, Object value) {
    if (value != null) {
      body.putPOJO(name, value);
    }
  }

  private JsonNode headers() {
    try {
      return Json.trusted(CustomHeaders.ofLines(headers).toJson());
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage());
    }
  }

  private static JsonNode json(String value) {
    try {
      JsonNode json = Json.trusted(value);
      return json.isMissingNode() ? TextNode.valueOf("") : json;
    } catch (UncheckedIOException e) {
      return TextNode.valueOf(value);
    }
  }
}

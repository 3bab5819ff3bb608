package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.DatabaseTime;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Durations;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.http.NewSecret;
import io.crmwebhooks.http.WireHeaders;
import io.crmwebhooks.pipeline.ChangeRow;
import io.crmwebhooks.settings.Settings;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

/** An operator's actions on a webhook, besides changing it. Thread-safe. */
public final class WebhookActions {
  private static final int HASTENED_AT_ONCE = 5000;
  private static final int HASTENED_AT_MOST = 100_000;

  /** Of a record that nobody has. */
  private static final String RECORD =
      """
      {"id":"00000000-0000-0000-0000-000000000000",\
      "name":%s,\
      "note":"sent by a test of this webhook; there is no such record"}""";

  private static final String PERSON = "{\"firstName\":\"Sample\",\"lastName\":\"Event\"}";

  private final WebhookOperations webhooks;
  private final Sql sql;
  private final WebhookSecrets secrets;
  private final Supplier<TestAttempt> attempts;
  private final Duration lease;
  private final Duration overlap;
  private final Clock clock;

  /**
   * @param attempts makes test attempts; asked when the first one is wanted
   */
  WebhookActions(
      WebhookOperations webhooks,
      Sql sql,
      WebhookSecrets secrets,
      Supplier<TestAttempt> attempts,
      Settings settings,
      Clock clock) {
    this.webhooks = webhooks;
    this.sql = sql;
    this.secrets = secrets;
    this.attempts = attempts;
    this.lease = settings.duration("webhooks.delivery.lease");
    this.overlap = settings.duration("webhooks.secrets.rotation-overlap");
    this.clock = clock;
  }

  /** Sends a sample event now, also to a disabled webhook, so that it can be tried beforehand. */
  public Answer testWebhook(Call call) throws SQLException {
    ObjectNode shown = webhooks.find(call);
    Fields fields = call.fieldsIfAny(List.of("event"));
    String given = fields.read("event", Fields.text(200).andThen(Listing::checkedEvent));
    if (given != null && given.contains("*")) {
      fields.error("event", "must be an event, not a wildcard");
    }
    fields.check();
    UUID id = call.uuid("webhook");
    TestAttempt attempt = attempts.get();
    Webhook webhook =
        attempt.webhook(id).orElseThrow(() -> Problem.notFound("webhook", id.toString()));
    String event = given == null ? wantedBy(webhook.eventPatterns()) : given;
    TestAttempt.Result result =
        attempt.make(
            "msg_test_" + UUID.randomUUID().toString().replace("-", ""),
            sample(webhook.interest().workspace(), event, clock.instant()),
            webhook);
    return Answer.ok(json(shown.path("targetUrl").asText(), event, result));
  }

  private static ObjectNode json(String url, String event, TestAttempt.Result result) {
    ObjectNode json =
        Json.object()
            .put("event", event)
            .put("delivered", result.error() == null)
            .put("error", result.error())
            .put("durationMs", result.durationMillis());
    ArrayNode tokens = json.putArray("tokens");
    WireHeaders wire = result.wire();
    for (WireHeaders.Token token : wire.tokens()) {
      tokens
          .addObject()
          .put("fetched", token.fetched())
          .put("durationMs", token.millis())
          .put("error", token.error());
    }
    ObjectNode request = json.putObject("request").put("method", method(url)).put("url", url);
    wire.request().forEach(request.putObject("headers")::put);
    request.put("body", result.body());
    if (wire.status() == null) {
      return json.putNull("response");
    }
    ObjectNode response = json.putObject("response").put("status", wire.status());
    wire.response().forEach(response.putObject("headers")::put);
    response.put("body", result.response());
    return json;
  }

  /** A route of the user's own is called, and nothing is posted. */
  private static String method(String url) {
    return url.startsWith("route:") ? "CALL" : "POST";
  }

  /** The first event that operations ask for, with a name in the place of each wildcard. */
  private static String wantedBy(List<String> operations) {
    String[] halves =
        operations.stream()
            .filter(operation -> operation.matches("[^.]+\\.[^.]+")) // Twenty takes any text
            .findFirst()
            .orElse("*.*")
            .split("\\.");
    return (halves[0].equals("*") ? "person" : halves[0])
        + "."
        + (halves[1].equals("*") ? "created" : halves[1]);
  }

  /** Only people have a name of two parts. */
  private static Change sample(String workspace, String event, Instant now) {
    String name = event.startsWith("person.") ? PERSON : "\"Sample Event\"";
    return new Change(
        new Change.Place(0, 0, 0),
        new Change.Event(workspace, event, null, now, null),
        ChangeRow.record(RECORD.formatted(name)),
        "[\"name\"]",
        null);
  }

  /** Enables a webhook and tries its pending deliveries at once, rather than when they are due. */
  public Answer resumeWebhook(Call call) throws SQLException {
    Answer enabled = webhooks.enableWebhook(call);
    Map<String, Object> values =
        Sql.parameters(
            "webhook",
            call.uuid("webhook"),
            "lease",
            lease.toMillis() + " ms",
            "size",
            HASTENED_AT_ONCE);
    int hastened = 0;
    int more;
    do {
      more = sql.rows(sql("hasten-pending.sql"), values).size();
      hastened += more;
    } while (more == HASTENED_AT_ONCE && hastened < HASTENED_AT_MOST);
    return enabled;
  }

  /** For a while the old secret signs beside the new one. */
  public Answer rotateSecret(Call call) throws SQLException {
    WebhookRules.checkSource(webhooks.find(call), "to change secret");
    UUID id = call.uuid("webhook");
    Fields fields = call.fieldsIfAny(List.of("secret", "ed25519", "overlap"));
    String secret = fields.read("secret", Fields.text(500));
    boolean pair = WebhookSecrets.Given.isPair(fields, secret);
    Duration given = fields.read("overlap", Fields.text(20).andThen(WebhookActions::overlap));
    fields.check();
    try {
      WebhookSecrets.Rotated rotated =
          secrets
              .rotate(id, pair ? NewSecret.ed25519() : secret, given == null ? overlap : given)
              .orElseThrow(() -> Problem.notFound("webhook", id.toString()));
      Instant until = rotated.previousUntil();
      return Answer.ok(
          Json.object()
              .put("id", id.toString())
              .put("secret", rotated.secret())
              .put("publicKey", rotated.publicKey())
              .put("previousSecretUntil", until == null ? null : DatabaseTime.iso(until)));
    } catch (IllegalArgumentException e) {
      throw Problem.invalid(
          pair ? "ed25519" : "secret", e.getMessage().replaceFirst("^secret ", ""));
    }
  }

  /** How long an old secret signs on: a span, or 0. */
  static Duration overlap(String text) {
    return text.equals("0") ? Duration.ZERO : Durations.parse(text);
  }
}

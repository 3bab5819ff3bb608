package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.pipeline.TestAttempt;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

/** What an operator does with a webhook besides changing it. Thread-safe. */
public final class WebhookActions {
  private static final int HASTENED_AT_ONCE = 5000;
  private static final int HASTENED_AT_MOST = 100_000;

  private final WebhookOperations webhooks;
  private final Sql sql;
  private final Supplier<TestAttempt> attempts;
  private final OverlappingRotation rotation;
  private final Duration lease;
  private final Clock clock;

  /**
   * @param attempts makes test attempts; asked when the first one is wanted
   * @param lease how long a delivery that is being sent may be silent
   */
  public WebhookActions(
      WebhookOperations webhooks,
      Sql sql,
      Supplier<TestAttempt> attempts,
      OverlappingRotation rotation,
      Duration lease,
      Clock clock) {
    this.webhooks = webhooks;
    this.sql = sql;
    this.attempts = attempts;
    this.rotation = rotation;
    this.lease = lease;
    this.clock = clock;
  }

  /** Sends a sample event now, also to a disabled webhook, so that it can be tried beforehand. */
  public Answer test(Call call) throws SQLException {
    ObjectNode shown = webhooks.find(call);
    Fields fields = new Fields(call.bodyOrNone(), List.of("event"));
    String given =
        fields.read("event", value -> EventFilter.checked(Fields.text(200).apply(value)));
    if (given != null && given.contains("*")) {
      fields.error("event", "must be an event, not a wildcard");
    }
    fields.check();
    UUID id = call.uuid("webhook");
    TestAttempt attempt = attempts.get();
    Webhook webhook =
        attempt.webhook(id).orElseThrow(() -> Problem.notFound("webhook", id.toString()));
    String event = given == null ? SampleEvent.wantedBy(webhook.eventPatterns()) : given;
    TestAttempt.Result result =
        attempt.make(
            "msg_test_" + UUID.randomUUID().toString().replace("-", ""),
            event,
            webhook,
            SampleEvent.body(event, clock.instant()));
    return Answer.ok(json(shown.path("targetUrl").asText(), event, result));
  }

  private static ObjectNode json(String url, String event, TestAttempt.Result result) {
    ObjectNode json =
        Json.object()
            .put("event", event)
            .put("delivered", result.error() == null)
            .put("error", result.error())
            .put("durationMs", result.durationMillis());
    ObjectNode request = json.putObject("request").put("method", "POST").put("url", url);
    result.requestHeaders().forEach(request.putObject("headers")::put);
    request.put("body", result.body());
    if (result.status() == null) {
      return json.putNull("response");
    }
    ObjectNode response = json.putObject("response").put("status", result.status());
    result.responseHeaders().forEach(response.putObject("headers")::put);
    response.put("body", result.response());
    return json;
  }

  /** Enables a webhook and has what is pending for it tried at once, rather than when it is due. */
  public Answer resume(Call call) throws SQLException {
    Answer enabled = webhooks.enable(call);
    int hastened = 0;
    int more;
    do {
      more =
          sql.rows(
                  sql("hasten-pending.sql"),
                  Map.of(
                      "webhook",
                      call.uuid("webhook"),
                      "lease",
                      lease.toMillis() + " ms",
                      "size",
                      HASTENED_AT_ONCE))
              .size();
      hastened += more;
    } while (more == HASTENED_AT_ONCE && hastened < HASTENED_AT_MOST);
    return enabled;
  }

  public Answer rotateSecret(Call call) throws SQLException {
    webhooks.find(call);
    return Answer.ok(rotation.rotate(call.uuid("webhook"), call));
  }
}

package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.cli.AdminApi.Request;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks webhook try}. */
@Command(
    name = "try",
    description = {
      "Shows what a webhook would be sent of past events with another filter or body, and what differs"
          + " from its body as it is saved. Sends and writes nothing. Your customising routes are not"
          + " taken."
    },
    exitCodeList = {
      "0:done",
      "1:a program fails on an event, or there is no such webhook",
      "2:wrong usage, or a setting that the API refuses"
    },
    footer = {
      "  crm-webhooks webhook try ID --last 20 --filter '.record.stage == \"WON\"'",
      "  crm-webhooks webhook try ID --format custom --body '{text: .record.name}'",
      "  crm-webhooks webhook try --operations 'opportunity.*' --format thin"
    })
final class WebhookTryCommand implements Callable<Integer> {
  @Mixin private Session session;

  @Parameters(
      paramLabel = "ID",
      arity = "0..1",
      description = "As listed. Default: a webhook that is not made yet.")
  private UUID id;

  @Option(
      names = {"-n", "--last"},
      paramLabel = "COUNT",
      description = "The newest events that it wants, 200 at most. Default: 20.")
  private Integer last;

  @Option(
      names = {"-e", "--event", "--events"},
      split = ",",
      paramLabel = "EVENT",
      description = "Only these, such as person.created or company.*.")
  private List<String> events;

  @Option(
      names = {"-o", "--operations"},
      split = ",",
      description = "Events wanted, instead of those that are saved.")
  private List<String> operations;

  @Option(
      names = {"-w", "--workspace"},
      description = "Of a webhook that is not made yet, the CRM workspace.")
  private String workspace;

  @Mixin private WebhookOptions.Shape shape;

  @Override
  public Integer call() throws Exception {
    ObjectNode body = Json.object();
    WebhookOptions.put(body, "last", last);
    WebhookOptions.put(body, "events", events);
    WebhookOptions.put(body, "operations", operations);
    WebhookOptions.put(body, "workspace", workspace);
    shape.put(body);
    String path = id == null ? "/rest/webhooks/try" : "/rest/webhooks/" + id + "/try";
    return session.run(
        api -> {
          JsonNode results = api.call(Request.post(path).with(body));
          session.print(results, TriedText::ofWebhook);
          for (JsonNode result : results) {
            if (result.path("failed").asBoolean()) {
              return ExitCode.FAILED;
            }
          }
          return ExitCode.OK;
        });
  }
}

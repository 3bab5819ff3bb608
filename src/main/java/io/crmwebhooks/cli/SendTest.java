package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.cli.AdminApi.Request;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks send-test}. */
@Command(
    name = "send-test",
    description = {
      "Sends a signed sample event to a webhook now, also to a disabled one, and shows the request and"
          + " the receiver's answer. It is no change, and leaves no delivery."
    },
    exitCodeList = {"0:the receiver accepted it", "1:it did not, or there is no such webhook"},
    footer = "  crm-webhooks send-test ID --event person.created")
final class SendTest implements Callable<Integer> {
  @Mixin private Session session;

  @Parameters(paramLabel = "WEBHOOK", description = "The id of the webhook.")
  private UUID id;

  @Option(
      names = {"-e", "--event"},
      description = "Event to send, such as person.created. Default: the first that it wants.")
  private String event;

  @Override
  public Integer call() throws Exception {
    Request test = Request.post("/rest/webhooks/" + id + "/test");
    return session.run(
        api -> {
          JsonNode result =
              api.call(event == null ? test : test.with(Json.object().put("event", event)));
          session.print(result, SendTest::words);
          return result.path("delivered").asBoolean() ? ExitCode.OK : ExitCode.FAILED;
        });
  }

  private static String words(JsonNode result) {
    String line = System.lineSeparator();
    JsonNode request = result.path("request");
    JsonNode response = result.path("response");
    String verdict =
        result.path("delivered").asBoolean()
            ? "accepted"
            : "not delivered: " + Text.plain(result.path("error").asText());
    StringBuilder tokens = new StringBuilder();
    result.path("tokens").forEach(token -> tokens.append(step(token)).append(line));
    return tokens
        + Text.plain(request.path("method").asText())
        + " "
        + Text.plain(request.path("url").asText())
        + line
        + message(request)
        + line
        + (response.isObject()
            ? "HTTP " + response.path("status").asText() + line + message(response) + line
            : "")
        + "%s, after %s ms".formatted(verdict, Text.number(result.path("durationMs")));
  }

  private static String step(JsonNode token) {
    String error = token.path("error").textValue();
    String taken = token.path("fetched").asBoolean() ? "fetched" : "kept from before";
    return "access token %s, after %s ms"
        .formatted(
            error == null ? taken : "missing: " + Text.plain(error),
            Text.number(token.path("durationMs")));
  }

  private static String message(JsonNode message) {
    String line = System.lineSeparator();
    String headers = Text.fields(message.path("headers"));
    String body = message.path("body").asText("");
    return Text.indented(headers)
        + line
        + (body.isEmpty() ? "" : line + Text.indented(Text.body(body)) + line);
  }
}

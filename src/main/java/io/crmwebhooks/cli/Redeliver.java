package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Json;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks delivery redeliver}. */
@Command(
    name = "redeliver",
    description = {
      "Sends deliveries again, as soon as their webhooks have an attempt free: those named, or those that a filter"
          + " finds. A filter without a state means dead ones."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  crm-webhooks delivery redeliver msg_0000000000000001…",
      "  crm-webhooks delivery redeliver --webhook ID --since 12h",
      "  crm-webhooks delivery redeliver --all               # every dead letter"
    })
final class Redeliver extends ApiCommand {
  @Parameters(paramLabel = "ID", arity = "0..*", description = "Deliveries, as listed.")
  private List<String> ids = List.of();

  @Mixin private DeliveryFilter filter;

  @Option(names = "--all", description = "Every dead one.")
  private boolean all;

  @Override
  int run(AdminApi api, Console console) throws Exception {
    if (!ids.isEmpty() && (all || !filter.isEmpty())) {
      throw console.wrongUsage("name deliveries or give a filter, not both");
    }
    if (ids.size() == 1) {
      JsonNode delivery = api.call(Request.post("/rest/deliveries/" + ids.get(0) + "/redeliver"));
      console.print(delivery, shown -> ShowDelivery.words(shown, ""));
      return ExitCode.OK;
    }
    if (ids.isEmpty() && !all && filter.isEmpty()) {
      throw console.wrongUsage(
          "say which: their ids, a filter such as --webhook or --since, or --all dead ones");
    }
    long done = ids.isEmpty() ? byFilter(api, console) : byIds(api);
    console.print(
        Json.object().put("redelivered", done),
        answer -> "%,d deliveries are sent again".formatted(done));
    return ids.isEmpty() || done == ids.size() ? ExitCode.OK : ExitCode.FAILED;
  }

  private long byIds(AdminApi api) throws Exception {
    ObjectNode body = Json.object();
    ids.forEach(body.putArray("ids")::add);
    return send(api, body).path("redelivered").asLong();
  }

  /** The server does some thousand a request, and says where to go on. */
  private long byFilter(AdminApi api, Console console) throws Exception {
    long done = 0;
    try (ProgressBar bar = console.bar()) {
      ObjectNode body = filter.body();
      String cursor;
      do {
        JsonNode answer = send(api, body);
        done += answer.path("redelivered").asLong();
        bar.note("%,d are sent again".formatted(done));
        cursor = answer.path("nextCursor").textValue();
        body.put("cursor", cursor);
      } while (cursor != null);
    }
    return done;
  }

  private static JsonNode send(AdminApi api, ObjectNode body) throws Exception {
    return api.call(Request.post("/rest/deliveries/redeliver").with(body));
  }
}

package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.cli.AdminApi.Request;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code crm-webhooks stats}. */
@Command(
    name = "stats",
    description =
        "Shows the attempts of the last hour, or another time, and the work that is open now.",
    footer = {
      "  crm-webhooks stats",
      "  crm-webhooks stats --minutes 15 --webhook ID --json | jq .total.pending"
    })
final class StatsCommand implements Callable<Integer> {
  private static final Table TABLE =
      new Table("There is no webhook.")
          .columns("WEBHOOK /webhookId, URL /targetUrl, DELIVERED #/delivered")
          .columns("FAILED #/failed, DEAD #/dead, P50 MS #/durationMs/p50")
          .columns("P95 MS #/durationMs/p95, P99 MS #/durationMs/p99, PENDING #/pending")
          .columns("DEAD LETTERS #/deadLetters, OLDEST PENDING /oldestPendingAt");

  @Mixin private Session session;

  @Option(
      names = {"-m", "--minutes"},
      description = "Count the attempts of this time, 1 to 1440. Default: 60.")
  private Integer minutes;

  @Option(names = "--webhook", paramLabel = "ID", description = "Only of this webhook.")
  private UUID webhook;

  @Override
  public Integer call() throws Exception {
    return session.show(
        Request.get("/rest/stats").with("minutes", minutes).with("webhookId", webhook),
        StatsCommand::words);
  }

  private static String words(JsonNode stats) {
    JsonNode total = stats.path("total");
    JsonNode rows = stats.path("webhooks");
    StringBuilder text = new StringBuilder();
    text.append(
        "Attempts since %s, and what is open now:%n".formatted(stats.path("since").asText()));
    if (rows.size() > 1) {
      ObjectNode sum = total.deepCopy();
      text.append(
          TABLE.of(Json.array().addAll((ArrayNode) rows).add(sum.put("webhookId", "in all"))));
    } else {
      text.append(TABLE.of(rows)).append(System.lineSeparator());
    }
    if (total.has("queued")) {
      text.append(
          "%nNot dispatched yet: %s, the oldest of %s"
              .formatted(Text.number(total.path("queued")), Text.of(total.path("oldestQueuedAt"))));
    }
    if (total.path("parked").asLong() > 0) {
      text.append(
          "%nParked: %s, see crm-webhooks change list --parked"
              .formatted(Text.number(total.path("parked"))));
    }
    return text.toString();
  }
}

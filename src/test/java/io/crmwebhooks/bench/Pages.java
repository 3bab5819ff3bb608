package io.crmwebhooks.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crmwebhooks.database.Sql;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * (j) How long the pages of the API take that the console and the commands show, with 1,000,000
 * deliveries in the database and 20 changes a second being delivered: over HTTP on one connection,
 * from the request to the last byte of the answer.
 */
final class Pages {
  private static final int TIMES = 30;
  private static final String TOKEN = "crmw_of-the-benchmark-and-of-nobody-else-0123456789";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Run run;
  private final int changes;
  private final int port = Backlog.unusedPort();
  private final Map<String, String> paths = new LinkedHashMap<>();

  Pages(Run run) throws IOException {
    this.run = run;
    this.changes = run.size(1_000_000);
  }

  void measure() throws Exception {
    load();
    run.start(Map.of("WEBHOOKS_HTTP_PORT", Integer.toString(port), "WEBHOOKS_ADMIN_TOKEN", TOKEN));
    run.awaitAnswer(() -> get("/openapi.json"));
    try (Trickle changing = Trickle.start(run.database, 20)) {
      choose();
      double[] first = new double[paths.size()];
      int at = 0;
      for (String path : paths.values()) {
        first[at++] = millis(path);
      }
      run.add(Measure.rate("(j) each page for the first time", null).withLatencies(first));
      for (Map.Entry<String, String> page : paths.entrySet()) {
        double[] millis = new double[TIMES];
        for (int i = 0; i < TIMES; i++) {
          millis[i] = millis(page.getValue());
        }
        run.add(Measure.rate("(j) " + page.getKey(), null).withLatencies(millis));
      }
      changing.requireAlive();
    }
  }

  /** Brings the database to where a busy week has, with what housekeeping would have done. */
  private void load() throws Exception {
    run.database.script(
        "/bench/pages.sql",
        Map.of(
            ":size", Integer.toString(changes),
            ":'url'", "'" + run.url("") + "'",
            ":'dead'", "'http://127.0.0.1:" + Backlog.unusedPort() + "/dead'",
            ":'secret'", "'" + BenchDatabase.SECRET + "'",
            ":'record'", "'" + BenchDatabase.RECORD + "'"));
    int settling = 4; // runs before the first blocks are noted, 500 a run
    for (int i = 0; i <= settling + (changes >> 10) / 500; i++) {
      run.database.execute(Sql.sql("note-times.sql"));
    }
    run.database.execute("VACUUM (ANALYZE)");
  }

  /** The pages by their names. Those that are asked for an id take one from a list. */
  private void choose() throws Exception {
    String deliveries = "/rest/deliveries?";
    String events = "/rest/events?";
    String day = "since=" + ago(4) + "&until=" + ago(3);
    String big = "webhookId=" + new UUID(0, 1);
    String small = "webhookId=" + new UUID(0, 0x20);
    paths.put("webhooks", "/rest/webhooks");
    paths.put("a webhook", "/rest/webhooks/" + new UUID(0, 1));
    paths.put("deliveries", deliveries);
    paths.put("deliveries, 200 of them", deliveries + "limit=200");
    paths.put("deliveries, page 50", deep(deliveries));
    paths.put("deliveries of a great webhook", deliveries + big);
    paths.put("deliveries of a great webhook, page 50", deep(deliveries + big));
    paths.put("deliveries of a small webhook", deliveries + small);
    for (String state : new String[] {"delivered", "pending", "dead", "cancelled"}) {
      paths.put(state + " deliveries", deliveries + "state=" + state);
    }
    paths.put("dead deliveries, page 50", deep(deliveries + "state=dead"));
    paths.put("dead deliveries of a webhook", deliveries + "state=dead&" + small);
    paths.put("deliveries of an event", deliveries + "event=company.created");
    paths.put("deliveries of one event in 1,000", deliveries + "event=company.deleted");
    paths.put("deliveries of the rarest event", deliveries + "event=person.restored");
    paths.put("… to a great webhook", deliveries + "event=person.restored&" + big);
    paths.put("… that are dead", deliveries + "event=person.restored&state=dead");
    paths.put(
        "deliveries of the last hour", deliveries + "since=" + Instant.now().minusSeconds(3600));
    paths.put("deliveries of a past day", deliveries + day);
    paths.put("… that are dead, of a webhook", deliveries + "state=dead&" + day + "&" + small);
    paths.put("a delivery", "/rest/deliveries/" + firstId(deliveries + "state=delivered"));
    paths.put(
        "a delivery with 10 attempts", "/rest/deliveries/" + firstId(deliveries + "state=dead"));
    paths.put("events", events);
    paths.put("events, 200 of them", events + "limit=200");
    paths.put("events, page 50", deep(events));
    paths.put("events by name", events + "event=company.created");
    paths.put("events by the rarest name", events + "event=person.restored");
    String record = ask(events + day).at("/data/0/recordId").asText();
    paths.put("events of a record", events + "recordId=" + record);
    paths.put("events of a record that is unknown", events + "recordId=none");
    paths.put("events of a past day", events + day);
    paths.put("an event", "/rest/events/" + changes / 2);
    paths.put("replays", "/rest/replays");
    paths.put("a replay of 200,000 deliveries", "/rest/replays/" + firstId("/rest/replays?" + big));
    paths.put("statistics", "/rest/stats");
    paths.put("statistics of 24 hours", "/rest/stats?minutes=1440");
    paths.put("statistics of a webhook", "/rest/stats?" + big);
    paths.put("tokens", "/rest/tokens");
  }

  private static String ago(int days) {
    return Instant.now().minus(Duration.ofDays(days)).toString();
  }

  private String firstId(String path) throws Exception {
    return ask(path).at("/data/0/id").asText();
  }

  /** The path of a page with 10,000 rows before it. */
  private String deep(String path) throws Exception {
    String cursor = "";
    for (int page = 0; page < 50; page++) {
      JsonNode next = ask(path + "&limit=200&cursor=" + cursor).path("nextCursor");
      cursor = next.isNull() ? cursor : next.asText();
    }
    return path + "&cursor=" + cursor;
  }

  private JsonNode ask(String path) throws Exception {
    return JSON.readTree(get(path));
  }

  private double millis(String path) throws Exception {
    long before = System.nanoTime();
    get(path);
    return (System.nanoTime() - before) / 1e6;
  }

  private byte[] get(String path) throws Exception {
    HttpResponse<byte[]> response =
        client.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + TOKEN)
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    if (response.statusCode() != 200) {
      throw new IllegalStateException(
          path + ": " + new String(response.body(), StandardCharsets.UTF_8));
    }
    return response.body();
  }
}

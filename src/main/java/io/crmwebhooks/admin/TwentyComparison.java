package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.ComparisonReport.Verdict;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.verify.BodyDifference;
import io.crmwebhooks.verify.ReceivedFile;
import io.crmwebhooks.verify.ReceivedFile.Kind;
import io.crmwebhooks.verify.ReceivedFile.Request;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Compares what a receiver got from Twenty with what is recorded here. Two of a kind are about the
 * same event of the same webhook and record, and the same version of it ({@code updatedAt}); those
 * that are left are paired without the version, in their order. Bodies are read one by one. Used by
 * one thread, once.
 */
public final class TwentyComparison {
  private static final int MOST_LEFT = 200_000;

  /** Twenty's queue may take this long, and a transaction may have begun that much earlier. */
  private static final Duration MARGIN = Duration.ofHours(1);

  private final Sql sql;
  private final ReceivedFile received;
  private final ComparisonReport report;
  private final Map<String, Deque<Request>> theirs = new LinkedHashMap<>();
  private final Set<String> matched = new HashSet<>();

  /** The objects of what Twenty told to be destroyed, by the time of the statement. */
  private final Map<String, Set<String>> destroyed = new HashMap<>();

  private final List<RecordedEvent> left = new ArrayList<>();

  /**
   * @param most how many events to list at most; all are counted
   */
  public TwentyComparison(Sql sql, ReceivedFile received, int most) {
    this.sql = sql;
    this.received = received;
    this.report = new ComparisonReport(most);
  }

  /**
   * @param since of the events that Twenty should have sent; null: the first in the file
   * @param until their end; null: the last in the file
   * @return the counts of the verdicts by their names, and {@code events}, the listed ones
   * @throws IllegalArgumentException when more than 200,000 events here are not in the file
   */
  public ObjectNode compare(Instant since, Instant until) throws SQLException, IOException {
    Set<String> webhooks = new TreeSet<>();
    Instant first = since;
    Instant last = until;
    for (Request request : received.requests()) {
      if (request.kind() != Kind.EVENT) {
        report.count(request.kind());
        continue;
      }
      webhooks.add(request.webhookId());
      theirs.computeIfAbsent(exact(request), key -> new ArrayDeque<>()).add(request);
      if (request.time() != null) {
        first =
            since == null && (first == null || request.time().isBefore(first))
                ? request.time()
                : first;
        last =
            until == null && (last == null || request.time().isAfter(last)) ? request.time() : last;
      }
    }
    if (first != null) {
      readOurs(webhooks, first, last == null ? Instant.now() : last);
    }
    return report.json(webhooks, first, last);
  }

  private void readOurs(Set<String> webhooks, Instant first, Instant last)
      throws SQLException, IOException {
    JsonNode range =
        sql.row(
                sql("find-made.sql"),
                Sql.parameters("since", first.minus(MARGIN), "until", last.plus(MARGIN)))
            .orElseThrow();
    String after = "msg_%016x".formatted(range.path("first").asLong() + 1);
    while (true) {
      List<ObjectNode> rows = page(webhooks, after, range.path("last").asLong());
      for (ObjectNode row : rows) {
        after = row.path("id").asText() + "!"; // sorts before all that an id may go on with
        if (row.path("event").isTextual()) { // else housekeeping has just removed the change
          match(row);
        }
      }
      if (rows.isEmpty()) {
        break;
      }
    }
    pairTheRest(first, last);
  }

  private List<ObjectNode> page(Set<String> webhooks, String from, long last) throws SQLException {
    return sql.rows(
        sql("list-comparable.sql"), Map.of("from", from, "last", last, "webhooks", webhooks));
  }

  private void match(ObjectNode row) throws IOException {
    RecordedEvent ours = RecordedEvent.of(row);
    JsonNode body = body(row);
    String key = ours.key() + " " + body.path("record").path("updatedAt").asText();
    Deque<Request> same = theirs.get(key);
    if (same == null || same.isEmpty()) {
      if (left.size() == MOST_LEFT) {
        throw new IllegalArgumentException(
            "more than %,d events here are not in the file; give a shorter range with --since and --until"
                .formatted(MOST_LEFT));
      }
      left.add(ours);
      return;
    }
    matched.add(key);
    judge(ours, row, body, same.remove());
  }

  private void judge(RecordedEvent ours, ObjectNode row, JsonNode body, Request request)
      throws IOException {
    List<String> keys = new ArrayList<>(BodyDifference.keys(of(request, body), body));
    Verdict verdict = keys.isEmpty() ? Verdict.SAME : Verdict.DIFFERS;
    report.add(verdict, request.line(), ours.json(), String.join(", ", keys));
    boolean sentHere = !row.path("state").asText().equals("cancelled");
    if (sentHere) {
      report.add(
          Verdict.SENT_BY_BOTH,
          request.line(),
          ours.json(),
          "here it is " + row.path("state").asText());
    }
    if (ours.event().endsWith(".destroyed")) {
      destroyed.computeIfAbsent(ours.occurredAt(), t -> new HashSet<>()).add(ours.object());
    }
  }

  /** Their body without the time at which they sent it, and with no more than ours has. */
  private JsonNode of(Request request, JsonNode body) throws IOException {
    ObjectNode theirs = (ObjectNode) received.body(request);
    theirs.remove("eventDate");
    if (!body.has("webhookId")) {
      theirs.retain("eventName", "record", "updatedFields");
    }
    return theirs;
  }

  /** The body as it was recorded, or what is known of one that is not kept. */
  private static JsonNode body(ObjectNode row) {
    if (row.path("body").isTextual()) {
      JsonNode body = Json.trusted(row.path("body").asText());
      return body.isObject() ? ((ObjectNode) body).without("eventDate") : Json.object();
    }
    ObjectNode body = Json.object().put("eventName", row.path("event").asText());
    body.set("record", Json.trusted(row.path("record").asText()));
    if (row.path("updatedFields").isArray()) {
      body.set("updatedFields", row.path("updatedFields"));
    }
    return body;
  }

  private void pairTheRest(Instant first, Instant last) throws SQLException, IOException {
    Map<String, Deque<Request>> loose = new LinkedHashMap<>();
    theirs.forEach(
        (key, requests) -> {
          for (Request request : requests) {
            if (matched.contains(key)) {
              report.add(Verdict.REPEATED, request.line(), event(request), "");
            } else {
              loose.computeIfAbsent(loose(request), k -> new ArrayDeque<>()).add(request);
            }
          }
        });
    List<RecordedEvent> alone = new ArrayList<>();
    for (RecordedEvent ours : left) {
      Deque<Request> same = loose.get(ours.key());
      if (same == null || same.isEmpty()) {
        alone.add(ours);
        continue;
      }
      ObjectNode row = page(Set.of(ours.webhookId()), ours.id(), Long.MAX_VALUE - 1).get(0);
      judge(ours, row, body(row), same.remove());
    }
    loose.values().stream()
        .flatMap(Deque::stream)
        .forEach(r -> report.add(Verdict.MISSING_HERE, r.line(), event(r), ""));
    for (RecordedEvent ours : alone) {
      Instant made = Instant.parse(ours.occurredAt());
      if (!made.isBefore(first) && !made.isAfter(last)) {
        report.add(verdictOf(ours), null, ours.json(), "");
      }
    }
  }

  /** Twenty tells of one row for each statement that destroys, and of none that cascades. */
  private Verdict verdictOf(RecordedEvent ours) {
    Set<String> objects = destroyed.getOrDefault(ours.occurredAt(), Set.of());
    if (!ours.event().endsWith(".destroyed") || objects.isEmpty()) {
      return Verdict.MISSING_THERE;
    }
    return objects.contains(ours.object()) ? Verdict.BULK_DESTROYED : Verdict.CASCADED;
  }

  private static ObjectNode event(Request request) {
    return RecordedEvent.json(
        request.webhookId(),
        request.event(),
        request.recordId(),
        request.time() == null ? null : request.time().toString());
  }

  private static String exact(Request r) {
    return loose(r) + " " + r.version();
  }

  private static String loose(Request r) {
    return r.webhookId() + " " + r.event() + " " + r.recordId();
  }
}

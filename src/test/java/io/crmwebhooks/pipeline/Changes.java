package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.pipeline.Claims.Claim;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Changes and webhooks for tests. */
public final class Changes {
  private Changes() {}

  public static Change of(String event, String record) {
    return of(1, "", event, record, null);
  }

  public static Change of(
      long id, String workspace, String event, String record, String updatedFields) {
    Instant occurredAt = Instant.parse("2025-02-10T15:30:50Z");
    return new Change(
        new Change.Place(id, 0, 0),
        new Change.Event(workspace, event, "r1", occurredAt, null),
        ChangeRow.record(record),
        updatedFields,
        null);
  }

  /** A change as it is claimed. */
  public static Map<String, Object> row(long change) {
    Map<String, Object> row = new HashMap<>();
    row.put("change_id", change);
    row.put("epoch", 1L);
    row.put("event", "person.created");
    row.put("workspace", "");
    row.put("record_id", "r1");
    row.put("record", "{}");
    row.put("bytes", 2L);
    row.put("occurred_at", "2026-01-01T00:00:00Z");
    return row;
  }

  /** A delivery of a batch, of a change that names no record where {@code recordId} is null. */
  static Delivery first(long changeId, String recordId, Webhook webhook) {
    Change.Event event = new Change.Event("", "person.created", recordId, Instant.EPOCH, null);
    return Delivery.first(
        new Change(new Change.Place(changeId, 0, 0), event, ChangeRow.record("{}"), null, null),
        webhook,
        new byte[0]);
  }

  /** A pending delivery that was claimed. */
  static Delivery claimed(Webhook webhook, Delivery.History history) {
    return Delivery.again(
        "msg_1",
        of("person.created", "{}"),
        webhook,
        new Delivery.Content(new byte[0], null),
        history);
  }

  /** One that nobody else can take over. */
  public static Batch batch(Change... changes) {
    return new Batch(
        List.of(changes),
        new Claim(0, Duration.ofDays(1), Duration.ZERO),
        Batch.Hold.PARTITIONS,
        News.UNTOLD);
  }

  public static Webhook webhook(int concurrency) {
    return TestWebhook.to("http://localhost/").withConcurrency(concurrency).build();
  }
}

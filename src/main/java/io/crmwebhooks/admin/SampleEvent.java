package io.crmwebhooks.admin;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.pipeline.PayloadRenderer;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a test of a webhook sends: an event that it wants, about a record that nobody has. */
final class SampleEvent {
  private static final String RECORD =
      """
      {"id":"00000000-0000-0000-0000-000000000000",\
      "name":{"firstName":"Sample","lastName":"Event"},\
      "note":"sent by a test of this webhook; there is no such record"}""";

  private SampleEvent() {}

  /** The first event that operations ask for, with a name in the place of each wildcard. */
  static String wantedBy(List<String> operations) {
    String[] halves = operations.get(0).split("\\.");
    return (halves[0].equals("*") ? "person" : halves[0])
        + "."
        + (halves[1].equals("*") ? "created" : halves[1]);
  }

  static byte[] body(String event, Instant now) {
    Map<String, Object> change = new HashMap<>();
    change.put("change_id", 0L);
    change.put("event", event);
    change.put("record", RECORD);
    change.put("updated_fields", "[\"name\"]");
    change.put("occurred_at", now.toString());
    return PayloadRenderer.render(new Change(change));
  }
}

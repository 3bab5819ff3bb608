package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Webhook;
import java.util.HashMap;
import java.util.Map;

/** Changes and webhooks for tests. */
public final class Changes {
  private Changes() {}

  public static Change of(String event, String record) {
    return of(1, "", event, record, null);
  }

  public static Change of(
      long id, String workspace, String event, String record, String updatedFields) {
    Map<String, Object> row = new HashMap<>();
    row.put("change_id", id);
    row.put("workspace", workspace);
    row.put("event", event);
    row.put("record_id", "r1");
    row.put("record", record);
    row.put("updated_fields", updatedFields);
    row.put("occurred_at", "2025-02-10 16:30:50+01");
    return new Change(row);
  }

  public static Webhook webhook(int concurrency) {
    return TestWebhook.to("http://localhost/").withConcurrency(concurrency).build();
  }
}

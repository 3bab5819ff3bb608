package io.crmwebhooks.pipeline;

import io.crmwebhooks.pipeline.ReplayPace.Situation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes of the row of {@code claim-replay.sql} the parameters of the statement that comes next:
 * {@code room} is there when something is to be owed, else {@code state}, {@code reason} and {@code
 * wait}. Thread-safe.
 */
public final class PlanStep implements Processor {
  private static final Logger LOG = LoggerFactory.getLogger(PlanStep.class);

  private final ReplayPace pace;

  public PlanStep(ReplayPace pace) {
    this.pace = pace;
  }

  @Override
  public void process(Exchange exchange) {
    @SuppressWarnings("unchecked")
    List<Map<String, Object>> rows = exchange.getMessage().getBody(List.class);
    Map<String, Object> row = rows.get(0);
    long position = number(row, "position");
    Map<String, Object> headers = exchange.getMessage().getHeaders();
    headers.clear();
    headers.put("replay", row.get("id"));
    headers.put("position", position);
    Step step =
        pace.next(
            new Situation(
                (Boolean) row.get("webhook_deleted"),
                (Boolean) row.get("enabled"),
                (int) number(row, "concurrency"),
                position >= number(row, "last_id"),
                number(row, "owed"),
                number(row, "unattempted"),
                number(row, "failing"),
                (Boolean) row.get("others_wait"),
                Duration.ofMillis(number(row, "still_ms"))));
    if (step instanceof Step.Owe owe) {
      headers.put("room", owe.room());
    } else if (step instanceof Step.Wait wait) {
      settle(headers, "running", wait.reason(), wait.time().toMillis());
    } else if (step instanceof Step.Cancel cancel) {
      LOG.warn("replay.cancelled replay={} reason=\"{}\"", row.get("id"), cancel.reason());
      settle(headers, "cancelled", cancel.reason(), 0);
    } else {
      LOG.info("replay.done replay={} owed={}", row.get("id"), row.get("owed"));
      settle(headers, "done", null, 0);
    }
  }

  private static void settle(
      Map<String, Object> headers, String state, String reason, long waitMillis) {
    headers.put("state", state);
    headers.put("reason", reason == null ? "" : reason);
    headers.put("wait", waitMillis + "ms");
  }

  private static long number(Map<String, Object> row, String column) {
    return ((Number) row.get(column)).longValue();
  }
}

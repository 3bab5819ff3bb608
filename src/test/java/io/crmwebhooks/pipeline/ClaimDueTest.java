package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.OwnDatabase;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How a claim shares what there is among the webhooks. */
class ClaimDueTest extends OwnDatabase {
  private static final String GREEDY = "00000000-0000-0000-0000-000000000001";
  private static final String MODEST = "00000000-0000-0000-0000-000000000002";

  /** Deliveries that are due, those of a webhook that is added first for longer. */
  private void due(String webhook, int concurrency, int deliveries, int bytes) throws SQLException {
    run(
        "INSERT INTO webhooks.subscription (id, target_url, concurrency) VALUES ('%s', 'http://localhost/', %d)",
        webhook, concurrency);
    run(
        "INSERT INTO webhooks.change (event, record_id, record) SELECT 'a.created', '%s', json_build_object('x', repeat('x', %d)) FROM generate_series(1, %d)",
        webhook, bytes, deliveries);
    run(
        "INSERT INTO webhooks.delivery (change_id, subscription_id, state, due_at) SELECT id, '%1$s', 'pending', now() - interval '1 min' FROM webhooks.change WHERE record_id = '%1$s'",
        webhook);
  }

  private Map<String, Integer> claim(String busy, int room) throws SQLException {
    Map<String, Integer> claimed = new HashMap<>();
    claimDue(busy, room)
        .forEach(row -> claimed.merge(row.path("subscription_id").asText(), 1, Integer::sum));
    return claimed;
  }

  private static String busy(String webhook, int inFlight, long bytes) {
    return "[{\"subscription_id\":\"%s\",\"in_flight\":%d,\"bytes\":%d}]"
        .formatted(webhook, inFlight, bytes);
  }

  @Test
  void whoever_has_the_fewest_attempts_in_flight_is_served_first() throws SQLException {
    due(GREEDY, 1000, 600, 1);
    due(MODEST, 32, 10, 1);
    assertThat(claim(busy(GREEDY, 100, 0), 50)).isEqualTo(Map.of(MODEST, 10, GREEDY, 40));
  }

  @Test
  void one_webhook_leaves_a_quarter_of_all_places_to_others_whatever_its_concurrency()
      throws SQLException {
    due(GREEDY, 1000, 600, 1);
    assertThat(claim("[]", 512)).isEqualTo(Map.of(GREEDY, 384));
  }

  @Test
  void large_records_of_one_webhook_leave_room_for_those_of_others() throws SQLException {
    due(GREEDY, 32, 8, 1_500_000);
    due(MODEST, 32, 10, 1);
    assertThat(claim("[]", 512)).isEqualTo(Map.of(GREEDY, 3, MODEST, 10));
    assertThat(claim(busy(GREEDY, 3, 4_500_000), 512)).isEmpty();
  }

  @Test
  void a_record_that_is_larger_than_the_bound_goes_by_itself() throws SQLException {
    due(GREEDY, 32, 2, 5_000_000);
    assertThat(claim("[]", 512)).isEqualTo(Map.of(GREEDY, 1));
  }
}

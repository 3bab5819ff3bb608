package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SecondLookTest {
  private static final String WEBHOOK = "aaaaaaaa-0000-4000-8000-000000000001";

  private final Arriving arriving = new Arriving();
  private final List<String> sure = new ArrayList<>();
  private final SecondLook look = new SecondLook(arriving, row -> sure.add(row.toString()));

  /** A place where changes arrive before it is read again. */
  private static final class Arriving implements Delivered.Pairs {
    final Set<Long> later = new HashSet<>();
    final Set<Long> known = new HashSet<>();

    @Override
    public long upto() {
      return Long.MAX_VALUE;
    }

    @Override
    public ArrayNode blocks(long after, long upto) {
      return Json.array();
    }

    @Override
    public boolean has(UUID webhook, long change) {
      return webhook.toString().equals(WEBHOOK) && known.contains(change);
    }

    @Override
    public void readOn() {
      known.addAll(later);
    }
  }

  private static ObjectNode row(String fate, long... ids) {
    ObjectNode row = Json.object().put("subscription_id", WEBHOOK).put("fate", fate);
    row.put("changes", ids.length).put("removed", 1);
    for (long id : ids) {
      row.withArray("named_ids").add(id);
    }
    return row;
  }

  @Test
  void what_has_arrived_meanwhile_is_delivered_and_the_rest_is_as_it_was() {
    ObjectNode gap = row("gap", 1, 2, 3);
    gap.withArray("removed_ids").add(2);
    arriving.later.add(2L);
    look.take(gap);
    assertThat(sure).isEmpty();
    look.end();
    assertThat(sure)
        .containsExactly(
            "{\"subscription_id\":\"%s\",\"fate\":\"delivered\",\"changes\":1,\"removed\":1}"
                .formatted(WEBHOOK),
            "{\"subscription_id\":\"%s\",\"fate\":\"gap\",\"changes\":2,\"removed\":0,\"removed_ids\":[2],\"ids\":[1,3]}"
                .formatted(WEBHOOK));
  }

  @Test
  void a_row_that_names_no_changes_is_sure() {
    look.take(row("pending"));
    assertThat(sure).hasSize(1);
  }
}

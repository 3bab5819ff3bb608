package io.crmwebhooks.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class WebhookLabelsTest {
  private final UUID first = new UUID(0, 1);
  private final UUID second = new UUID(0, 2);
  private final UUID third = new UUID(0, 3);
  private final WebhookLabels labels = new WebhookLabels(2);
  private final List<Set<String>> told = new ArrayList<>();

  @Test
  void the_oldest_have_their_ids_and_the_rest_shares_one() {
    load(first, second, third);
    assertThat(labels.of(first)).isEqualTo(first.toString());
    assertThat(labels.of(second)).isEqualTo(second.toString());
    assertThat(labels.of(third)).isEqualTo("other");
    assertThat(labels.of(UUID.randomUUID())).isEqualTo("other");
  }

  @Test
  void when_one_goes_the_next_one_gets_a_label_of_its_own() {
    load(first, second, third);
    load(first, third);
    assertThat(labels.of(second)).isEqualTo("other");
    assertThat(labels.of(third)).isEqualTo(third.toString());
  }

  @Test
  void listeners_are_told_all_labels_whenever_they_change() {
    labels.listen(told::add);
    load(first);
    load(first);
    load((UUID) null);
    assertThat(told)
        .containsExactly(Set.of("other"), Set.of("other", first.toString()), Set.of("other"));
  }

  @Test
  void what_the_gauges_have_read_counts_only_while_nothing_is_loaded() {
    labels.setFirst(List.of(first));
    labels.setFirst(List.of(second));
    assertThat(labels.of(first)).isEqualTo(first.toString());
    assertThat(labels.of(second)).isEqualTo("other");
  }

  private void load(UUID... ids) {
    labels.load(
        Arrays.stream(ids)
            .map(
                id -> {
                  Map<String, Object> row = new HashMap<>();
                  row.put("id", id);
                  return row;
                })
            .toList());
  }
}

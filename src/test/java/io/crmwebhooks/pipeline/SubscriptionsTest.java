package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.domain.Limits;
import io.crmwebhooks.domain.Webhook;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SubscriptionsTest {
  private final Subscriptions subscriptions =
      new Subscriptions(32, row -> () -> (String) row.get("target_url"));

  @Test
  void finds_each_webhook_that_wants_the_event_once() {
    subscriptions.load(
        List.of(
            row("exact", "", "[\"person.created\"]"),
            row("object", "", "[\"person.*\",\"*.created\",\"person.created\"]"),
            row("all", "", "[\"*.*\"]"),
            row("other", "", "[\"company.*\",\"*.deleted\",\"person.updated\"]")));
    assertThat(urls(subscriptions.matching("", "person.created")))
        .containsExactlyInAnyOrder("exact", "object", "all");
  }

  @Test
  void never_crosses_workspaces() {
    subscriptions.load(
        List.of(
            row("a", "one", "[\"*.*\"]"), row("b", "two", "[\"*.*\"]"), row("c", "", "[\"*.*\"]")));
    assertThat(urls(subscriptions.matching("one", "person.created"))).containsExactly("a");
    assertThat(urls(subscriptions.matching("", "person.created"))).containsExactly("c");
    assertThat(urls(subscriptions.matching("three", "person.created"))).isEmpty();
  }

  @Test
  void is_stale_until_the_revision_of_the_claim_is_loaded() {
    assertThat(subscriptions.isStale(revision(7))).isTrue();
    subscriptions.load(revision(7));
    assertThat(subscriptions.isStale(revision(7))).isFalse();
    assertThat(subscriptions.isStale(revision(8))).isTrue();
    assertThat(subscriptions.matching("", "person.created")).isEmpty();
  }

  @Test
  void an_older_load_never_replaces_a_newer_one() {
    Map<String, Object> newer = row("newer", "", "[\"*.*\"]");
    newer.put("revision", 2L);
    subscriptions.load(List.of(newer));
    subscriptions.load(List.of(row("older", "", "[\"*.*\"]")));
    assertThat(subscriptions.isStale(revision(2))).isFalse();
    assertThat(urls(subscriptions.matching("", "person.created"))).containsExactly("newer");
  }

  @Test
  void one_of_Twentys_own_gets_workflow_runs_that_change_only_by_their_exact_name() {
    Map<String, Object> all = row("all", "", "[\"*.*\",\"workflowRun.*\",\"*.updated\"]");
    all.put("source", "twenty");
    Map<String, Object> exact = row("exact", "", "[\"workflowRun.updated\"]");
    exact.put("source", "twenty");
    Map<String, Object> ours = row("ours", "", "[\"*.*\"]");
    ours.put("source", "api");
    subscriptions.load(List.of(all, exact, ours));
    assertThat(urls(subscriptions.matching("", "workflowRun.updated")))
        .containsExactlyInAnyOrder("exact", "ours");
    assertThat(urls(subscriptions.matching("", "workflowRun.created")))
        .containsExactlyInAnyOrder("all", "ours");
  }

  @Test
  void what_a_webhook_does_not_say_or_nobody_can_read_is_as_in_the_settings() {
    Map<String, Object> own = row("own", "", "[\"*.*\"]");
    own.put("concurrency", 3);
    own.put("rate_limit", 0.5);
    own.put("timeout", "2s");
    own.put("retry_schedule", "");
    own.put("batch_size", 100);
    own.put("batch_wait", "30s");
    own.put("compress", "gzip");
    Map<String, Object> bad = row("bad", "", "[\"*.*\"]");
    bad.put("timeout", "99999999999d");
    bad.put("retry_schedule", "0s");
    subscriptions.load(List.of(own, bad));
    assertThat(subscriptions.matching("", "person.created").stream().map(Webhook::limits))
        .containsExactlyInAnyOrder(
            new Limits(
                3,
                0.5,
                Duration.ofSeconds(2),
                List.of(),
                new Limits.Batching(100, Duration.ofSeconds(30), true)),
            TestWebhook.ofConcurrency(32));
  }

  @Test
  void routes_know_a_webhook_by_its_description_and_labels() {
    Map<String, Object> row = row("own", "", "[\"*.*\"]");
    row.put("description", "CRM of the sales");
    row.put("labels", "{\"region\":\"eu\"}");
    subscriptions.load(List.of(row));
    assertThat(subscriptions.matching("", "person.created").iterator().next().name())
        .isEqualTo(
            new Webhook.Name((UUID) row.get("id"), "CRM of the sales", Map.of("region", "eu")));
  }

  private static List<Map<String, Object>> revision(long revision) {
    return List.of(Map.of("revision", revision));
  }

  private static List<String> urls(Collection<Webhook> webhooks) {
    return webhooks.stream().map(webhook -> webhook.destination().url()).toList();
  }

  private static Map<String, Object> row(String url, String workspace, String operations) {
    Map<String, Object> row = new HashMap<>();
    row.put("revision", 1L);
    row.put("id", UUID.randomUUID());
    row.put("workspace", workspace);
    row.put("target_url", url);
    row.put("operations", operations);
    row.put("format", "event");
    row.put("concurrency", null);
    return row;
  }
}

package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Limits;
import io.crmwebhooks.domain.Webhook;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
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
    assertThat(urls(subscriptions.now().matching("", "person.created")))
        .containsExactlyInAnyOrder("exact", "object", "all");
  }

  @Test
  void never_crosses_workspaces() {
    subscriptions.load(
        List.of(
            row("a", "one", "[\"*.*\"]"), row("b", "two", "[\"*.*\"]"), row("c", "", "[\"*.*\"]")));
    assertThat(urls(subscriptions.now().matching("one", "person.created"))).containsExactly("a");
    assertThat(urls(subscriptions.now().matching("", "person.created"))).containsExactly("c");
    assertThat(urls(subscriptions.now().matching("three", "person.created"))).isEmpty();
  }

  @Test
  void is_stale_until_the_revision_of_the_claim_is_loaded() {
    assertThat(subscriptions.isStale(revision(7))).isTrue();
    subscriptions.load(revision(7));
    assertThat(subscriptions.isStale(revision(7))).isFalse();
    assertThat(subscriptions.isStale(revision(8))).isTrue();
    assertThat(subscriptions.now().matching("", "person.created")).isEmpty();
  }

  @Test
  void an_older_load_never_replaces_a_newer_one() {
    Map<String, Object> newer = row("newer", "", "[\"*.*\"]");
    newer.put("revision", 2L);
    subscriptions.load(List.of(newer));
    subscriptions.load(List.of(row("older", "", "[\"*.*\"]")));
    assertThat(subscriptions.isStale(revision(2))).isFalse();
    assertThat(urls(subscriptions.now().matching("", "person.created"))).containsExactly("newer");
  }

  @Test
  void a_second_load_of_a_revision_changes_nothing() {
    Map<String, Object> row = row("a", "", "[\"*.*\"]");
    subscriptions.load(List.of(row));
    Webhook before = only(subscriptions.now());
    subscriptions.load(List.of(row));
    assertThat(only(subscriptions.now())).isSameAs(before);
  }

  @Test
  void all_changes_of_a_batch_are_owed_to_webhooks_of_one_revision() {
    Owing owing = new Owing(subscriptions, webhook -> {});
    Batch batch = Changes.batch();
    Change change = Changes.of("person.created", "{}");
    Map<String, Object> row = row("a", "", "[\"*.*\"]");
    subscriptions.load(List.of(row));
    Webhook before = owing.of(change, batch).get(0).webhook();
    row.put("revision", 2L);
    subscriptions.load(List.of(row));
    assertThat(owing.of(change, batch).get(0).webhook())
        .as("deliveries of a line share a lane by their webhook")
        .isSameAs(before);
    assertThat(owing.of(change, Changes.batch()).get(0).webhook()).isNotSameAs(before);
  }

  @Test
  void programs_are_compiled_when_their_webhooks_are_loaded_and_one_that_is_none_keeps_no_other() {
    Map<String, Object> custom = row("custom", "", "[\"*.*\"]");
    custom.put("format", "custom");
    custom.put("program", ".record.loaded");
    Map<String, Object> without = row("without", "", "[\"*.*\"]");
    without.put("format", "custom");
    subscriptions.load(
        List.of(filtered(".record.loading == 1"), custom, without, filtered("no program at all")));
    assertThat(Programs.isReady(".record.loading == 1")).isTrue();
    assertThat(Programs.isReady(".record.loaded")).isTrue();
    Owing owing = new Owing(subscriptions, webhook -> {});
    assertThat(owing.of(Changes.of("person.created", "{}"), Changes.batch()))
        .extracting(Delivery::problem)
        .contains("body is missing", "filter is no jq program: column 4, unexpected 'program'");
  }

  @Test
  void programs_of_a_change_are_bounded_together_and_a_plain_one_always_runs() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      rows.add(filtered("(1,1,1,1,1,1,1,1,1,1) | ".repeat(5) + "empty"));
    }
    rows.add(100, filtered(".record.stage == \"WON\""));
    rows.add(filtered(".record.stage == \"WON\""));
    subscriptions.load(rows);
    Owing owing = new Owing(subscriptions, webhook -> {});
    for (int again = 0; again < 2; again++) { // the next change has as much
      List<Delivery> owed =
          owing.of(Changes.of("deal.updated", "{\"stage\":\"WON\"}"), Changes.batch());
      assertThat(owed).hasSize(202);
      Map<String, Long> problems =
          owed.stream()
              .collect(
                  Collectors.groupingBy(
                      owe -> String.valueOf(owe.problem()).replaceAll("\\d+", "…"),
                      Collectors.counting()));
      assertThat(problems.keySet())
          .containsExactlyInAnyOrder(
              "null",
              "filter does more than a program may (… steps)",
              "filter does more than the programs before it have left (… steps)");
      assertThat(problems.get("null")).isEqualTo(2);
    }
  }

  @Test
  void claimed_deliveries_are_judged_and_sent_by_one_revision() {
    Endpoints endpoints = new Endpoints(PauseRule.NEVER, Clock.systemUTC(), Duration.ofMinutes(1));
    Redelivery redelivery = new Redelivery(endpoints, subscriptions, 10, 1000);
    Exchange exchange = new DefaultExchange(new DefaultCamelContext());
    Map<String, Object> webhook = row("a", "", "[\"*.*\"]");
    webhook.put("in_order", true);
    subscriptions.load(List.of(webhook));
    Webhook before = only(subscriptions.now());
    List<Map<String, Object>> claimed = List.of(claimed((UUID) webhook.get("id")));
    List<Map<String, Object>> judged = redelivery.toJudge(claimed, exchange);
    webhook.put("revision", 2L);
    subscriptions.load(List.of(webhook));
    assertThat(redelivery.claimed(claimed, judged, exchange).get(0).webhook()).isSameAs(before);
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
    assertThat(urls(subscriptions.now().matching("", "workflowRun.updated")))
        .containsExactlyInAnyOrder("exact", "ours");
    assertThat(urls(subscriptions.now().matching("", "workflowRun.created")))
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
    assertThat(subscriptions.now().matching("", "person.created").stream().map(Webhook::limits))
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
    assertThat(subscriptions.now().matching("", "person.created").iterator().next().name())
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

  private static Map<String, Object> filtered(String filter) {
    Map<String, Object> row = row("filtered", "", "[\"*.*\"]");
    row.put("filter", filter);
    return row;
  }

  private static Map<String, Object> claimed(UUID webhook) {
    Map<String, Object> row = new HashMap<>();
    row.put("id", "msg_1");
    row.put("subscription_id", webhook);
    row.put("change_id", 1L);
    row.put("attempts", 1);
    row.put("schedule_from", 0);
    row.put("replayed", false);
    row.put("probe", false);
    row.put("body", "{}");
    row.put("workspace", "");
    row.put("event", "person.created");
    row.put("record_id", "r1");
    row.put("record", "{}");
    row.put("occurred_at", "2026-01-01T00:00:00Z");
    return row;
  }

  private static Webhook only(Subscriptions.Snapshot webhooks) {
    return webhooks.matching("", "person.created").iterator().next();
  }
}

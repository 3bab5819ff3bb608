package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.domain.Attempt;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Limits.Batching;
import io.crmwebhooks.domain.Outcome;
import io.crmwebhooks.domain.Outcome.Together;
import io.crmwebhooks.domain.Post;
import io.crmwebhooks.domain.Request;
import io.crmwebhooks.domain.Webhook;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PostsTest {
  private static final Duration DELAY = Duration.ofSeconds(5);

  private final List<Delivery> waiting = new ArrayList<>();

  private static Webhook batching(int size, Duration patience) {
    return TestWebhook.to("/").withBatches(size, patience).build();
  }

  private static List<Delivery> owed(Webhook webhook, int count) {
    List<Delivery> owed = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      owed.add(Changes.first(i, "r" + i % 2, webhook));
    }
    return owed;
  }

  private static Delivery with(Webhook webhook, String body, Request request) {
    return Changes.first(1, "r1", webhook)
        .as(new Delivery.Content(body.getBytes(StandardCharsets.UTF_8), request));
  }

  private List<List<Delivery>> members(List<Delivery> owed) {
    return Posts.of(owed, waiting::add).stream().map(Delivery::members).toList();
  }

  @Test
  void those_of_a_webhook_that_wants_one_each_stay_as_they_are() {
    List<Delivery> owed = owed(batching(1, null), 3);
    assertThat(Posts.of(owed, waiting::add)).isSameAs(owed);
  }

  @Test
  void as_many_go_together_as_a_webhook_wants_and_too_few_go_at_once() {
    List<Delivery> owed = owed(batching(2, null), 5);
    assertThat(members(owed))
        .containsExactly(owed.subList(0, 2), owed.subList(2, 4), owed.subList(4, 5));
  }

  @Test
  void too_few_wait_where_their_webhook_has_the_patience() {
    List<Delivery> owed = owed(batching(2, DELAY), 5);
    assertThat(members(owed)).containsExactly(owed.subList(0, 2), owed.subList(2, 4));
    assertThat(waiting).isEqualTo(owed.subList(4, 5));
  }

  @Test
  void a_post_has_about_a_megabyte() {
    Webhook webhook = batching(1000, null);
    String body = "\"" + "x".repeat(400_000) + "\"";
    List<Delivery> owed =
        List.of(with(webhook, body, null), with(webhook, body, null), with(webhook, body, null));
    assertThat(members(owed)).containsExactly(owed.subList(0, 2), owed.subList(2, 3));
  }

  @Test
  void only_those_that_are_sent_alike_go_together_and_no_text_that_is_no_json() {
    Webhook webhook = batching(10, null);
    Request header = new Request(null, null, null, Map.of("A", "b"));
    Delivery plain = with(webhook, "{}", null);
    Delivery headed = with(webhook, "{}", header);
    Delivery csv = with(webhook, "{}", new Request(null, null, "text/csv", Map.of()));
    Delivery text = with(webhook, "{} {}", Request.SAME);
    Delivery changed = with(webhook, "[1]", Request.SAME);
    assertThat(Posts.of(List.of(plain, headed, csv, text, changed), waiting::add))
        .hasSize(4)
        .contains(csv, text)
        .extracting(Delivery::members)
        .contains(List.of(plain, changed), List.of(headed));
  }

  @Test
  void those_in_order_follow_each_other() {
    Webhook ordered =
        TestWebhook.to("/")
            .withBatches(10, null)
            .with(new Webhook.Ordering(true, false, false))
            .build();
    Request header = new Request(null, null, null, Map.of("A", "b"));
    List<Delivery> owed =
        List.of(with(ordered, "{}", null), with(ordered, "{}", header), with(ordered, "{}", null));
    assertThat(members(owed))
        .containsExactly(owed.subList(0, 1), owed.subList(1, 2), owed.subList(2, 3));
    assertThat(Posts.due(owed))
        .as("once they are due, only those in one POST have an order")
        .extracting(Delivery::members)
        .containsExactly(List.of(owed.get(0), owed.get(2)), owed.subList(1, 2));
    Delivery alone = with(ordered, "{}", new Request(null, null, "text/csv", Map.of()));
    assertThat(Posts.of(List.of(owed.get(0), alone, owed.get(2)), waiting::add))
        .extracting(Delivery::parts)
        .containsExactly(owed.subList(0, 1), List.of(alone), owed.subList(2, 3));
  }

  @Test
  void the_body_is_an_array_and_each_object_in_it_begins_with_its_id() {
    Webhook webhook = batching(10, null);
    Delivery first = with(webhook, "{\"a\":1}", null);
    Delivery empty = with(webhook, "{}", null);
    Delivery number = with(webhook, "7", null);
    assertThat(Post.of(List.of(first, empty, number)).body())
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("[{\"id\":\"%1$s\",\"a\":1},{\"id\":\"%1$s\"},7]".formatted(first.id()));
  }

  @Test
  void the_id_of_a_post_follows_from_its_members() {
    List<Delivery> owed = owed(batching(10, null), 3);
    String id = Post.of(owed).id();
    assertThat(id)
        .matches("msg_[0-9a-f]{32}")
        .isEqualTo(Post.of(List.copyOf(owed)).id())
        .isNotEqualTo(Post.of(owed.subList(0, 2)).id());
  }

  private static Attempt attempt(int number, int status) {
    return new Attempt(number, Instant.EPOCH, 1, status, "x", null);
  }

  @Test
  void a_failure_is_one_of_each_and_the_first_brings_the_others_when_it_is_due() {
    Delivery post = Post.of(owed(batching(10, null), 2));
    Together again = new Together(post.id(), false);
    assertThat(Outcome.retry(post, attempt(1, 500), DELAY).each())
        .containsExactly(
            outcome(post.members().get(0), attempt(1, 500), DELAY, again),
            outcome(post.members().get(1), attempt(1, 500), null, again))
        .allMatch(Outcome::fixesBody);
    assertThat(Outcome.unanswered(post, DELAY).each())
        .containsExactly(
            outcome(post.members().get(0), null, DELAY, again),
            outcome(post.members().get(1), null, null, again))
        .allMatch(Outcome::fixesBody);
  }

  private static Outcome outcome(
      Delivery member, Attempt attempt, Duration delay, Together together) {
    return new Outcome(member, Outcome.State.RETRY, attempt, delay, null, together);
  }

  @Test
  void one_that_is_too_large_becomes_two_with_a_schedule_that_begins_anew() {
    Delivery post = Post.of(owed(batching(10, null), 3));
    String first = Post.of(post.members().subList(0, 2)).id();
    String second = Post.of(post.members().subList(2, 3)).id();
    assertThat(Outcome.halved(post, attempt(1, 413), DELAY).each())
        .containsExactly(
            outcome(post.members().get(0), attempt(1, 413), DELAY, new Together(first, true)),
            outcome(post.members().get(1), attempt(1, 413), null, new Together(first, true)),
            outcome(post.members().get(2), attempt(1, 413), DELAY, new Together(second, true)));
    assertThat(OutcomeRow.updated(Outcome.halved(post, attempt(1, 413), DELAY).each().get(0)))
        .extracting(OutcomeRow::scheduleFrom)
        .isEqualTo(1);
  }

  @Test
  void an_attempt_of_many_counts_for_each_what_it_has_had_before() {
    Webhook webhook = batching(10, null);
    Delivery old =
        Delivery.again(
            "msg_0",
            Changes.of("person.created", "{}"),
            webhook,
            new Delivery.Content(new byte[0], null),
            new Delivery.History(3, 0, false, false, true));
    Delivery post = Post.of(List.of(old, Changes.first(1, "r1", webhook)));
    assertThat(post.attemptNumber()).isEqualTo(1);
    assertThat(post.isClaimed()).as("they come from one place").isTrue();
    assertThat(Outcome.delivered(post, attempt(1, 200)).each())
        .extracting(outcome -> outcome.attempt().number(), Outcome::together)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(4, null),
            org.assertj.core.groups.Tuple.tuple(1, null));
  }

  @Test
  void no_setting_of_a_webhook_means_one_event_in_a_post() {
    assertThat(Batching.of(1, null, "none")).isEqualTo(Batching.NONE);
    assertThat(Batching.of(5, "no time", "gzip")).isEqualTo(new Batching(5, null, true));
  }
}

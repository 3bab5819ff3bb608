package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Limits.Batching;
import io.crmwebhooks.domain.Post;
import io.crmwebhooks.domain.Request;
import io.crmwebhooks.domain.Webhook;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Puts deliveries together that go out in one POST: those of one webhook, sent in the same way, up
 * to its number and about a megabyte. Of a webhook that keeps an order they follow each other. One
 * that a route has given another type than JSON goes by itself, as it is. Used by one thread.
 */
final class Posts {
  /** Of the bodies in one POST; a single one may be larger. */
  private static final long MOST_BYTES = 1_000_000;

  private static final ObjectReader JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build().reader();

  private final List<Delivery> posts = new ArrayList<>();
  private final Map<Key, Open> open = new LinkedHashMap<>();

  /**
   * @param request null for one that keeps an order, whatever it is
   */
  private record Key(Webhook webhook, Request request) {}

  private static final class Open {
    private final Request request;
    private final List<Delivery> members = new ArrayList<>();
    private long bytes;

    Open(Request request) {
      this.request = request;
    }
  }

  private final boolean areDue;

  /**
   * @param areDue so those in order may go side by side, but for those that are put together
   */
  private Posts(boolean areDue) {
    this.areDue = areDue;
  }

  /**
   * Those that one POST each sends.
   *
   * @param owed by their changes
   * @param waiting takes those that are too few, and of a webhook that waits for more
   */
  static List<Delivery> of(List<Delivery> owed, Consumer<Delivery> waiting) {
    if (owed.stream().noneMatch(delivery -> batching(delivery).isArray())) {
      return owed;
    }
    Posts made = new Posts(false);
    owed.forEach(made::add);
    made.open.values().forEach(rest -> made.end(rest, waiting));
    return made.posts;
  }

  /**
   * As {@link #of}, of those that are due. Those in order are as few as one POST takes, and in one.
   *
   * @param due by their ids
   */
  static List<Delivery> due(List<Delivery> due) {
    if (due.stream().noneMatch(delivery -> batching(delivery).isArray())) {
      return due;
    }
    Posts made = new Posts(true);
    due.forEach(made::add);
    made.open.values().forEach(rest -> made.posts.add(Post.of(rest.members)));
    return made.posts;
  }

  private static Batching batching(Delivery delivery) {
    return delivery.webhook().limits().batching();
  }

  private void add(Delivery delivery) {
    Webhook webhook = delivery.webhook();
    boolean inOrder = webhook.ordering().byRecord() && !areDue;
    Request request = Request.SAME.equals(delivery.request()) ? null : delivery.request();
    Key key = new Key(webhook, inOrder ? null : request);
    boolean alone = !batching(delivery).isArray() || !fits(delivery);
    Open now = open.get(key);
    if (now != null
        && (alone ? inOrder : !isRoom(now, request, delivery))) { // those before it go before it
      close(key);
      now = null;
    }
    if (alone) {
      posts.add(delivery);
      return;
    }
    if (now == null) {
      now = new Open(request);
      open.put(key, now);
    }
    now.members.add(delivery);
    now.bytes += delivery.size();
    if (now.members.size() == batching(delivery).size()) {
      close(key);
    }
  }

  /** The claim has seen to the bytes of those in order. */
  private static boolean isRoom(Open now, Request request, Delivery delivery) {
    return (now.bytes + delivery.size() <= MOST_BYTES
            || delivery.isClaimed() && delivery.line() != null)
        && (request == null ? now.request == null : request.equals(now.request));
  }

  private void close(Key key) {
    posts.add(Post.of(open.remove(key).members));
  }

  private void end(Open rest, Consumer<Delivery> waiting) {
    if (batching(rest.members.get(0)).patience() == null) {
      posts.add(Post.of(rest.members));
    } else {
      rest.members.forEach(waiting);
    }
  }

  /** Whether it may be an element of an array; a route may have made any text of its body. */
  private static boolean fits(Delivery delivery) {
    if (delivery.problem() != null || delivery.request() == null) {
      return delivery.problem() == null;
    }
    if (delivery.request().contentType() != null) {
      return false;
    }
    try {
      return !JSON.readTree(delivery.body()).isMissingNode();
    } catch (IOException e) {
      return false;
    }
  }
}

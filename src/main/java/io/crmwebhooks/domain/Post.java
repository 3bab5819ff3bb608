package io.crmwebhooks.domain;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Deliveries of one webhook that go out together, as a JSON array. The same members always have the
 * same id and bytes. It follows the schedule of the one that has failed least.
 */
public final class Post extends Delivery {
  private final List<Delivery> members;

  private Post(List<Delivery> members, Delivery first) {
    super(
        id(members),
        first.change(),
        first.webhook(),
        new Content(null, request(first.webhook().form(), first.request())),
        members.stream()
            .min(Comparator.comparingInt(Delivery::attemptOfSchedule))
            .orElseThrow()
            .history(),
        first.isClaimed());
    this.members = List.copyOf(members);
  }

  /**
   * @param members by their changes, at least one
   */
  public static Post of(List<Delivery> members) {
    return new Post(members, members.get(0));
  }

  @Override
  public void begin(Instant now, long nanos) {
    super.begin(now, nanos);
    members.forEach(member -> member.begin(now, nanos));
  }

  @Override
  public byte[] body() {
    List<ByteBuffer> parts = new ArrayList<>(2 * members.size() + 1);
    for (Delivery member : members) {
      parts.add(ByteBuffer.wrap(utf8(parts.isEmpty() ? "[" : ",")));
      parts.add(ByteBuffer.wrap(element(member)));
    }
    parts.add(ByteBuffer.wrap(utf8("]")));
    return joined(parts);
  }

  @Override
  public long size() {
    return members.stream().mapToLong(Delivery::size).sum();
  }

  @Override
  public List<Delivery> members() {
    return members;
  }

  @Override
  public List<Delivery> parts() {
    return members;
  }

  @Override
  public boolean isLeftOut() {
    return false;
  }

  /** Its {@code webhook-id}. */
  static String id(List<Delivery> members) {
    try {
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      for (Delivery member : members) {
        hash.update(member.id().getBytes(StandardCharsets.US_ASCII));
        hash.update((byte) '\n');
      }
      return "msg_" + HexFormat.of().formatHex(hash.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * How it is sent.
   *
   * @param own what its members have in place of their webhook's; null: nothing
   */
  private static Request request(Webhook.Form form, Request own) {
    if (form.arrayType().equals(form.contentType())) {
      return own;
    }
    return own == null
        ? new Request(null, null, form.arrayType(), Map.of())
        : new Request(own.url(), own.endpoint(), form.arrayType(), own.headers());
  }

  /**
   * The body of a delivery as it is among others: with its id as the first field, unless it has
   * that already or is no object.
   */
  public static byte[] element(Delivery delivery) {
    return element(delivery.id(), delivery.body());
  }

  /** A body as it is among others, of the delivery with this id. */
  public static byte[] element(String id, byte[] body) {
    byte[] start = utf8("{\"id\":\"" + id + '"');
    boolean isObject = body.length > 1 && body[0] == '{';
    if (!isObject
        || body.length > start.length
            && Arrays.equals(body, 0, start.length, start, 0, start.length)) {
      return body;
    }
    ByteBuffer rest = ByteBuffer.wrap(body, 1, body.length - 1);
    return joined(
        List.of(ByteBuffer.wrap(start), ByteBuffer.wrap(utf8(body[1] == '}' ? "" : ",")), rest));
  }

  private static byte[] joined(List<ByteBuffer> parts) {
    ByteBuffer all = ByteBuffer.allocate(parts.stream().mapToInt(ByteBuffer::remaining).sum());
    parts.forEach(all::put);
    return all.array();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

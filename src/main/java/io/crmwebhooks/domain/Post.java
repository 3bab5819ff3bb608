package io.crmwebhooks.domain;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The parts of a POST that sends several deliveries, as a JSON array. The same deliveries always
 * give the same id and bytes.
 */
public final class Post {
  private Post() {}

  /** Its {@code webhook-id}, from those of its deliveries. */
  static String id(List<String> ids) {
    try {
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      for (String id : ids) {
        hash.update(id.getBytes(StandardCharsets.US_ASCII));
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
   * @param own what its deliveries have in place of their webhook's; null: nothing
   */
  static Request request(Webhook.Form form, Request own) {
    if (form.arrayType().equals(form.contentType())) {
      return own;
    }
    return own == null
        ? new Request(null, null, form.arrayType(), Map.of())
        : new Request(own.url(), own.endpoint(), form.arrayType(), own.headers());
  }

  /** The array. */
  static byte[] body(List<byte[]> elements) {
    List<ByteBuffer> parts = new ArrayList<>(2 * elements.size() + 1);
    for (byte[] element : elements) {
      parts.add(ByteBuffer.wrap(utf8(parts.isEmpty() ? "[" : ",")));
      parts.add(ByteBuffer.wrap(element));
    }
    parts.add(ByteBuffer.wrap(utf8("]")));
    return joined(parts);
  }

  /** A body with this id as its first field, unless it has that already or is no object. */
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

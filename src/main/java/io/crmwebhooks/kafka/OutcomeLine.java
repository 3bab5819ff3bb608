package io.crmwebhooks.kafka;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Delivered;
import io.crmwebhooks.admin.Json;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/**
 * A message of the topic of outcomes. Its value begins with the id of the delivery, which begins
 * with the change and the webhook, so most messages are judged without parsing them.
 */
final class OutcomeLine {
  private static final byte[] START = "{\"id\":\"msg_".getBytes(StandardCharsets.US_ASCII);

  /** As PostgreSQL writes JSON. */
  private static final byte[] SPACED = "{\"id\": \"msg_".getBytes(StandardCharsets.US_ASCII);

  private static final int CHANGE_DIGITS = 16;
  private static final int WEBHOOK_DIGITS = 32;

  private OutcomeLine() {}

  /** Which change has arrived where. */
  record Pair(long change, UUID webhook) {}

  /** Null where the value is no outcome: somebody else has written to the topic. */
  static Pair pair(byte[] value) {
    try {
      int change = startsWith(value, START) ? START.length : SPACED.length;
      int webhook = change + CHANGE_DIGITS;
      int end = webhook + WEBHOOK_DIGITS;
      if (value != null
          && value.length > end
          && (change == START.length || startsWith(value, SPACED))) {
        int half = webhook + WEBHOOK_DIGITS / 2;
        UUID id = new UUID(hex(value, webhook, half), hex(value, half, end));
        return new Pair(hex(value, change, webhook), id);
      }
      ObjectNode outcome = parse(value);
      return outcome == null
          ? null
          : new Pair(
              outcome.path("change_id").longValue(),
              UUID.fromString(outcome.path("subscription_id").textValue()));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** Null where the value is no outcome. */
  static ObjectNode parse(byte[] value) {
    try {
      return value != null
              && Json.trusted(new String(value, StandardCharsets.UTF_8)) instanceof ObjectNode json
              && json.path("id").isTextual()
              && json.path("subscription_id").isTextual()
              && json.path("change_id").isIntegralNumber()
          ? json
          : null;
    } catch (UncheckedIOException e) {
      return null;
    }
  }

  /** The outcome, if it is wanted; else null. */
  static ObjectNode wanted(byte[] value, Delivered.Wanted wanted) {
    if (wanted.webhook() != null) { // which is cheap to tell
      Pair pair = pair(value);
      if (pair == null || !pair.webhook().equals(wanted.webhook())) {
        return null;
      }
    }
    ObjectNode outcome = parse(value);
    if (outcome == null) {
      return null;
    }
    String event = outcome.path("event").asText();
    int dot = event.indexOf('.');
    boolean isWanted =
        isEqual(wanted.workspace(), outcome.path("workspace").asText())
            && isEqual(wanted.object(), dot < 0 ? event : event.substring(0, dot))
            && isEqual(wanted.action(), dot < 0 ? "" : event.substring(dot + 1));
    return isWanted ? outcome : null;
  }

  private static boolean isEqual(String wanted, String value) {
    return wanted == null || wanted.equals(value);
  }

  private static boolean startsWith(byte[] value, byte[] start) {
    return value != null
        && value.length >= start.length
        && Arrays.equals(value, 0, start.length, start, 0, start.length);
  }

  private static long hex(byte[] value, int from, int to) {
    long number = 0;
    for (int i = from; i < to; i++) {
      int digit = Character.digit(value[i], 16);
      if (digit < 0) {
        throw new IllegalArgumentException("an outcome whose id is none");
      }
      number = number << 4 | digit;
    }
    return number;
  }
}

package io.crmwebhooks.bench;

import io.crmwebhooks.packaged.Answer;
import io.crmwebhooks.packaged.LoopServer;
import io.crmwebhooks.packaged.Request;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The receiver's books: verifies both signatures of every request and counts ids. The path says how
 * it answers: {@code /never} not at all, {@code /after50/…} after 50 ms, anything else at once.
 * Requests to {@code /never} are not counted. Thread-safe.
 */
final class SinkBooks implements LoopServer.Handler {
  private static final int NUMBERS = 1_000_000;
  private static final byte[] MEMBER = "{\"id\":\"msg_".getBytes(StandardCharsets.US_ASCII);

  private final byte[] key =
      Base64.getDecoder().decode(BenchDatabase.SECRET.substring("whsec_".length()));
  private final Mac standard = mac(key);
  private final Mac twenty = mac(BenchDatabase.SECRET.getBytes(StandardCharsets.UTF_8));
  private final Set<String> ids = new HashSet<>();
  private final long[] receivedMicros = new long[NUMBERS];
  private int requests;
  private int forged;
  private long bytes;
  private long firstMicros;
  private long lastMicros;

  @Override
  public synchronized Answer handle(Request request) {
    if (request.path().startsWith("/never")) {
      return Answer.SILENCE;
    }
    lastMicros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    firstMicros = requests == 0 ? lastMicros : firstMicros;
    requests++;
    bytes += request.body().length;
    forged += isGenuine(request) ? 0 : 1;
    if (request.body().length > 0 && request.body()[0] == '[') {
      addMembers(request.body());
    } else if (ids.add(request.header("webhook-id"))) {
      int number = number(request.body());
      receivedMicros[number] = lastMicros;
    }
    return request.path().startsWith("/after50/") ? Answer.okAfter(50) : Answer.OK;
  }

  private boolean isGenuine(Request request) {
    byte[] body = request.body();
    String signed = request.header("webhook-id") + "." + request.header("webhook-timestamp") + ".";
    String time = request.header("x-twenty-webhook-timestamp");
    return ("v1," + Base64.getEncoder().encodeToString(hmac(standard, signed, body)))
            .equals(request.header("webhook-signature"))
        && HexFormat.of()
            .formatHex(hmac(twenty, time + ":", body))
            .equals(request.header("x-twenty-webhook-signature"));
  }

  private static byte[] hmac(Mac mac, String prefix, byte[] body) {
    mac.update(prefix.getBytes(StandardCharsets.UTF_8));
    return mac.doFinal(body);
  }

  private static Mac mac(byte[] key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Notes the id that each element of an array begins with. */
  private void addMembers(byte[] body) {
    for (int i = 0; i < body.length - MEMBER.length; i++) {
      if (body[i] == '{' && Arrays.equals(body, i, i + MEMBER.length, MEMBER, 0, MEMBER.length)) {
        int end = i + MEMBER.length;
        while (body[end] != '"') {
          end++;
        }
        ids.add(
            new String(
                body, i + MEMBER.length, end - i - MEMBER.length, StandardCharsets.US_ASCII));
        i = end;
      }
    }
  }

  /** The digits after the first {@code "n":}; 0 when there are none. */
  private static int number(byte[] body) {
    int number = 0;
    int i = 4;
    while (i < body.length && !(body[i - 1] == ':' && body[i - 2] == '"' && body[i - 3] == 'n')) {
      i++;
    }
    for (; i < body.length && body[i] >= '0' && body[i] <= '9'; i++) {
      number = number * 10 + body[i] - '0';
    }
    return number % NUMBERS;
  }

  /** Answers nobody for so long; all of it holds this lock. */
  synchronized void standStill(int millis) throws InterruptedException {
    Thread.sleep(millis);
  }

  synchronized void reset() {
    ids.clear();
    Arrays.fill(receivedMicros, 0);
    requests = 0;
    forged = 0;
    bytes = 0;
  }

  synchronized int distinct() {
    return ids.size();
  }

  synchronized String report() {
    return "{\"requests\":%d,\"distinct\":%d,\"forged\":%d,\"bytes\":%d,\"firstMicros\":%d,\"lastMicros\":%d}"
        .formatted(requests, ids.size(), forged, bytes, firstMicros, lastMicros);
  }

  /** When each change first came, microseconds since the epoch, in the order of their numbers. */
  synchronized String arrivals(int changes) {
    return IntStream.rangeClosed(1, changes)
        .mapToObj(number -> Long.toString(receivedMicros[number]))
        .collect(Collectors.joining(",", "[", "]"));
  }
}

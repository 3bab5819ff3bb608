package io.crmwebhooks.demo;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Verifies both signatures of a webhook the way a receiver does, from the documented rules alone:
 * it shares no code with the signing side, so that an error there cannot hide here. Comparisons
 * take the same time for every wrong signature. Immutable and thread-safe.
 */
final class SignatureCheck {
  private final byte[] twentyKey;
  private final byte[] standardKey;
  private final Clock clock;
  private final Duration tolerance;

  /**
   * @param secret not empty; {@code whsec_} and base64, or any text
   * @param tolerance how far a timestamp may be from now, either way
   */
  SignatureCheck(String secret, Clock clock, Duration tolerance) {
    this.twentyKey = utf8(secret);
    this.standardKey =
        secret.startsWith("whsec_")
            ? Base64.getDecoder().decode(secret.substring("whsec_".length()))
            : twentyKey;
    this.clock = clock;
    this.tolerance = tolerance;
  }

  /** Why the webhook is not to be trusted; empty when both signatures hold. */
  Optional<String> problem(Function<String, String> header, byte[] body) {
    return twenty(header, body).or(() -> standard(header, body));
  }

  private Optional<String> twenty(Function<String, String> header, byte[] body) {
    String timestamp = header.apply("X-Twenty-Webhook-Timestamp");
    String signature = header.apply("X-Twenty-Webhook-Signature");
    if (timestamp == null || signature == null) {
      return Optional.of("X-Twenty-Webhook-Signature or its timestamp is missing");
    }
    byte[] expected = hmac(twentyKey, utf8(timestamp + ":"), body);
    if (!same(HexFormat.of().formatHex(expected), signature)) {
      return Optional.of("X-Twenty-Webhook-Signature does not match");
    }
    return stale("X-Twenty-Webhook-Timestamp", timestamp, Instant::ofEpochMilli);
  }

  /** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
  private Optional<String> standard(Function<String, String> header, byte[] body) {
    String id = header.apply("webhook-id");
    String timestamp = header.apply("webhook-timestamp");
    String signatures = header.apply("webhook-signature");
    if (id == null || timestamp == null || signatures == null) {
      return Optional.of("webhook-signature, webhook-id or webhook-timestamp is missing");
    }
    byte[] expected = hmac(standardKey, utf8(id + "." + timestamp + "."), body);
    String entry = "v1," + Base64.getEncoder().encodeToString(expected);
    if (Stream.of(signatures.split(" ")).noneMatch(signature -> same(entry, signature))) {
      return Optional.of("webhook-signature does not match");
    }
    return stale("webhook-timestamp", timestamp, Instant::ofEpochSecond);
  }

  private Optional<String> stale(String header, String timestamp, Function<Long, Instant> unit) {
    try {
      Instant sent = unit.apply(Long.parseLong(timestamp));
      Duration age = Duration.between(sent, clock.instant()).abs();
      return age.compareTo(tolerance) <= 0
          ? Optional.empty()
          : Optional.of(header + " is " + age.toSeconds() + " s away from now");
    } catch (RuntimeException e) { // not a number, or one that is no time
      return Optional.of(header + " is not a time");
    }
  }

  private static byte[] hmac(byte[] key, byte[] prefix, byte[] body) {
    ByteArrayOutputStream signed = new ByteArrayOutputStream();
    signed.writeBytes(prefix);
    signed.writeBytes(body);
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(signed.toByteArray());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }

  private static boolean same(String expected, String given) {
    return MessageDigest.isEqual(utf8(expected), utf8(given));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

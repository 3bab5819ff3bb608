package io.crmwebhooks.http;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Set;

/**
 * Signs webhooks in the schemes that a webhook has chosen, for the length of a rotation with the
 * previous secret as well. Whether that one is still valid is decided for each signature by its
 * time. Immutable and thread-safe.
 *
 * <p>Sources: the CRM's webhook documentation for {@link #twenty}, and for {@link #standard} the
 * specification at
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
 */
public final class WebhookSigner {
  private final SigningKey key;
  private final SigningKey previous; // null: none
  private final long previousUntil; // milliseconds since the epoch
  private final boolean twenty;
  private final boolean standard;

  /**
   * Signs with one secret in both schemes.
   *
   * @param secret not empty; {@code whsec_…}, {@code whsk_…} or any text
   * @throws IllegalArgumentException when it cannot sign; the message does not hold the secret
   */
  public WebhookSigner(String secret) {
    this(secret, "", Instant.EPOCH, Scheme.ALL);
  }

  /**
   * @param previous the secret that signs beside it until {@code previousUntil}; empty: none
   * @throws IllegalArgumentException when one cannot sign, or the secret none of the schemes; the
   *     message does not hold a secret
   */
  public WebhookSigner(String secret, String previous, Instant previousUntil, Set<Scheme> schemes) {
    this.key = SigningKey.of(secret);
    this.previous = previous.isEmpty() ? null : SigningKey.of(previous);
    this.previousUntil = previousUntil.toEpochMilli();
    this.twenty = schemes.contains(Scheme.TWENTY);
    this.standard = schemes.contains(Scheme.STANDARD);
    if (!standard && !(key instanceof SigningKey.Shared)) {
      throw new IllegalArgumentException(
          "an ed25519 key (whsk_) signs in the standard scheme only, which this webhook is not signed in");
    }
  }

  /**
   * The CRM's own signature: lower-case hex over {@code timestamp:body}, by the newest secret that
   * is shared with the receiver. Null where there is none, or the scheme is not wanted.
   *
   * @param timestampMillis of this attempt, milliseconds since the epoch
   */
  public String twenty(long timestampMillis, byte[] body) {
    if (!twenty) {
      return null;
    }
    SigningKey newest =
        key instanceof SigningKey.Pair && isPreviousValid(timestampMillis) ? previous : key;
    return newest.twenty(utf8(timestampMillis + ":"), body);
  }

  /**
   * The Standard Webhooks 1.0 signature over {@code id.timestamp.body}: one entry for each valid
   * secret, the new one first, separated by spaces. Null where the scheme is not wanted.
   *
   * @param timestampSeconds of this attempt, seconds since the epoch
   */
  public String standard(String id, long timestampSeconds, byte[] body) {
    if (!standard) {
      return null;
    }
    byte[] head = utf8(id + "." + timestampSeconds + ".");
    String signature = key.standard(head, body);
    return isPreviousValid(timestampSeconds * 1000)
        ? signature + " " + previous.standard(head, body)
        : signature;
  }

  private boolean isPreviousValid(long timestampMillis) {
    return previous != null && timestampMillis < previousUntil;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

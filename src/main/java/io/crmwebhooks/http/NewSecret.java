package io.crmwebhooks.http;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Makes and checks the secrets that webhooks are signed with. Any text can sign. But a given text
 * that is nearly one of the three forms of Standard Webhooks is a mistake, after which no receiver
 * could verify. Secrets that are stored already sign as they are. No message holds a secret.
 */
public final class NewSecret {
  /** The beginning of an encrypted stored secret, and of nothing else. */
  public static final String STORED_PREFIX = "$aes-256-gcm$";

  private static final int BYTES = 32;

  /** The key sizes that Standard Webhooks recommends begin here. */
  private static final int LEAST_BYTES = 24;

  private static final Pattern NEARLY =
      Pattern.compile("(?i)['\"]?(v1a?,\\s*)?['\"]?wh(sec|sk|pk)_.*", Pattern.DOTALL);

  private NewSecret() {}

  /** A new shared secret, {@code whsec_…}, which all libraries of Standard Webhooks take. */
  public static String shared() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return SigningKey.Shared.PREFIX + Base64.getEncoder().encodeToString(bytes);
  }

  /** A new ed25519 pair, {@code whsk_…}. */
  public static String ed25519() {
    return SigningKey.Pair.generate();
  }

  /** A new one in place of an old one: a key pair after a key pair, else a shared secret. */
  public static String like(String old) {
    return old.startsWith(SigningKey.Pair.PREFIX) ? ed25519() : shared();
  }

  /**
   * Tells whether a webhook may be given this secret, and can be signed so.
   *
   * @param secret empty: sent unsigned
   * @throws IllegalArgumentException when it cannot, or when it is a near miss
   */
  public static void checkGiven(String secret, Set<Scheme> schemes) {
    if (!secret.isEmpty() && (isBlank(secret, 0) || isBlank(secret, secret.length() - 1))) {
      throw new IllegalArgumentException("must not begin or end with a blank or a line break");
    }
    if (NEARLY.matcher(secret).matches()) {
      checkForm(secret);
    }
    check(secret, schemes);
  }

  private static void checkForm(String secret) {
    if (secret.matches("(?s)['\"].*")) {
      throw new IllegalArgumentException("must not have quotation marks around it");
    }
    if (secret.matches("(?is)v1a?,.*")) {
      throw new IllegalArgumentException(
          "must not begin with v1, or v1a, which stand before signatures; leave that out");
    }
    if (secret.startsWith(SigningKey.Pair.PUBLIC_PREFIX)) {
      throw new IllegalArgumentException(
          "is a public key (whpk_), which signs nothing; the private key begins with whsk_");
    }
    if (secret.startsWith(SigningKey.Shared.PREFIX)) {
      int bytes = bytesBehind(SigningKey.Shared.PREFIX, secret);
      if (bytes < LEAST_BYTES) {
        throw new IllegalArgumentException(
            "that begins with whsec_ must hold at least %d bytes in base64, but holds %d"
                .formatted(LEAST_BYTES, bytes));
      }
    } else if (secret.startsWith(SigningKey.Pair.PREFIX)) {
      int bytes = bytesBehind(SigningKey.Pair.PREFIX, secret);
      if (bytes != SigningKey.Pair.LENGTH && bytes != 2 * SigningKey.Pair.LENGTH) {
        throw new IllegalArgumentException(
            "that begins with whsk_ must hold 32 bytes in base64, or 64 with the public key, but holds "
                + bytes);
      }
    } else {
      throw new IllegalArgumentException(
          "must have its first word (whsec_ or whsk_) in lower case");
    }
  }

  /** Java decodes base64 that other languages refuse, such as without the = at its end. */
  private static int bytesBehind(String prefix, String secret) {
    String text = secret.substring(prefix.length());
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      if (Base64.getEncoder().encodeToString(bytes).equals(text)) {
        return bytes.length;
      }
    } catch (IllegalArgumentException e) {
      // said below, without the character that its message holds
    }
    throw new IllegalArgumentException(
        "that begins with %s must continue in base64: A-Z, a-z, 0-9, + and /, and = up to a multiple of four"
            .formatted(prefix));
  }

  private static boolean isBlank(String text, int at) {
    char c = text.charAt(at);
    return Character.isWhitespace(c)
        || Character.isSpaceChar(c)
        || Character.isISOControl(c)
        || c == '\uFEFF'
        || c == '\u200B';
  }

  /**
   * Tells whether a webhook can be signed so, also with a secret that SQL has stored.
   *
   * @param secret empty: sent unsigned
   * @throws IllegalArgumentException when it cannot
   */
  public static void check(String secret, Set<Scheme> schemes) {
    if (secret.startsWith(STORED_PREFIX)) {
      throw new IllegalArgumentException("a secret must not begin with " + STORED_PREFIX);
    }
    if (!secret.isEmpty()) {
      publicKey(secret);
      new WebhookSigner(secret, "", Instant.EPOCH, schemes);
    }
  }

  /**
   * The key that a receiver verifies with when the secret is an ed25519 key, {@code whpk_…}; empty
   * when the secret is shared, or there is none.
   *
   * @throws IllegalArgumentException when the secret cannot sign
   */
  public static Optional<String> publicKey(String secret) {
    return !secret.isEmpty() && SigningKey.of(secret) instanceof SigningKey.Pair pair
        ? Optional.of(pair.publicKey())
        : Optional.empty();
  }
}

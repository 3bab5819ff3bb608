package io.crmwebhooks.sign;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/** Makes and checks the secrets that webhooks are signed with. */
public final class NewSecret {
  /** What a secret begins with where it is stored encrypted, and nowhere else. */
  public static final String STORED_PREFIX = "$aes-256-gcm$";

  private static final int BYTES = 32;

  private NewSecret() {}

  /** As the CRM makes them: 64 hex digits. */
  public static String hex() {
    return HexFormat.of().formatHex(random());
  }

  /** A new ed25519 pair, {@code whsk_…}. */
  public static String ed25519() {
    return Ed25519Key.generate();
  }

  /** A new one of the form that the old one has. */
  public static String like(String old) {
    if (old.startsWith(Ed25519Key.PREFIX)) {
      return ed25519();
    }
    return old.startsWith(SharedKey.PREFIX)
        ? SharedKey.PREFIX + Base64.getEncoder().encodeToString(random())
        : hex();
  }

  /**
   * Tells whether a webhook can be signed so.
   *
   * @param secret empty: sent unsigned
   * @throws IllegalArgumentException when it cannot; the message does not hold the secret
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
   * What a receiver verifies with when the secret is an ed25519 key, {@code whpk_…}; empty when it
   * is shared, or there is none.
   *
   * @throws IllegalArgumentException when the secret cannot sign; the message does not hold it
   */
  public static Optional<String> publicKey(String secret) {
    return !secret.isEmpty() && SigningKey.of(secret) instanceof Ed25519Key pair
        ? Optional.of(pair.publicKey())
        : Optional.empty();
  }

  private static byte[] random() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }
}

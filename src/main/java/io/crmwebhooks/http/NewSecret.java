package io.crmwebhooks.http;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;

/** Makes and checks the secrets that webhooks are signed with. */
public final class NewSecret {
  /** What a secret begins with where it is stored encrypted, and nowhere else. */
  public static final String STORED_PREFIX = "$aes-256-gcm$";

  private static final int BYTES = 32;

  private NewSecret() {}

  /** A new shared secret, {@code whsec_…}, which all libraries of Standard Webhooks take. */
  public static String shared() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return SharedKey.PREFIX + Base64.getEncoder().encodeToString(bytes);
  }

  /** A new ed25519 pair, {@code whsk_…}. */
  public static String ed25519() {
    return Ed25519Key.generate();
  }

  /** A new one in place of an old one: a key pair after a key pair, else a shared secret. */
  public static String like(String old) {
    return old.startsWith(Ed25519Key.PREFIX) ? ed25519() : shared();
  }

  /**
   * Tells whether a webhook may be given this secret, and can be signed so.
   *
   * @param secret empty: sent unsigned
   * @throws IllegalArgumentException when it cannot, or when the secret is a near miss of one that
   *     receivers take; the message does not hold the secret
   */
  public static void checkGiven(String secret, Set<Scheme> schemes) {
    SecretForm.check(secret);
    check(secret, schemes);
  }

  /**
   * Tells whether a webhook can be signed so, whoever has stored the secret.
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
}

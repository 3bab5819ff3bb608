package io.crmwebhooks.http;

import java.util.Optional;

/** How the deliveries of a webhook are signed. Immutable; {@link #toString} holds no secret. */
public final class Signing {
  /** Of a webhook without a secret. */
  public static final Signing NONE = new Signing(null, null);

  private final WebhookSigner signer;
  private final String problem;

  private Signing(WebhookSigner signer, String problem) {
    this.signer = signer;
    this.problem = problem;
  }

  public static Signing by(WebhookSigner signer) {
    return new Signing(signer, null);
  }

  /**
   * Of a webhook whose stored secret cannot sign: what is to be sent unsigned only by an empty
   * secret must not be so by a broken one.
   *
   * @param problem without the secret
   */
  public static Signing impossible(String problem) {
    return new Signing(null, problem);
  }

  /**
   * Empty for a webhook without a secret.
   *
   * @throws IllegalStateException when the stored secret cannot sign
   */
  public Optional<WebhookSigner> signer() {
    if (problem != null) {
      throw new IllegalStateException("it cannot be signed: " + problem);
    }
    return Optional.ofNullable(signer);
  }
}

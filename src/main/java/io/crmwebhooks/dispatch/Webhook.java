package io.crmwebhooks.dispatch;

import io.crmwebhooks.sign.WebhookSigner;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A subscription as the pipeline uses it. Immutable; the secret is in no getter and not in {@link
 * #toString}.
 */
public final class Webhook {
  private final UUID id;
  private final String hexId;
  private final String workspace;
  private final String targetUrl;
  private final List<String> operations;
  private final int concurrency;
  private final WebhookSigner signer;
  private final String secretProblem;

  /**
   * @param secret empty: sent unsigned. One that cannot sign does not fail here but in {@link
   *     #signer()}, so that it fails the attempts of this webhook and of no other.
   * @param concurrency attempts in flight at once, at least 1
   */
  public Webhook(
      UUID id,
      String workspace,
      String targetUrl,
      List<String> operations,
      String secret,
      int concurrency) {
    this.id = id;
    this.hexId = id.toString().replace("-", "");
    this.workspace = workspace;
    this.targetUrl = targetUrl;
    this.operations = List.copyOf(operations);
    this.concurrency = concurrency;
    WebhookSigner made = null;
    String problem = null;
    if (!secret.isEmpty()) {
      try {
        made = new WebhookSigner(secret);
      } catch (IllegalArgumentException e) {
        problem = e.getMessage();
      }
    }
    this.signer = made;
    this.secretProblem = problem;
  }

  public UUID id() {
    return id;
  }

  /** The id in 32 hex digits, as the ids of deliveries hold it. */
  public String hexId() {
    return hexId;
  }

  public String workspace() {
    return workspace;
  }

  public String targetUrl() {
    return targetUrl;
  }

  public List<String> operations() {
    return operations;
  }

  public int concurrency() {
    return concurrency;
  }

  /**
   * Empty for a webhook without a secret.
   *
   * @throws IllegalStateException when the stored secret cannot sign, naming the webhook
   */
  public Optional<WebhookSigner> signer() {
    if (secretProblem != null) {
      throw new IllegalStateException("webhook " + id + " cannot be signed: " + secretProblem);
    }
    return Optional.ofNullable(signer);
  }

  @Override
  public String toString() {
    return "webhook " + id + " to " + targetUrl;
  }
}

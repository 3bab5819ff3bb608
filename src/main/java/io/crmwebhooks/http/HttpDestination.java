package io.crmwebhooks.http;

import io.crmwebhooks.domain.Webhook;
import java.util.Map;

/**
 * Where and how the requests of a webhook are sent, prepared so that nothing is parsed or opened on
 * the way of a delivery. Immutable; {@link #toString} holds neither the secret nor a header.
 *
 * @param target null where there is a problem
 * @param headers that its owner wants on every request
 * @param proof of who sends them
 * @param problem why nothing can be sent, behind the name of the webhook; null: it can
 */
public record HttpDestination(
    String url, Target target, Map<String, String> headers, Proof proof, String problem)
    implements Webhook.Destination {
  private static final Proof NONE = new Proof(null, null, null);

  /**
   * The proof of who sends a request.
   *
   * @param tlsIdentity a name; null: the default one
   * @param signer null: of a webhook without a secret
   * @param credentials for access tokens; null: none are sent
   */
  public record Proof(String tlsIdentity, WebhookSigner signer, ClientCredentials credentials) {}

  /** Checks the URL again, which may have been stored past the check of saving. */
  public static HttpDestination to(String url, Map<String, String> headers, Proof proof) {
    try {
      return new HttpDestination(url, Target.parse(url), headers, proof, null);
    } catch (IllegalArgumentException e) {
      return unusable(url, "cannot be sent: " + e.getMessage());
    }
  }

  /**
   * A destination that fails every attempt: an unsigned request would be none of its webhook's.
   *
   * @param problem without a secret
   */
  public static HttpDestination unusable(String url, String problem) {
    return new HttpDestination(url, null, Map.of(), NONE, problem);
  }

  /**
   * The destination of a webhook.
   *
   * @throws EgressException when nothing can be sent there, naming the webhook
   */
  public static HttpDestination of(Webhook webhook) throws EgressException {
    HttpDestination destination = (HttpDestination) webhook.destination();
    if (destination.problem != null) {
      throw new EgressException("webhook " + webhook.id() + " " + destination.problem);
    }
    return destination;
  }

  /** The name of its TLS identity; null: the default one. */
  public String tlsIdentity() {
    return proof.tlsIdentity();
  }

  /** Null: it is not signed. */
  public WebhookSigner signer() {
    return proof.signer();
  }

  /** Null: no access token is sent. */
  ClientCredentials credentials() {
    return proof.credentials();
  }

  @Override
  public String toString() {
    return "destination " + url;
  }
}

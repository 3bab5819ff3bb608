package io.crmwebhooks.domain;

import io.crmwebhooks.http.EgressException;
import io.crmwebhooks.http.OwnHeaders;
import io.crmwebhooks.http.Signing;
import io.crmwebhooks.http.Target;
import io.crmwebhooks.http.WebhookSigner;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A subscription as the pipeline uses it. Immutable; the secret is in no getter, and neither that
 * nor a header is in {@link #toString}.
 */
public final class Webhook {
  private final UUID id;
  private final String hexId;
  private final String workspace;
  private final String targetUrl;
  private final List<String> operations;
  private final Limits limits;
  private final Map<String, String> headers;
  private final Target target; // null: the URL is none
  private final String requestProblem;
  private final String tlsIdentity;
  private final Ordering ordering;
  private final Signing signing;

  /**
   * @param headers where these or the URL cannot be sent, {@link #requireSendable()} says so
   * @param tlsIdentity a name; null: the default one
   */
  public Webhook(
      UUID id,
      String workspace,
      String targetUrl,
      List<String> operations,
      Signing signing,
      Limits limits,
      OwnHeaders headers,
      String tlsIdentity,
      Ordering ordering) {
    this.ordering = ordering;
    this.id = id;
    this.hexId = id.toString().replace("-", "");
    this.workspace = workspace;
    this.targetUrl = targetUrl;
    this.operations = List.copyOf(operations);
    this.limits = limits;
    this.tlsIdentity = tlsIdentity;
    this.headers = headers.sent();
    Target parsed = null;
    String problem = headers.problem();
    try {
      parsed = Target.parse(targetUrl);
    } catch (IllegalArgumentException e) {
      problem = problem == null ? e.getMessage() : problem;
    }
    this.target = parsed;
    this.requestProblem = problem;
    this.signing = signing;
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
    return limits.concurrency();
  }

  public Limits limits() {
    return limits;
  }

  /**
   * Checks what was stored, perhaps past the check of saving.
   *
   * @throws EgressException when the URL or the headers cannot be sent, naming the webhook
   */
  public void requireSendable() throws EgressException {
    if (requestProblem != null) {
      throw new EgressException("webhook " + id + " cannot be sent: " + requestProblem);
    }
  }

  /** Where it is sent; null unless {@link #requireSendable()} passes. */
  public Target target() {
    return target;
  }

  /** Headers that its owner wants on every request. */
  public Map<String, String> headers() {
    return headers;
  }

  /** The name of its TLS identity; null: the default one. */
  public String tlsIdentity() {
    return tlsIdentity;
  }

  /** What it asks for of the deliveries of one record. */
  public Ordering ordering() {
    return ordering;
  }

  /**
   * Empty for a webhook without a secret.
   *
   * @throws EgressException when the stored secret cannot sign, naming the webhook
   */
  public Optional<WebhookSigner> signer() throws EgressException {
    try {
      return signing.signer();
    } catch (IllegalStateException e) {
      throw new EgressException("webhook " + id + ": " + e.getMessage());
    }
  }

  @Override
  public String toString() {
    return "webhook " + id + " to " + targetUrl;
  }
}

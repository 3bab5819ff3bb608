package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Limits;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.domain.Webhook.Interest;
import io.crmwebhooks.domain.Webhook.Ordering;
import io.crmwebhooks.http.ClientCredentials;
import io.crmwebhooks.http.HttpDestination;
import io.crmwebhooks.http.WebhookSigner;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Makes webhooks that ask for nothing special, except what a test says. */
public final class TestWebhook {
  private final String targetUrl;
  private UUID id = UUID.randomUUID();
  private String workspace = "";
  private WebhookSigner signer;
  private Limits limits = ofConcurrency(1);
  private String tlsIdentity;
  private ClientCredentials credentials;
  private Ordering ordering = Ordering.NONE;
  private Webhook.Form form = Format.EVENT;
  private long from = Interest.ALWAYS;

  private TestWebhook(String targetUrl) {
    this.targetUrl = targetUrl;
  }

  public static TestWebhook to(String targetUrl) {
    return new TestWebhook(targetUrl);
  }

  /** Limits that are as in the settings but for this. */
  public static Limits ofConcurrency(int concurrency) {
    return new Limits(concurrency, null, null, null, Limits.Batching.NONE);
  }

  public TestWebhook withId(UUID given) {
    id = given;
    return this;
  }

  public TestWebhook in(String given) {
    workspace = given;
    return this;
  }

  public TestWebhook signedBy(WebhookSigner given) {
    signer = given;
    return this;
  }

  public TestWebhook with(Limits given) {
    limits = given;
    return this;
  }

  /** Which sends so many in a POST, and where that is not null waits for them. */
  TestWebhook withBatches(int size, Duration patience) {
    return with(new Limits(8, null, null, null, new Limits.Batching(size, patience, false)));
  }

  public TestWebhook withConcurrency(int concurrency) {
    return with(ofConcurrency(concurrency));
  }

  /**
   * @param given null: the default one
   */
  public TestWebhook withTlsIdentity(String given) {
    tlsIdentity = given;
    return this;
  }

  /** Sends access tokens that it asks for with these. */
  public TestWebhook with(ClientCredentials given) {
    credentials = given;
    return this;
  }

  TestWebhook with(Ordering given) {
    ordering = given;
    return this;
  }

  TestWebhook with(Webhook.Form given) {
    form = given;
    return this;
  }

  /**
   * @param given in microseconds since 1970
   */
  TestWebhook liveFrom(long given) {
    from = given;
    return this;
  }

  public Webhook build() {
    return new Webhook(
        new Webhook.Name(id, null, Map.of()),
        new Interest(workspace, List.of("*.*"), false, from, Webhook.Filter.NONE),
        form,
        limits,
        ordering,
        HttpDestination.to(
            targetUrl, Map.of(), new HttpDestination.Proof(tlsIdentity, signer, credentials)));
  }
}

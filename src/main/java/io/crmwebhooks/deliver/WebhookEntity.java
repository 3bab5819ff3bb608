package io.crmwebhooks.deliver;

import io.crmwebhooks.dispatch.Webhook;
import io.crmwebhooks.egress.EgressException;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;

/**
 * The signed body on its way through camel-http, which sends an entity as it is: so the HTTP client
 * knows which webhook a request is for.
 */
public final class WebhookEntity extends ByteArrayEntity {
  private static final ContentType JSON = ContentType.create("application/json");

  private final Webhook webhook;
  private final byte[] body;

  public WebhookEntity(Webhook webhook, byte[] body) {
    super(body, JSON);
    this.webhook = webhook;
    this.body = body;
  }

  Webhook webhook() {
    return webhook;
  }

  byte[] body() {
    return body;
  }

  /**
   * @throws EgressException when a step after the signing has replaced the body
   */
  static WebhookEntity of(ClassicHttpRequest request) throws EgressException {
    if (request.getEntity() instanceof WebhookEntity entity) {
      return entity;
    }
    throw new EgressException("the body was replaced after it had been signed");
  }

  /** Not the body, which is nobody's but the receiver's. */
  @Override
  public String toString() {
    return "body of " + body.length + " bytes for " + webhook;
  }
}

package io.crmwebhooks.http;

import io.crmwebhooks.domain.Webhook;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;

/**
 * The signed body on its way through camel-http, which sends an entity as it is: so the HTTP client
 * knows which webhook a request is for.
 */
public final class WebhookEntity extends AbstractHttpEntity {
  private static final int PIECE = 16 * 1024;
  private static final ContentType JSON = ContentType.create("application/json");

  private final Webhook webhook;
  private final byte[] body;

  public WebhookEntity(Webhook webhook, byte[] body) {
    super(JSON, null);
    this.webhook = webhook;
    this.body = body;
  }

  Webhook webhook() {
    return webhook;
  }

  /** Null where nothing can be sent. */
  Target target() {
    return ((HttpDestination) webhook.destination()).target();
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

  @Override
  public void writeTo(OutputStream out) throws IOException {
    AttemptPhase.enter("sending the request");
    for (int sent = 0; sent < body.length; sent += PIECE) { // between them an answer is seen
      out.write(body, sent, Math.min(PIECE, body.length - sent));
    }
    out.flush();
    AttemptPhase.enter("waiting for the response");
  }

  @Override
  public InputStream getContent() {
    return new ByteArrayInputStream(body);
  }

  @Override
  public long getContentLength() {
    return body.length;
  }

  @Override
  public boolean isRepeatable() {
    return true;
  }

  @Override
  public boolean isStreaming() {
    return false;
  }

  @Override
  public void close() {
    // holds nothing
  }

  /** Not the body, which is nobody's but the receiver's. */
  @Override
  public String toString() {
    return "body of " + body.length + " bytes for " + webhook;
  }
}

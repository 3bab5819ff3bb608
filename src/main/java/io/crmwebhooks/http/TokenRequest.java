package io.crmwebhooks.http;

import io.crmwebhooks.domain.Webhook;
import java.time.Duration;
import java.util.Map;
import org.apache.hc.core5.http.HttpHeaders;

/**
 * The request for an access token. The HTTP client sends it by the rules of the webhook's own
 * requests: the same checks of the target, proxy and TLS identity.
 */
final class TokenRequest extends DeliveryRequest {
  private static final String FORM = "application/x-www-form-urlencoded";

  private final Duration timeout;

  /**
   * @param timeout the rest of the attempt that needs the token
   */
  TokenRequest(Webhook webhook, ClientCredentials credentials, Duration timeout) {
    super(
        webhook,
        credentials.form(),
        FORM,
        credentials.tokenUrl(),
        Map.of(
            HttpHeaders.AUTHORIZATION,
            credentials.basic(),
            HttpHeaders.ACCEPT,
            "application/json"));
    this.timeout = timeout;
  }

  @Override
  Duration deadline(Duration otherwise, Duration longest) {
    return timeout;
  }

  Duration timeout() {
    return timeout;
  }

  /** A token may be long. */
  @Override
  int keptBytes() {
    return ResponseBody.LIMIT;
  }

  @Override
  public String toString() {
    return "request for an access token for " + webhook();
  }
}

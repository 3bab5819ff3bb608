package io.crmwebhooks.admin;

import io.crmwebhooks.http.CustomHeaders;
import io.crmwebhooks.http.Scheme;
import java.util.List;
import java.util.Set;

/**
 * A webhook to be added. {@link #toString} holds no secret.
 *
 * @param secret empty: sent unsigned
 * @param schemes in which it is signed
 * @param tlsIdentity null: the default one
 */
public record NewWebhook(
    String workspace,
    String targetUrl,
    List<String> operations,
    String description,
    String secret,
    Set<Scheme> schemes,
    CustomHeaders headers,
    String tlsIdentity) {

  /** One with nothing special: signed in all schemes, without headers of its own. */
  public static NewWebhook of(
      String workspace, String targetUrl, List<String> operations, String secret) {
    return new NewWebhook(
        workspace, targetUrl, operations, null, secret, Scheme.ALL, CustomHeaders.NONE, null);
  }

  @Override
  public String toString() {
    return "new webhook to " + targetUrl;
  }
}

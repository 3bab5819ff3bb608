package io.crmwebhooks.secret;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crmwebhooks.database.DatabaseTime;
import io.crmwebhooks.http.ClientCredentials;
import io.crmwebhooks.http.CustomHeaders;
import io.crmwebhooks.http.HttpDestination;
import io.crmwebhooks.http.Scheme;
import io.crmwebhooks.http.WebhookSigner;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes of a row of {@code load-webhooks.sql} where and how its webhook is sent. Secrets are opened
 * here, once a load, and never where something is sent. Thread-safe.
 */
public final class StoredDestinations {
  private static final Logger LOG = LoggerFactory.getLogger(StoredDestinations.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Secrets secrets;

  public StoredDestinations(Secrets secrets) {
    this.secrets = secrets;
  }

  /** Secrets that cannot be used fail the attempts of their webhook, and of no other. */
  public HttpDestination of(Map<String, Object> row) {
    UUID webhook = (UUID) row.get("id");
    String url = (String) row.get("target_url");
    if (row.get("secret") == null || row.get("headers") == null) {
      return unusable(
          webhook,
          url,
          "cannot be sent: its secrets stand in plain text and were not encrypted yet");
    }
    Map<String, String> headers;
    ClientCredentials credentials;
    try {
      headers = CustomHeaders.fromJson(opened(webhook, SecretColumn.HEADERS, row)).asMap();
      String oauth2 = opened(webhook, SecretColumn.OAUTH2, row);
      credentials = oauth2 == null ? null : ClientCredentials.fromJson(oauth2);
    } catch (SealedSecret.UnreadableException | IllegalArgumentException e) {
      return unusable(webhook, url, "cannot be sent: " + e.getMessage());
    }
    try {
      String identity = (String) row.get("tls_identity");
      return HttpDestination.to(
          url, headers, new HttpDestination.Proof(identity, signer(webhook, row), credentials));
    } catch (SealedSecret.UnreadableException | IllegalArgumentException e) {
      return unusable(webhook, url, "cannot be signed: " + e.getMessage());
    }
  }

  private String opened(UUID webhook, SecretColumn column, Map<String, Object> row) {
    return secrets.open(webhook, column, (String) row.get(column.column()));
  }

  private static HttpDestination unusable(UUID webhook, String url, String problem) {
    LOG.error("webhook.unusable webhook={} problem=\"it {}\"", webhook, problem);
    return HttpDestination.unusable(url, problem);
  }

  /** A previous secret that cannot sign is no reason not to sign with the present one. */
  private WebhookSigner signer(UUID webhook, Map<String, Object> row) {
    String secret = secrets.open(webhook, (String) row.get("secret"));
    if (secret.isEmpty()) {
      return null;
    }
    Set<Scheme> schemes = schemes((String) row.get("signature_schemes"));
    if (row.get("previous_secret_until") instanceof String until) {
      try {
        String previous = secrets.open(webhook, (String) row.get("previous_secret"));
        return new WebhookSigner(secret, previous, DatabaseTime.parse(until), schemes);
      } catch (SealedSecret.UnreadableException | IllegalArgumentException e) {
        LOG.error(
            "webhook.previous-secret-unused webhook={} problem=\"{}\"", webhook, e.getMessage());
      }
    }
    return new WebhookSigner(secret, "", Instant.EPOCH, schemes);
  }

  private static Set<Scheme> schemes(String json) {
    try {
      return Scheme.parse(Arrays.asList(JSON.readValue(json, String[].class)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("PostgreSQL wrote an array that is no JSON", e);
    }
  }
}

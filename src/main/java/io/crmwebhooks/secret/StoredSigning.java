package io.crmwebhooks.secret;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crmwebhooks.database.DatabaseTime;
import io.crmwebhooks.http.Scheme;
import io.crmwebhooks.http.Signing;
import io.crmwebhooks.http.WebhookSigner;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes of a row of {@code load-webhooks.sql} how its webhook is signed. Secrets are opened here,
 * once a load, and never where something is sent. Thread-safe.
 */
public final class StoredSigning {
  private static final Logger LOG = LoggerFactory.getLogger(StoredSigning.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final SecretOpener opener;

  public StoredSigning(SecretOpener opener) {
    this.opener = opener;
  }

  /** A secret that cannot sign fails the attempts of its webhook, and of no other. */
  public Signing of(Map<String, Object> row) {
    UUID webhook = (UUID) row.get("id");
    if (row.get("secret") == null) {
      return Signing.impossible(StoredHeaders.PLAIN);
    }
    try {
      String secret = opener.open(webhook, (String) row.get("secret"));
      if (secret.isEmpty()) {
        return Signing.NONE;
      }
      Set<Scheme> schemes = schemes((String) row.get("signature_schemes"));
      return Signing.by(withPrevious(row, webhook, secret, schemes));
    } catch (UnreadableSecretException | IllegalArgumentException e) {
      LOG.error("webhook.unsigned webhook={} problem=\"{}\"", webhook, e.getMessage());
      return Signing.impossible(e.getMessage());
    }
  }

  /** A previous secret that cannot sign is no reason not to sign with the present one. */
  private WebhookSigner withPrevious(
      Map<String, Object> row, UUID webhook, String secret, Set<Scheme> schemes) {
    if (row.get("previous_secret_until") instanceof String until) {
      try {
        String previous = opener.open(webhook, (String) row.get("previous_secret"));
        return new WebhookSigner(secret, previous, DatabaseTime.parse(until), schemes);
      } catch (UnreadableSecretException | IllegalArgumentException e) {
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

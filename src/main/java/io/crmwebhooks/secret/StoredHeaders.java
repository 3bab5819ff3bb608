package io.crmwebhooks.secret;

import io.crmwebhooks.http.OwnHeaders;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes of a row of {@code load-webhooks.sql} the headers of its webhook. Their values are opened
 * here, once a load, and never where something is sent. Thread-safe.
 */
public final class StoredHeaders {
  /** The problem of a webhook whose secrets were not read. */
  static final String PLAIN = "its secrets stand in plain text and were not encrypted yet";

  private static final Logger LOG = LoggerFactory.getLogger(StoredHeaders.class);

  private final Secrets secrets;

  public StoredHeaders(Secrets secrets) {
    this.secrets = secrets;
  }

  /** Headers that cannot be sent fail the attempts of their webhook, and of no other. */
  public OwnHeaders of(Map<String, Object> row) {
    UUID webhook = (UUID) row.get("id");
    if (row.get("headers") == null) {
      return OwnHeaders.unusable(PLAIN);
    }
    try {
      return OwnHeaders.of(secrets.openHeaders(webhook, (String) row.get("headers")));
    } catch (UnreadableSecretException e) {
      LOG.error("webhook.headers-unreadable webhook={} problem=\"{}\"", webhook, e.getMessage());
      return OwnHeaders.unusable(e.getMessage());
    }
  }
}

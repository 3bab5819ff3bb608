package io.crmwebhooks.secret;

import io.crmwebhooks.http.NewSecret;
import java.util.UUID;

/** What a webhook has stored, under another key; what does not open stays as it is. */
final class Resealed {
  private final Secrets secrets;
  private final StorageKey key;

  /**
   * @param secrets opens what is stored now
   */
  Resealed(Secrets secrets, StorageKey key) {
    this.secrets = secrets;
    this.key = key;
  }

  /** The same secrets under the key, those in plain text as well. */
  StoredSecrets.Row of(StoredSecrets.Row row) {
    UUID webhook = row.webhook();
    return new StoredSecrets.Row(
        webhook,
        secret(webhook, SealedSecret.SECRET, row.secret()),
        SealedSecret.isSealed(row.secret()) ? row.publicKey() : publicKey(row.secret()),
        secret(webhook, SealedSecret.SECRET, row.previous()),
        HeaderValues.changed(
            row.headers(), (name, value) -> secret(webhook, SealedSecret.header(name), value)));
  }

  private String secret(UUID webhook, String what, String stored) {
    if (stored.isEmpty()) {
      return stored;
    }
    try {
      return SealedSecret.seal(key, what, webhook, secrets.open(webhook, what, stored));
    } catch (UnreadableSecretException e) {
      return stored;
    }
  }

  /** Null also of a secret that cannot sign; its attempts say so. */
  private static String publicKey(String plain) {
    try {
      return NewSecret.publicKey(plain).orElse(null);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}

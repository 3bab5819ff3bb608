package io.crmwebhooks.secret;

import java.util.UUID;

/** Turns a secret as it is stored into the one to sign with. */
public interface SecretOpener {
  /**
   * @param stored encrypted, or plain as somebody has written it by SQL, or empty
   * @throws UnreadableSecretException when it does not open
   */
  String open(UUID webhook, String stored);
}

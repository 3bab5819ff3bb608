package io.crmwebhooks;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;

/**
 * The judge of v1a signatures over the documented content, by another library than the one that
 * makes them. (The official library knows v1 only.)
 */
public final class PublicKeyCheck {
  private PublicKeyCheck() {}

  /**
   * @param publicKey {@code whpk_…}
   * @param signature one entry of {@code webhook-signature}
   */
  public static boolean holds(
      String publicKey, String signature, String id, long timestamp, byte[] body) {
    byte[] key = Base64.getDecoder().decode(publicKey.substring("whpk_".length()));
    byte[] head = (id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8);
    Ed25519Signer verifier = new Ed25519Signer();
    verifier.init(false, new Ed25519PublicKeyParameters(key));
    verifier.update(head, 0, head.length);
    verifier.update(body, 0, body.length);
    return verifier.verifySignature(
        Base64.getDecoder().decode(signature.substring("v1a,".length())));
  }
}

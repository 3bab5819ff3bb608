package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.http.NewSecret;
import io.crmwebhooks.http.Scheme;
import java.util.Set;

/**
 * The secret of a webhook that is being made: given, a shared one when it is missing, or a key pair
 * when that is asked for. {@link #toString} holds no secret.
 *
 * @param used to sign with
 * @param shown to the caller this once; null: only the public key is
 */
record NewWebhookSecret(String used, String shown) {
  static NewWebhookSecret read(ObjectNode body, Fields fields) {
    String given = fields.read("secret", Fields.text(500));
    boolean pair = isPair(fields, given);
    String made = pair ? NewSecret.ed25519() : NewSecret.shared();
    String used = given == null ? made : given;
    try {
      NewSecret.checkGiven(used, schemes(body));
    } catch (IllegalArgumentException e) {
      fields.error(given == null ? "signatureSchemes" : "secret", e.getMessage());
    }
    return new NewWebhookSecret(used, pair ? null : used);
  }

  /** Whether a key pair is asked for, which excludes a secret that is given. */
  static boolean isPair(Fields fields, String given) {
    Boolean asked = fields.read("ed25519", value -> WebhookFields.yesOrNo(value).asBoolean());
    boolean pair = Boolean.TRUE.equals(asked);
    if (pair && given != null) {
      fields.error("ed25519", "makes a key of its own, and so excludes a secret");
    }
    return pair;
  }

  /** What is wrong with them is named by whoever reads the other fields. */
  private static Set<Scheme> schemes(ObjectNode body) {
    try {
      Set<Scheme> schemes = WebhookFields.schemes(body.get("signatureSchemes"));
      return schemes == null ? Scheme.ALL : schemes;
    } catch (IllegalArgumentException e) {
      return Scheme.ALL;
    }
  }

  @Override
  public String toString() {
    return "secret of a new webhook";
  }
}

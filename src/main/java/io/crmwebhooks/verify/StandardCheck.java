package io.crmwebhooks.verify;

import io.crmwebhooks.verify.Diagnosis.Content;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks {@code webhook-signature} of Standard Webhooks 1.0: base64, over {@code id.seconds.body},
 * by a shared secret (v1) or a key pair (v1a).
 */
final class StandardCheck {
  static final String SCHEME = "standard";
  static final String ID = "webhook-id";
  static final String SECONDS = "webhook-timestamp";
  static final String SIGNATURE = "webhook-signature";

  private StandardCheck() {}

  /**
   * @throws FaultException when something is wrong before a signature can be compared
   */
  static Finding of(Evidence evidence) throws FaultException {
    evidence.requireHeaders(ID, SECONDS);
    evidence.requireNumber(SECONDS);
    evidence.requireSecret();
    Signatures signatures = Signatures.ofStandard(evidence.header(SIGNATURE));
    if (evidence.isKeyPair()) {
      return byKeyPair(evidence, signatures);
    }
    if (signatures.hmacs().isEmpty()) {
      throw new FaultException(
          Fault.SECRET, "a key pair has signed this: give its public key, whpk_…");
    }
    Diagnosis diagnosis = new Diagnosis(signatures.hmacs());
    byte[] key = key(evidence.secret());
    List<Content> contents = contents(evidence);
    if (diagnosis.matches(key, contents.get(0).before(), evidence.body())) {
      return evidence.inTime(SCHEME, SECONDS, false);
    }
    Finding found = evidence.explained(diagnosis, SCHEME, key, contents);
    return found.fault() == Fault.SECRET_OR_BODY && isCutOff(evidence.secret())
        ? new Finding(
            SCHEME,
            Fault.SECRET,
            "what follows whsec_ in the secret is no whole base64: some characters may be missing")
        : found;
  }

  /** Java reads such base64 all the same. */
  private static boolean isCutOff(String secret) {
    return secret.startsWith(SigningKey.SHARED)
        && (secret.length() - SigningKey.SHARED.length()) % 4 != 0;
  }

  private static byte[] key(String secret) throws FaultException {
    try {
      byte[] key = SigningKey.standard(secret);
      if (key.length > 0) {
        return key;
      }
      throw new FaultException(Fault.SECRET, "the secret ends behind whsec_");
    } catch (IllegalArgumentException e) {
      throw new FaultException(
          Fault.SECRET,
          "what follows whsec_ in the secret is broken base64: "
              + Signatures.where(secret.substring(SigningKey.SHARED.length())));
    }
  }

  private static Finding byKeyPair(Evidence evidence, Signatures signatures) throws FaultException {
    if (signatures.ed25519().isEmpty()) {
      throw new FaultException(
          Fault.SECRET, "no key pair has signed this, but a shared secret: give that one");
    }
    PublicKey key;
    try {
      key = SigningKey.publicKey(evidence.secret());
    } catch (IllegalArgumentException e) {
      throw new FaultException(Fault.SECRET, "what follows whpk_ is no public key in base64");
    }
    String before = contents(evidence).get(0).before();
    boolean holds =
        signatures.ed25519().stream()
            .anyMatch(signature -> SigningKey.verifies(key, before, evidence.body(), signature));
    return holds
        ? evidence.inTime(SCHEME, SECONDS, false)
        : Diagnosis.unexplained(SCHEME, evidence.headers(), evidence.body());
  }

  private static List<Content> contents(Evidence evidence) {
    String id = evidence.header(ID);
    String seconds = evidence.header(SECONDS);
    String millis = evidence.header(TwentyCheck.MILLIS);
    String wrongTime = SECONDS + " is not the time that was signed, which was ";
    List<Content> all = new ArrayList<>();
    all.add(new Content(Fault.NONE, "", id + "." + seconds + "."));
    if (millis != null) {
      all.add(
          new Content(Fault.TIMESTAMP, wrongTime + TwentyCheck.MILLIS, id + "." + millis + "."));
      all.add(
          new Content(
              Fault.SCHEME,
              "it is made as X-Twenty-Webhook-Signature is, over timestamp:body",
              millis + ":"));
    }
    all.add(
        new Content(
            Fault.SCHEME,
            "it is made as X-Twenty-Webhook-Signature is, over timestamp:body",
            seconds + ":"));
    all.add(
        new Content(
            Fault.SCHEME, "it is over timestamp.body, without the webhook-id", seconds + "."));
    all.add(new Content(Fault.SCHEME, "it is over id.body, without the timestamp", id + "."));
    all.add(new Content(Fault.SCHEME, "it is over the body alone", ""));
    return all;
  }
}

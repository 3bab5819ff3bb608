package io.crmwebhooks.verify;

import io.crmwebhooks.verify.Diagnosis.Content;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Checks {@code X-Twenty-Webhook-Signature}: hexadecimal, over {@code milliseconds:body}. */
final class TwentyCheck {
  static final String SCHEME = "twenty";
  static final String MILLIS = "X-Twenty-Webhook-Timestamp";
  static final String SIGNATURE = "X-Twenty-Webhook-Signature";

  private TwentyCheck() {}

  /**
   * @throws FaultException when something is wrong before a signature can be compared
   */
  static Finding of(Evidence evidence) throws FaultException {
    evidence.requireHeaders(MILLIS, SIGNATURE);
    evidence.requireNumber(MILLIS);
    evidence.requireSecret();
    Diagnosis diagnosis = new Diagnosis(Signatures.ofTwenty(evidence.header(SIGNATURE)).hmacs());
    if (evidence.isKeyPair()) {
      throw new FaultException(
          Fault.SECRET, "a public key cannot check this scheme, which takes the shared secret");
    }
    byte[] key = evidence.secret().getBytes(StandardCharsets.UTF_8);
    List<Content> contents = contents(evidence);
    if (diagnosis.matches(key, contents.get(0).before(), evidence.body())) {
      return evidence.inTime(SCHEME, MILLIS, true);
    }
    return evidence.explained(diagnosis, SCHEME, key, contents);
  }

  private static List<Content> contents(Evidence evidence) {
    String millis = evidence.header(MILLIS);
    String seconds = evidence.header(StandardCheck.SECONDS);
    String wrongTime = MILLIS + " is not the time that was signed, which was ";
    List<Content> all = new ArrayList<>();
    all.add(new Content(Fault.NONE, "", millis + ":"));
    all.add(
        new Content(
            Fault.TIMESTAMP,
            wrongTime + "the same in seconds",
            Long.parseLong(millis) / 1000 + ":"));
    if (seconds != null) {
      all.add(new Content(Fault.TIMESTAMP, wrongTime + StandardCheck.SECONDS, seconds + ":"));
      all.add(
          new Content(
              Fault.SCHEME,
              "it is made as webhook-signature is, over id.timestamp.body",
              evidence.header(StandardCheck.ID) + "." + seconds + "."));
    }
    all.add(
        new Content(
            Fault.SCHEME,
            "it is over timestamp.body, with a dot where this scheme has a colon",
            millis + "."));
    all.add(
        new Content(
            Fault.SCHEME, "it is over the timestamp and the body with nothing between", millis));
    all.add(new Content(Fault.SCHEME, "it is over the body alone, without the timestamp", ""));
    return all;
  }
}

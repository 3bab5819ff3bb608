package io.crmwebhooks.verify;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks the signatures of a request as its receiver does, and says which part is wrong. Immutable
 * and thread-safe.
 *
 * <p>Sources:
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md and
 * the CRM's documentation of its webhooks.
 */
public final class Verifier {
  private static final Set<Fault> SIGNED = EnumSet.of(Fault.NONE, Fault.TOO_OLD, Fault.TOO_NEW);

  private final String secret;
  private final Duration tolerance;

  /**
   * @param secret what signs, or the {@code whpk_…} of a key pair
   * @param tolerance how far the timestamp may be from the time of receipt, either way
   */
  public Verifier(String secret, Duration tolerance) {
    this.secret = secret;
    this.tolerance = tolerance;
  }

  /**
   * A finding for each scheme that the request bears; a single one when it bears none.
   *
   * @param headers by name, in any case; see {@link PastedRequest#noHeaders}
   * @param now when it was received
   */
  public List<Finding> check(Map<String, String> headers, byte[] body, Instant now) {
    Evidence evidence = new Evidence(secret, headers, body, now, tolerance);
    List<Finding> findings = new ArrayList<>();
    if (headers.containsKey(StandardCheck.SIGNATURE)) {
      findings.add(found(StandardCheck.SCHEME, StandardCheck::of, evidence));
    }
    if (headers.containsKey(TwentyCheck.SIGNATURE) || headers.containsKey(TwentyCheck.MILLIS)) {
      findings.add(found(TwentyCheck.SCHEME, TwentyCheck::of, evidence));
    }
    if (findings.isEmpty()) {
      findings.add(
          new Finding(
              StandardCheck.SCHEME,
              Fault.HEADER_MISSING,
              "there is neither webhook-signature nor X-Twenty-Webhook-Signature: it was sent"
                  + " unsigned, or these headers are not here"));
    }
    boolean oneIsRight = findings.stream().anyMatch(finding -> SIGNED.contains(finding.fault()));
    return findings.stream()
        .map(finding -> oneIsRight ? comparedWithIt(finding) : finding)
        .toList();
  }

  /** The check of one scheme. */
  private interface Check {
    Finding of(Evidence evidence) throws FaultException;
  }

  private static Finding found(String scheme, Check check, Evidence evidence) {
    try {
      return check.of(evidence);
    } catch (FaultException e) {
      return e.in(scheme);
    }
  }

  /** Where one signature holds, the secret and the body are right for the other one, too. */
  private static Finding comparedWithIt(Finding finding) {
    return finding.fault() == Fault.SECRET_OR_BODY
        ? new Finding(
            finding.scheme(),
            Fault.HEADER,
            "the other signature holds, so secret and body are right: a header of this scheme is"
                + " not the one that was sent")
        : finding;
  }
}

package io.crmwebhooks.verify;

import static io.crmwebhooks.verify.Finding.Fault.BODY;
import static io.crmwebhooks.verify.Finding.Fault.HEADER;
import static io.crmwebhooks.verify.Finding.Fault.HEADER_MISSING;
import static io.crmwebhooks.verify.Finding.Fault.NONE;
import static io.crmwebhooks.verify.Finding.Fault.SECRET;
import static io.crmwebhooks.verify.Finding.Fault.SECRET_OR_BODY;
import static io.crmwebhooks.verify.Finding.Fault.TIMESTAMP;
import static io.crmwebhooks.verify.Finding.Fault.TOO_NEW;
import static io.crmwebhooks.verify.Finding.Fault.TOO_OLD;
import static io.crmwebhooks.verify.Signatures.ID;
import static io.crmwebhooks.verify.Signatures.MILLIS;
import static io.crmwebhooks.verify.Signatures.SECONDS;
import static io.crmwebhooks.verify.Signatures.STANDARD;
import static io.crmwebhooks.verify.Signatures.TWENTY;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.crmwebhooks.verify.Finding.Fault;
import io.crmwebhooks.verify.Finding.Wrong;
import io.crmwebhooks.verify.Mistakes.Parts;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks the signatures of a request as its receiver does, and says which part is wrong. It shares
 * no code with the sender, so that no error is repeated here. Immutable and thread-safe.
 *
 * <p>Sources:
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md and
 * the CRM's documentation of its webhooks.
 */
public final class Verifier {
  private static final String SHARED = "whsec_";

  /** The least bytes of a shared secret, by Standard Webhooks. */
  private static final int LEAST_BYTES = 24;

  /** No time in seconds is as large before the year 5138, none in milliseconds as small. */
  private static final long MILLIS_FROM = 100_000_000_000L;

  private static final Set<Fault> SIGNED = EnumSet.of(NONE, TOO_OLD, TOO_NEW);
  private static final byte[] NOTHING = {};

  private final String secret;
  private final Duration tolerance;

  /**
   * @param secret the secret that signs, or the {@code whpk_…} of a key pair
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
    List<Finding> findings = new ArrayList<>();
    if (headers.containsKey(STANDARD)) {
      findings.add(check("standard", headers, body, now));
    }
    if (headers.containsKey(TWENTY) || headers.containsKey(MILLIS)) {
      findings.add(check("twenty", headers, body, now));
    }
    if (findings.isEmpty()) {
      String none =
          "there is neither webhook-signature nor X-Twenty-Webhook-Signature: it was sent"
              + " unsigned, or these headers are not here";
      findings.add(new Finding("standard", HEADER_MISSING, none));
    }
    if (findings.stream().anyMatch(each -> SIGNED.contains(each.fault()))) {
      String header =
          "the other signature holds, so secret and body are right: a header of this scheme is"
              + " not the one that was sent";
      findings.replaceAll(
          each ->
              each.fault() == SECRET_OR_BODY ? new Finding(each.scheme(), HEADER, header) : each);
    }
    return findings;
  }

  private Finding check(String scheme, Map<String, String> headers, byte[] body, Instant now) {
    try {
      boolean twenty = scheme.equals("twenty");
      String time = twenty ? MILLIS : SECONDS;
      require(headers, time, twenty ? TWENTY : ID);
      Wrong.when(secret.isEmpty(), SECRET, "the secret is empty, and an empty one signs nothing");
      Wrong.when(
          secret.startsWith("whsk_"),
          SECRET,
          "whsk_… is the private key of the sender; give the public one, whpk_…");
      var signatures =
          twenty
              ? Signatures.ofTwenty(headers.get(TWENTY))
              : Signatures.ofStandard(headers.get(STANDARD));
      Parts befores = twenty ? Mistakes.beforeTwenty(headers) : Mistakes.beforeStandard(headers);
      boolean holds =
          secret.startsWith(Signatures.PUBLIC_KEY)
              ? holdsByKeyPair(twenty, signatures.get("v1a"), befores.right(), body)
              : holdsBySecret(twenty, signatures.get("v1"), befores, body);
      if (!holds) {
        throw unexplained(twenty, headers, body);
      }
      return new Finding(scheme, NONE, inTime(time, Long.parseLong(headers.get(time)), now));
    } catch (Wrong e) {
      return e.in(scheme);
    }
  }

  private static void require(Map<String, String> headers, String time, String other) throws Wrong {
    for (String name : List.of(other, time)) {
      Wrong.when(!headers.containsKey(name), HEADER_MISSING, "the header " + name + " is missing");
    }
    Wrong.when(!headers.get(time).matches("\\d{1,15}"), TIMESTAMP, time + " is no time");
  }

  private boolean holdsByKeyPair(
      boolean twenty, List<byte[]> signatures, byte[] before, byte[] body) throws Wrong {
    String shared = "a public key cannot check this scheme, which takes the shared secret";
    Wrong.when(twenty, SECRET, shared);
    String other = "no key pair has signed this, but a shared secret: give that one";
    Wrong.when(signatures == null, SECRET, other);
    PublicKey key = Signatures.publicKey(secret);
    return signatures.stream().anyMatch(each -> Signatures.verifies(key, before, body, each));
  }

  private boolean holdsBySecret(boolean twenty, List<byte[]> signatures, Parts befores, byte[] body)
      throws Wrong {
    Wrong.when(
        signatures == null, SECRET, "a key pair has signed this: give its public key, whpk_…");
    byte[] key = secret.getBytes(UTF_8);
    byte[] inBase64 = NOTHING;
    if (secret.startsWith(SHARED)) {
      String base64 = secret.substring(SHARED.length());
      inBase64 = Mistakes.decoded(Base64.getDecoder()::decode, base64, NOTHING);
      Wrong.when(!twenty && base64.isEmpty(), SECRET, "the secret ends behind whsec_");
      String broken =
          "the text after whsec_ in the secret is broken base64: " + Signatures.where(base64);
      Wrong.when(!twenty && inBase64 == NOTHING, SECRET, broken);
      key = twenty ? key : inBase64;
    }
    if (Mistakes.matches(signatures, key, befores.right(), body)) {
      return true;
    }
    Wrong.when(
        secret.matches("(?is)v1a?,\\s*wh(sec|sk)_.*"),
        SECRET,
        "the secret begins with v1, which stands before signatures; leave that out");
    Wrong.when(
        secret.matches("(?s)(?!wh(sec|sk|pk)_)(?i)wh(sec|sk|pk)_.*"),
        SECRET,
        "the secret must begin in lower case: whsec_ or whpk_");
    Wrong.when(
        inBase64 != NOTHING && inBase64.length < LEAST_BYTES && !isCutOff(),
        SECRET,
        "the secret holds %d bytes behind whsec_, and at least %d are due: some characters may be missing"
            .formatted(inBase64.length, LEAST_BYTES));
    Parts keys = Mistakes.ofSecret(secret, key);
    var mistake = Mistakes.explain(signatures, keys, befores, Mistakes.ofBody(body));
    if (mistake.isPresent()) {
      throw new Wrong(mistake.get().fault(), mistake.get().mistake());
    }
    return false;
  }

  private boolean isCutOff() {
    return secret.startsWith(SHARED) && (secret.length() - SHARED.length()) % 4 != 0;
  }

  /** All that can be said when no known mistake explains a signature. */
  private Wrong unexplained(boolean twenty, Map<String, String> headers, byte[] body) {
    String length = headers.getOrDefault("Content-Length", "");
    if (length.matches("\\d{1,18}") && Long.parseLong(length) != body.length) {
      return new Wrong(
          BODY,
          "the body has %d bytes here, but Content-Length says %s: it is not what was sent"
              .formatted(body.length, length));
    }
    if (Mistakes.json(new String(body, UTF_8)) == null) {
      return new Wrong(
          BODY,
          body.length == 0
              ? "there is no body"
              : "the body is no whole JSON: something of it is missing or was changed");
    }
    return !twenty && isCutOff()
        ? new Wrong(
            SECRET,
            "the text after whsec_ in the secret is no whole base64: some characters may be missing")
        : new Wrong(
            SECRET_OR_BODY,
            "another secret has signed this, or the body is not what was sent; the body is whole JSON, so look at the"
                + " secret first");
  }

  /** All that may still be wrong when a signature holds. */
  private String inTime(String header, long time, Instant now) throws Wrong {
    boolean millis = header.equals(MILLIS);
    String unit = header + " must be in " + (millis ? "milliseconds" : "seconds");
    Wrong.when(millis != time >= MILLIS_FROM, TIMESTAMP, unit);
    Instant sent = millis ? Instant.ofEpochMilli(time) : Instant.ofEpochSecond(time);
    Duration age = Duration.between(sent, now);
    String old =
        "the signature holds, but it is %s old, made at %s: a repeat, or this clock is ahead";
    Wrong.when(age.compareTo(tolerance) > 0, TOO_OLD, old.formatted(words(age), sent));
    String early = "the signature holds, but it is of %s from now, %s: one of the clocks is wrong";
    Wrong.when(
        age.negated().compareTo(tolerance) > 0,
        TOO_NEW,
        early.formatted(words(age.negated()), sent));
    return "the signature holds, made at " + sent;
  }

  private static String words(Duration age) {
    if (age.toDays() > 1) {
      return age.toDays() + " days";
    }
    return age.toMinutes() > 1 ? age.toMinutes() + " minutes" : age.toSeconds() + " s";
  }
}

package io.crmwebhooks.verify;

import static io.crmwebhooks.verify.Finding.Fault.BODY;
import static io.crmwebhooks.verify.Finding.Fault.HEADER_MISSING;
import static io.crmwebhooks.verify.Finding.Fault.SCHEME;
import static io.crmwebhooks.verify.Finding.Fault.SECRET;
import static io.crmwebhooks.verify.Finding.Fault.SECRET_OR_BODY;
import static io.crmwebhooks.verify.Finding.Fault.SIGNATURE_FORM;
import static io.crmwebhooks.verify.Finding.Fault.TIMESTAMP;
import static io.crmwebhooks.verify.Finding.Fault.TOO_NEW;
import static io.crmwebhooks.verify.Finding.Fault.TOO_OLD;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.crmwebhooks.verify.Finding.Fault;
import io.crmwebhooks.verify.Finding.Wrong;
import io.crmwebhooks.verify.Mistakes.Part;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
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
  static final String ID = "webhook-id";
  static final String SECONDS = "webhook-timestamp";
  static final String MILLIS = "X-Twenty-Webhook-Timestamp";
  private static final String STANDARD = "webhook-signature";
  private static final String TWENTY = "X-Twenty-Webhook-Signature";

  private static final String PUBLIC_KEY = "whpk_";

  /** Versions of Standard Webhooks with the bytes of a signature: shared secret, key pair. */
  private static final Map<String, Integer> VERSIONS = Map.of("v1", 32, "v1a", 64);

  private static final String MIXED_UP = " is written as the other scheme's: headers are mixed up";

  /** No time in seconds is as large before the year 5138, none in milliseconds as small. */
  private static final long MILLIS_FROM = 100_000_000_000L;

  /** Stands before the 32 bytes of an Ed25519 key in the encoding that Java reads. */
  private static final String X509 = "302a300506032b6570032100";

  private static final Set<Fault> SIGNED = EnumSet.of(Fault.NONE, TOO_OLD, TOO_NEW);

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
      findings.add(check(false, headers, body, now));
    }
    if (headers.containsKey(TWENTY) || headers.containsKey(MILLIS)) {
      findings.add(check(true, headers, body, now));
    }
    if (findings.isEmpty()) {
      String none = "there is neither webhook-signature nor X-Twenty-Webhook-Signature";
      findings.add(new Finding("standard", HEADER_MISSING, none));
    }
    if (findings.stream().anyMatch(each -> SIGNED.contains(each.fault()))) {
      String header = "the other signature holds: a header of this scheme is not as it was sent";
      findings.replaceAll(
          each ->
              each.fault() == SECRET_OR_BODY
                  ? new Finding(each.scheme(), Fault.HEADER, header)
                  : each);
    }
    return findings;
  }

  private Finding check(boolean twenty, Map<String, String> headers, byte[] body, Instant now) {
    String scheme = twenty ? "twenty" : "standard";
    String time = twenty ? MILLIS : SECONDS;
    try {
      for (String name : List.of(twenty ? TWENTY : ID, time)) {
        HEADER_MISSING.when(!headers.containsKey(name), "the header " + name + " is missing");
      }
      TIMESTAMP.when(!headers.get(time).matches("\\d{1,15}"), time + " is no time");
      var signatures = twenty ? ofTwenty(headers.get(TWENTY)) : ofStandard(headers.get(STANDARD));
      String before =
          twenty ? headers.get(MILLIS) + ":" : headers.get(ID) + "." + headers.get(SECONDS) + ".";
      boolean holds =
          secret.startsWith(PUBLIC_KEY)
              ? holdsByKeyPair(twenty, signatures.get("v1a"), before.getBytes(UTF_8), body)
              : holdsBySecret(
                  twenty, signatures.get("v1"), Mistakes.ofTextBefore(before, headers), body);
      if (!holds) {
        failUnexplained(headers.getOrDefault("Content-Length", ""), body);
      }
      return new Finding(scheme, Fault.NONE, inTime(time, Long.parseLong(headers.get(time)), now));
    } catch (Wrong e) {
      return new Finding(scheme, e.fault, e.getMessage());
    }
  }

  /** {@code X-Twenty-Webhook-Signature}: 64 hexadecimal digits, as if of version v1. */
  private static Map<String, List<byte[]>> ofTwenty(String header) throws Wrong {
    SCHEME.when(header.matches("(?is)(v1a?,|sha256=).*"), TWENTY + MIXED_UP);
    String form = TWENTY + " must be 64 hexadecimal digits, none in upper case";
    SIGNATURE_FORM.when(!header.matches("[0-9a-f]{64}"), form);
    return Map.of("v1", List.of(HexFormat.of().parseHex(header)));
  }

  /** {@code webhook-signature}, by version. An entry that is not whole spoils no other. */
  private static Map<String, List<byte[]>> ofStandard(String header) throws Wrong {
    SCHEME.when(header.matches("[0-9a-fA-F]{64}"), STANDARD + MIXED_UP);
    Map<String, List<byte[]>> found = new HashMap<>();
    for (String entry : header.trim().split("\\s+")) {
      String[] parts = (entry + ",").split(",", 3);
      byte[] bytes = Mistakes.base64(parts[1]);
      if (parts[1].length() % 4 == 0 && bytes.length == VERSIONS.getOrDefault(parts[0], -1)) {
        found.computeIfAbsent(parts[0], none -> new ArrayList<>()).add(bytes);
      }
    }
    String none = STANDARD + " has no whole entry: v1, or v1a, and the base64 of a signature";
    SIGNATURE_FORM.when(found.isEmpty(), none);
    return found;
  }

  private boolean holdsByKeyPair(
      boolean twenty, List<byte[]> signatures, byte[] before, byte[] body) throws Wrong {
    SECRET.when(twenty, "a public key cannot check this scheme, which takes the shared secret");
    SECRET.when(signatures == null, "no key pair has signed this, but a shared secret");
    String raw = HexFormat.of().formatHex(Mistakes.base64(secret.substring(PUBLIC_KEY.length())));
    SECRET.when(raw.length() != 64, "the text after whpk_ is no public key in base64");
    try {
      Signature check = Signature.getInstance("Ed25519");
      var encoded = new X509EncodedKeySpec(HexFormat.of().parseHex(X509 + raw));
      var key = KeyFactory.getInstance("Ed25519").generatePublic(encoded);
      boolean holds = false;
      for (byte[] signature : signatures) {
        check.initVerify(key);
        check.update(before);
        check.update(body);
        holds |= check.verify(signature);
      }
      return holds;
    } catch (GeneralSecurityException e) { // the bytes are no key
      return false;
    }
  }

  private boolean holdsBySecret(
      boolean twenty, List<byte[]> signatures, List<Part> befores, byte[] body) throws Wrong {
    SECRET.when(signatures == null, "a key pair has signed this: give its public key, whpk_…");
    boolean shared = secret.startsWith("whsec_");
    String base64 = shared && !twenty ? secret.substring(6) : null;
    byte[] key = base64 == null ? secret.getBytes(UTF_8) : Mistakes.base64(base64);
    if (Mistakes.matches(signatures, key, befores.get(0).bytes(), body)) {
      return true;
    }
    SECRET.when(secret.isEmpty(), "the secret is empty, and an empty one signs nothing");
    Mistakes.explain(signatures, Mistakes.ofSecret(secret, key), befores, Mistakes.ofBody(body));
    String begin = "the secret must begin with whsec_, or with whpk_ for a key pair";
    SECRET.when(!shared && secret.matches("(?is)(v1a?,\\s*)?wh(sec|sk|pk)_.*"), begin);
    String cut = "the text after whsec_ must be the base64 of 24 bytes or more";
    SECRET.when(base64 != null && (key.length < 24 || base64.length() % 4 != 0), cut);
    return false;
  }

  /** All that can be said when no known mistake explains a signature. */
  private static void failUnexplained(String length, byte[] body) throws Wrong {
    boolean other = length.matches("\\d{1,18}") && Long.parseLong(length) != body.length;
    BODY.when(
        other, "the body has %d bytes, but Content-Length says %s".formatted(body.length, length));
    BODY.when(body.length == 0, "there is no body");
    boolean whole = Mistakes.json(new String(body, UTF_8)) != null;
    BODY.when(!whole, "the body is no whole JSON: some of it is missing or was changed");
    SECRET_OR_BODY.when(
        true, "another secret or another body was signed; look at the secret first");
  }

  /** All that may still be wrong when a signature holds. */
  private String inTime(String header, long time, Instant now) throws Wrong {
    boolean millis = header.equals(MILLIS);
    String unit = header + " must be in " + (millis ? "milliseconds" : "seconds");
    TIMESTAMP.when(millis != time >= MILLIS_FROM, unit);
    Instant sent = millis ? Instant.ofEpochMilli(time) : Instant.ofEpochSecond(time);
    Duration age = Duration.between(sent, now);
    String old =
        "the signature holds, but it is %s old, made at %s: a repeat, or this clock is ahead";
    TOO_OLD.when(age.compareTo(tolerance) > 0, old.formatted(words(age), sent));
    String early = "the signature holds, but it is of %s from now, %s: one of the clocks is wrong";
    Duration ahead = age.negated();
    TOO_NEW.when(ahead.compareTo(tolerance) > 0, early.formatted(words(ahead), sent));
    return "the signature holds, made at " + sent;
  }

  private static String words(Duration age) {
    return age.toMinutes() > 1 ? age.toMinutes() + " minutes" : age.toSeconds() + " s";
  }
}

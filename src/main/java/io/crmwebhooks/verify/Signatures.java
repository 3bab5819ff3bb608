package io.crmwebhooks.verify;

import static io.crmwebhooks.verify.Finding.Fault.SCHEME;
import static io.crmwebhooks.verify.Finding.Fault.SECRET;
import static io.crmwebhooks.verify.Finding.Fault.SIGNATURE_FORM;

import io.crmwebhooks.verify.Finding.Wrong;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** The signatures in a header, decoded, and those of a key pair. */
final class Signatures {
  // The headers of both schemes.
  static final String ID = "webhook-id";
  static final String SECONDS = "webhook-timestamp";
  static final String STANDARD = "webhook-signature";
  static final String MILLIS = "X-Twenty-Webhook-Timestamp";
  static final String TWENTY = "X-Twenty-Webhook-Signature";

  /** Before the public key of a key pair. */
  static final String PUBLIC_KEY = "whpk_";

  /** Versions of Standard Webhooks with the bytes of a signature: shared secret, key pair. */
  private static final Map<String, Integer> VERSIONS = Map.of("v1", 32, "v1a", 64);

  /** Stands before the 32 bytes of an Ed25519 key in the encoding that Java reads. */
  private static final String X509 = "302a300506032b6570032100";

  private Signatures() {}

  /** {@code X-Twenty-Webhook-Signature}: 64 hexadecimal digits, as if of version v1. */
  static Map<String, List<byte[]>> ofTwenty(String header) throws Wrong {
    Wrong.when(
        header.matches("(?is)(v1a?,|sha256=).*"),
        SCHEME,
        TWENTY + " begins with v1 or sha256=, as in other schemes: the headers are mixed up");
    Wrong.when(
        !header.matches("[0-9a-f]{64}"),
        SIGNATURE_FORM,
        TWENTY
            + " must be 64 hexadecimal digits, none in upper case, but it has %d digits"
                .formatted(header.length()));
    return Map.of("v1", List.of(HexFormat.of().parseHex(header)));
  }

  /**
   * {@code webhook-signature}, by version. An entry that is not whole is no fault of the others.
   */
  static Map<String, List<byte[]>> ofStandard(String header) throws Wrong {
    Map<String, List<byte[]>> found = new HashMap<>();
    Wrong first = null;
    for (String entry : header.trim().split("\\s+")) {
      String version = entry.replaceFirst(",.*", "");
      try {
        Wrong.when(
            entry.matches("[0-9a-fA-F]{64}"),
            SCHEME,
            "webhook-signature is hexadecimal, as X-Twenty-Webhook-Signature is: the two headers are mixed up");
        Wrong.when(
            !entry.contains(","),
            SIGNATURE_FORM,
            "webhook-signature lacks the version before the base64, as in v1,K5oZfz…");
        if (VERSIONS.containsKey(version)) {
          byte[] bytes = bytes(entry.substring(version.length() + 1), VERSIONS.get(version));
          found.computeIfAbsent(version, none -> new ArrayList<>()).add(bytes);
        }
      } catch (Wrong e) {
        first = first == null ? e : first;
      }
    }
    if (found.isEmpty() && first != null) {
      throw first;
    }
    Wrong.when(
        found.isEmpty(), SIGNATURE_FORM, "webhook-signature has no entry of version v1 or v1a");
    return found;
  }

  private static byte[] bytes(String base64, int length) throws Wrong {
    try {
      if (base64.length() % 4 != 0) {
        throw new IllegalArgumentException(); // which Java would read all the same
      }
      byte[] bytes = Base64.getDecoder().decode(base64);
      Wrong.when(
          bytes.length != length,
          SIGNATURE_FORM,
          "webhook-signature has %d bytes in base64, but must have %d; some characters may be missing"
              .formatted(bytes.length, length));
      return bytes;
    } catch (IllegalArgumentException e) {
      throw new Wrong(SIGNATURE_FORM, "webhook-signature has broken base64: " + where(base64));
    }
  }

  /** Why base64 cannot be decoded. */
  static String where(String base64) {
    int whole = base64.replaceFirst("(?s)[^A-Za-z0-9+/=].*", "").length();
    if (whole == base64.length()) {
      return "its length or the = at its end is wrong, some characters may be missing";
    }
    return "-_".indexOf(base64.charAt(whole)) >= 0
        ? "it is base64 for URLs, with - and _, but must be the usual one, with + and /"
        : "character %d is none of it".formatted(whole + 1);
  }

  static PublicKey publicKey(String secret) throws Wrong {
    try {
      byte[] raw = Base64.getDecoder().decode(secret.substring(PUBLIC_KEY.length()));
      byte[] encoded = HexFormat.of().parseHex(X509 + HexFormat.of().formatHex(raw));
      KeyFactory factory = KeyFactory.getInstance("Ed25519");
      return factory.generatePublic(new X509EncodedKeySpec(encoded));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new Wrong(SECRET, "the text after whpk_ is no public key in base64");
    }
  }

  static boolean verifies(PublicKey key, byte[] before, byte[] body, byte[] signature) {
    try {
      Signature check = Signature.getInstance("Ed25519");
      check.initVerify(key);
      check.update(before);
      check.update(body);
      return check.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}

package io.crmwebhooks.verify;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * The signatures of a header, decoded.
 *
 * @param hmacs each 32 bytes
 * @param ed25519 each 64 bytes
 */
record Signatures(List<byte[]> hmacs, List<byte[]> ed25519) {
  private static final int HMAC_BYTES = 32;
  private static final int ED25519_BYTES = 64;

  /** {@code X-Twenty-Webhook-Signature}: 64 hexadecimal digits. */
  static Signatures ofTwenty(String header) throws FaultException {
    if (header.matches("v1a?,.*")) {
      throw new FaultException(
          Fault.SCHEME,
          "X-Twenty-Webhook-Signature begins with v1, as webhook-signature does: the two headers are mixed up");
    }
    if (header.matches("(?i)sha256=.*")) {
      throw new FaultException(
          Fault.SCHEME,
          "X-Twenty-Webhook-Signature begins with sha256=, which this scheme has not");
    }
    if (!header.matches("[0-9a-fA-F]*")) {
      throw new FaultException(
          Fault.SIGNATURE_FORM, "X-Twenty-Webhook-Signature is not made of hexadecimal digits");
    }
    if (header.length() != 2 * HMAC_BYTES) {
      throw new FaultException(
          Fault.SIGNATURE_FORM,
          "X-Twenty-Webhook-Signature has %d digits, but must have 64%s"
              .formatted(header.length(), header.length() < 64 ? "; some may be missing" : ""));
    }
    if (header.matches(".*[A-F].*")) {
      throw new FaultException(
          Fault.SIGNATURE_FORM,
          "X-Twenty-Webhook-Signature is in upper case, but is sent in lower case");
    }
    return new Signatures(List.of(HexFormat.of().parseHex(header)), List.of());
  }

  /** {@code webhook-signature}: entries of a version and base64, with blanks between. */
  static Signatures ofStandard(String header) throws FaultException {
    Signatures read = new Signatures(new ArrayList<>(), new ArrayList<>());
    FaultException first = null;
    for (String entry : header.trim().split("\\s+")) {
      try {
        read.add(entry);
      } catch (FaultException e) { // which is no fault of the others
        first = first == null ? e : first;
      }
    }
    if (!read.hmacs.isEmpty() || !read.ed25519.isEmpty()) {
      return read;
    }
    throw first != null
        ? first
        : new FaultException(
            Fault.SIGNATURE_FORM, "webhook-signature has no entry of version v1 or v1a");
  }

  private void add(String entry) throws FaultException {
    if (entry.startsWith("v1,")) {
      hmacs.add(base64(entry.substring(3), HMAC_BYTES));
    } else if (entry.startsWith("v1a,")) {
      ed25519.add(base64(entry.substring(4), ED25519_BYTES));
    } else if (entry.matches("[0-9a-fA-F]{64}")) {
      throw new FaultException(
          Fault.SCHEME,
          "webhook-signature is hexadecimal, as X-Twenty-Webhook-Signature is: the two headers are mixed up");
    } else if (!entry.contains(",")) {
      throw new FaultException(
          Fault.SIGNATURE_FORM,
          "webhook-signature lacks the version before the base64, as in v1,K5oZfz…");
    }
    // An entry of another version is for receivers that know it.
  }

  private static byte[] base64(String text, int length) throws FaultException {
    byte[] bytes;
    try {
      if (text.length() % 4 != 0) {
        throw new IllegalArgumentException(); // which Java would read all the same
      }
      bytes = Base64.getDecoder().decode(text.getBytes(StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw new FaultException(
          Fault.SIGNATURE_FORM,
          text.matches("[A-Za-z0-9_=-]+") && text.matches(".*[_-].*")
              ? "webhook-signature is base64 for URLs, with - and _, but must be the usual one, with + and /"
              : "webhook-signature has broken base64: " + where(text));
    }
    if (bytes.length != length) {
      throw new FaultException(
          Fault.SIGNATURE_FORM,
          "webhook-signature has %d bytes in base64, but must have %d; some characters may be missing"
              .formatted(bytes.length, length));
    }
    return bytes;
  }

  /** What is wrong with base64 that cannot be decoded. */
  static String where(String base64) {
    for (int i = 0; i < base64.length(); i++) {
      if (!base64.substring(i, i + 1).matches("[A-Za-z0-9+/=]")) {
        return "character %d is none of it".formatted(i + 1);
      }
    }
    return "its length or the = at its end is wrong, some characters may be missing";
  }
}

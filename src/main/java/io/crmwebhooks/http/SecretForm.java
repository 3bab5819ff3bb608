package io.crmwebhooks.http;

import java.util.Base64;
import java.util.regex.Pattern;

/**
 * What a secret must look like when somebody gives it. Any text can sign; but what nearly is one of
 * the three forms of Standard Webhooks is a mistake, after which no receiver could verify. Secrets
 * that are stored already sign as they are.
 */
final class SecretForm {
  /** The key sizes that Standard Webhooks recommends begin here. */
  private static final int LEAST_BYTES = 24;

  private static final Pattern NEARLY =
      Pattern.compile("(?i)['\"]?(v1a?,\\s*)?['\"]?wh(sec|sk|pk)_.*", Pattern.DOTALL);

  private SecretForm() {}

  /**
   * Refuses a near miss.
   *
   * @throws IllegalArgumentException saying which, without the secret
   */
  static void check(String secret) {
    if (!secret.isEmpty() && (isBlank(secret, 0) || isBlank(secret, secret.length() - 1))) {
      throw new IllegalArgumentException("must not begin or end with a blank or a line break");
    }
    if (!NEARLY.matcher(secret).matches()) {
      return;
    }
    if (secret.matches("(?s)['\"].*")) {
      throw new IllegalArgumentException("must not have quotation marks around it");
    }
    if (secret.matches("(?is)v1a?,.*")) {
      throw new IllegalArgumentException(
          "must not begin with v1, or v1a, which stand before signatures; leave that out");
    }
    if (secret.startsWith(Ed25519Key.PUBLIC_PREFIX)) {
      throw new IllegalArgumentException(
          "is a public key (whpk_), which signs nothing; the private key begins with whsk_");
    }
    if (secret.startsWith(SharedKey.PREFIX)) {
      int bytes = bytesBehind(SharedKey.PREFIX, secret);
      if (bytes < LEAST_BYTES) {
        throw new IllegalArgumentException(
            "that begins with whsec_ must hold at least %d bytes in base64, but holds %d"
                .formatted(LEAST_BYTES, bytes));
      }
    } else if (secret.startsWith(Ed25519Key.PREFIX)) {
      int bytes = bytesBehind(Ed25519Key.PREFIX, secret);
      if (bytes != Ed25519Key.LENGTH && bytes != 2 * Ed25519Key.LENGTH) {
        throw new IllegalArgumentException(
            "that begins with whsk_ must hold 32 bytes in base64, or 64 with the public key, but holds "
                + bytes);
      }
    } else {
      throw new IllegalArgumentException(
          "must have its first word (whsec_ or whsk_) in lower case");
    }
  }

  /** Java decodes base64 that other languages refuse, such as without the = at its end. */
  private static int bytesBehind(String prefix, String secret) {
    String text = secret.substring(prefix.length());
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      if (Base64.getEncoder().encodeToString(bytes).equals(text)) {
        return bytes.length;
      }
    } catch (IllegalArgumentException e) {
      // said below, without the character that its message holds
    }
    throw new IllegalArgumentException(
        "that begins with %s must continue in base64: A-Z, a-z, 0-9, + and /, and = up to a multiple of four"
            .formatted(prefix));
  }

  private static boolean isBlank(String text, int at) {
    char c = text.charAt(at);
    return Character.isWhitespace(c)
        || Character.isSpaceChar(c)
        || Character.isISOControl(c)
        || c == '\uFEFF'
        || c == '\u200B';
  }
}

package io.crmwebhooks.database;

import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Makes any text one that PostgreSQL can keep. Its {@code jsonb} takes neither NUL nor half a
 * character. A database that is not in UTF8 takes only the characters of its encoding. The encoding
 * is that of the database that this process has opened last. Thread-safe.
 */
public final class StorableText {
  private static final char UNKNOWN = '\uFFFD';
  private static final char UNKNOWN_IN_ASCII = '?';

  private static volatile Charset charset = StandardCharsets.UTF_8;

  private StorableText() {}

  /**
   * Says what the database can keep.
   *
   * @param encoding as PostgreSQL calls it; of those of several bytes, UTF8 aside, only ASCII is
   *     used, since others may map them differently
   */
  static void keepTo(String encoding) {
    charset =
        switch (encoding) {
          case "UTF8", "SQL_ASCII" -> StandardCharsets.UTF_8;
          case "LATIN1" -> StandardCharsets.ISO_8859_1;
          case "LATIN9" -> Charset.forName("ISO-8859-15");
          case "WIN1250", "WIN1251", "WIN1252" ->
              Charset.forName(encoding.replace("WIN", "windows-"));
          default -> StandardCharsets.US_ASCII;
        };
  }

  /** The text with what cannot be kept replaced by U+FFFD or a question mark; null stays null. */
  public static String of(String text) {
    return kept(text, charset);
  }

  /** As {@link #of}, of ASCII only: every database can keep it. */
  public static String ascii(String text) {
    return kept(text, StandardCharsets.US_ASCII);
  }

  /** Whether all of the text can be kept as it is. */
  public static boolean isOne(String text) {
    return text.indexOf(0) < 0 && charset.newEncoder().canEncode(text);
  }

  private static String kept(String text, Charset charset) {
    if (text == null) {
      return null;
    }
    CharsetEncoder encoder = charset.newEncoder();
    if (text.indexOf(0) < 0 && encoder.canEncode(text)) {
      return text;
    }
    char unknown = encoder.canEncode(UNKNOWN) ? UNKNOWN : UNKNOWN_IN_ASCII;
    StringBuilder kept = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> c != 0 && encoder.canEncode(Character.toString(c)) ? c : unknown)
        .forEach(kept::appendCodePoint);
    return kept.toString();
  }
}

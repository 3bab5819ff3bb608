package io.crmwebhooks.record;

/**
 * Makes any text one that PostgreSQL can keep: its {@code jsonb} takes neither NUL nor half a
 * character.
 */
public final class StorableText {
  private static final char UNKNOWN = '\uFFFD';

  private StorableText() {}

  /** The text with what cannot be kept replaced by U+FFFD; null stays null. */
  public static String of(String text) {
    if (text == null) {
      return null;
    }
    StringBuilder kept = new StringBuilder(text.length());
    text.codePoints()
        .map(
            c ->
                c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)
                    ? UNKNOWN
                    : c)
        .forEach(kept::appendCodePoint);
    return kept.toString();
  }
}

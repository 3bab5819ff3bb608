package io.crmwebhooks.admin;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Where a page has ended of a list that is merged of two. It is no secret: it holds nothing that
 * the caller may not see.
 *
 * @param key of the last row from the tables; null: none yet
 * @param isHereOver whether the tables have no more
 * @param elsewhere the place in the other; null: none yet
 * @param isElsewhereOver whether that has no more
 */
record MergedCursor(String key, boolean isHereOver, String elsewhere, boolean isElsewhereOver) {
  static final String EXPECTED = "must be the nextCursor of a page of this list";

  private static final String KIND = "deliveries";
  private static final String OVER = "!";
  private static final int PARTS = 3;

  /**
   * The cursor that a call gives; the beginning where it gives none.
   *
   * @param keys of the rows in the tables
   */
  static MergedCursor of(Fields fields, PageWalk.Keys keys) {
    MergedCursor given =
        fields.parse("cursor", Fields.orElse(EXPECTED, (String text) -> parse(text, keys)));
    return given == null ? new MergedCursor(null, false, null, false) : given;
  }

  private static MergedCursor parse(String text, PageWalk.Keys keys) {
    String plain = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
    String[] parts = plain.split(":", -1);
    if (parts.length != PARTS || !parts[0].equals(KIND)) {
      throw new IllegalArgumentException();
    }
    String key = orNull(parts[1]);
    if (key != null && !keys.form().matcher(key).matches()) {
      throw new IllegalArgumentException();
    }
    return new MergedCursor(key, parts[1].equals(OVER), orNull(parts[2]), parts[2].equals(OVER));
  }

  private static String orNull(String part) {
    return part.isEmpty() || part.equals(OVER) ? null : part;
  }

  /** The key, as {@link #text} takes it. */
  String keyOrStart() {
    return isHereOver ? null : key == null ? "" : key;
  }

  /** The other place, as {@link #text} takes it. */
  String elsewhereOrStart() {
    return isElsewhereOver ? null : elsewhere == null ? "" : elsewhere;
  }

  /**
   * @param key empty: at the newest row; null: there are no more
   * @param elsewhere the same of the other
   * @return null: that was all
   */
  static String text(String key, String elsewhere) {
    if (key == null && elsewhere == null) {
      return null;
    }
    String plain =
        KIND + ":" + (key == null ? OVER : key) + ":" + (elsewhere == null ? OVER : elsewhere);
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(plain.getBytes(StandardCharsets.UTF_8));
  }
}

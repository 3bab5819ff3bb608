package io.crmwebhooks.admin;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * Where a page ended, as the opaque text that the caller gives back for the next one. It is the key
 * of the last row looked at, so that a page costs the same however far back it is, and rows that
 * come in meanwhile move nothing. It is no secret, and holds nothing that the caller may not see.
 */
public final class Cursor {
  private Cursor() {}

  /**
   * @param kind of list, so that a cursor of one is not taken for one of another
   */
  public static String of(String kind, String key) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((kind + ":" + key).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The key in a cursor.
   *
   * @param key the form that keys of this list have; a cursor that is made up may hold any such
   * @throws IllegalArgumentException when it is not one of this list
   */
  public static String key(String kind, String cursor, Pattern key) {
    String text;
    try {
      text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      text = "";
    }
    String prefix = kind + ":";
    if (!text.startsWith(prefix) || !key.matcher(text.substring(prefix.length())).matches()) {
      throw new IllegalArgumentException("must be the nextCursor of a page of this list");
    }
    return text.substring(prefix.length());
  }
}

package io.crmwebhooks.admin;

/**
 * Says whether a record may stand in an answer as the JSON that it is. PostgreSQL takes JSON that
 * the parsers of callers do not: nested thousands of levels deep, with a number of thousands of
 * digits, or with an exponent beyond any type. Such a record is shown as text only.
 */
final class RecordText {
  /** The longest of a record that is shown, in characters; the statement cuts it there. */
  static final int MOST = 500_000;

  private static final int LEVELS = 100;
  private static final int NUMBER_LENGTH = 500;
  private static final int EXPONENT_LENGTH = 5;

  private RecordText() {}

  /**
   * @param json as PostgreSQL keeps it, which is valid
   */
  static boolean isPlain(String json) {
    int level = 0;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (c == '"') {
        i = endOfText(json, i);
      } else if (c == '{' || c == '[') {
        level++;
      } else if (c == '}' || c == ']') {
        level--;
      } else if (c >= '0' && c <= '9') {
        int end = endOfNumber(json, i);
        if (!isPlainNumber(json.substring(i, end))) {
          return false;
        }
        i = end - 1;
      }
      if (level > LEVELS) {
        return false;
      }
    }
    return true;
  }

  private static int endOfText(String json, int quote) {
    int at = quote + 1;
    while (at < json.length() && json.charAt(at) != '"') {
      at += json.charAt(at) == '\\' ? 2 : 1;
    }
    return at;
  }

  private static int endOfNumber(String json, int start) {
    int end = start;
    while (end < json.length() && "0123456789+-.eE".indexOf(json.charAt(end)) >= 0) {
      end++;
    }
    return end;
  }

  private static boolean isPlainNumber(String number) {
    int exponent = Math.max(number.indexOf('e'), number.indexOf('E'));
    return number.length() <= NUMBER_LENGTH
        && (exponent < 0 || number.length() - exponent - 1 <= EXPONENT_LENGTH);
  }
}

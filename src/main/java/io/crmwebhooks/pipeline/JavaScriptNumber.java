package io.crmwebhooks.pipeline;

/**
 * A number as JavaScript writes it: its layout depends on how many digits there are and where the
 * point is. Every digit stays, also where JavaScript would round. Source: ECMA-262, section
 * 6.1.6.1.20.
 */
final class JavaScriptNumber {
  private static final int LONGEST_PLAIN = 21;
  private static final int SMALLEST_PLAIN = -6;
  private static final int LONGEST_EXPONENT = 9;

  private JavaScriptNumber() {}

  /**
   * Appends a number of a JSON text. One that is cut off, or has an exponent of ten digits, is
   * appended as it is.
   */
  static void append(StringBuilder out, String json, int start, int end) {
    int from = json.charAt(start) == '-' ? start + 1 : start;
    int mantissaEnd = from;
    int point = -1;
    while (mantissaEnd < end && (json.charAt(mantissaEnd) | ' ') != 'e') {
      if (json.charAt(mantissaEnd) == '.') {
        point = mantissaEnd;
      }
      mantissaEnd++;
    }
    boolean plain = point < 0 && mantissaEnd == end && end - from <= LONGEST_PLAIN;
    Integer exponent = exponent(json, mantissaEnd, end);
    if (plain && !json.startsWith("-0", start) || exponent == null) {
      out.append(json, start, end);
      return;
    }
    String digits = json.substring(from, mantissaEnd).replace(".", "");
    int first = 0;
    while (first < digits.length() && digits.charAt(first) == '0') {
      first++;
    }
    int last = digits.length();
    while (last > first && digits.charAt(last - 1) == '0') {
      last--;
    }
    if (first == last) {
      out.append('0'); // also for a negative zero
      return;
    }
    out.append(json, start, from);
    int whole = (point < 0 ? mantissaEnd : point) - from + exponent;
    layOut(out, digits.substring(first, last), whole - first);
  }

  /** Null where it cannot be read. */
  private static Integer exponent(String json, int mantissaEnd, int end) {
    if (mantissaEnd == end) {
      return 0;
    }
    if (end - mantissaEnd > LONGEST_EXPONENT) {
      return null;
    }
    try {
      return Integer.valueOf(json.substring(mantissaEnd + 1, end));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /**
   * @param digits without zeros at either end
   * @param whole how many of them stand before the point
   */
  private static void layOut(StringBuilder out, String digits, int whole) {
    int count = digits.length();
    if (count <= whole && whole <= LONGEST_PLAIN) {
      out.append(digits).append("0".repeat(whole - count));
    } else if (whole > 0 && whole <= LONGEST_PLAIN) {
      out.append(digits, 0, whole).append('.').append(digits, whole, count);
    } else if (whole > SMALLEST_PLAIN && whole <= 0) {
      out.append("0.").append("0".repeat(-whole)).append(digits);
    } else {
      out.append(digits.charAt(0));
      if (count > 1) {
        out.append('.').append(digits, 1, count);
      }
      out.append('e').append(whole > 0 ? '+' : '-').append(Math.abs(whole - 1));
    }
  }
}

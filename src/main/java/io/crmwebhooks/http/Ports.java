package io.crmwebhooks.http;

import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Ports and ranges of ports, separated by commas. Immutable. */
public final class Ports {
  private static final int LAST = 65535;
  private static final Pattern RANGE = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?");

  private final BitSet ports = new BitSet();

  private Ports(String text) {
    for (String entry : text.split(",", -1)) {
      Matcher range = RANGE.matcher(entry.trim());
      int first = range.matches() ? Integer.parseInt(range.group(1)) : 0;
      int last = first > 0 && range.group(2) != null ? Integer.parseInt(range.group(2)) : first;
      if (first < 1 || last < first || last > LAST) {
        throw new IllegalArgumentException(
            "must be ports from 1 to 65535 and ranges of them, such as 443,8000-8999; '"
                + entry.trim()
                + "' is neither");
      }
      ports.set(first, last + 1);
    }
  }

  /**
   * Reads a list.
   *
   * @throws IllegalArgumentException naming the entry that is neither a port nor a range
   */
  public static Ports parse(String text) {
    return new Ports(text);
  }

  boolean contains(int port) {
    return port > 0 && ports.get(port);
  }
}

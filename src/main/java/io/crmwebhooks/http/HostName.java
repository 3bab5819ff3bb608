package io.crmwebhooks.http;

import java.net.IDN;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Names of hosts as they are written, sent and looked up: always in ASCII. */
public final class HostName {
  /** The last label has a letter, or the name could be read as an address. */
  private static final Pattern NAME =
      Pattern.compile("([\\w-]{1,63}\\.)*(?=[\\w-]*[a-zA-Z])[\\w-]{1,63}");

  private static final int LONGEST = 253;

  private HostName() {}

  /**
   * Says whether this is a name; a dot may follow it. Underscores are common inside of networks.
   */
  static boolean is(String text) {
    String name = AddressLiteral.withoutTrailingDot(text);
    return name.length() <= LONGEST && NAME.matcher(name).matches();
  }

  /**
   * The {@code xn--} form of an international name, or empty where Java (IDNA 2003) may compute
   * another one than browsers (UTS 46): {@code straße} is {@code strasse} for Java, and another
   * domain for them.
   */
  static Optional<String> asciiForm(String international) {
    String name = international.toLowerCase(Locale.ROOT);
    if (!Normalizer.isNormalized(name, Normalizer.Form.NFKC)
        || !name.codePoints().allMatch(c -> c < 128 || isTheSameEverywhere(c))) {
      return Optional.empty();
    }
    try {
      String ascii = IDN.toASCII(name);
      return is(ascii) && IDN.toUnicode(ascii).equals(name) ? Optional.of(ascii) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Lower-case letters, without those that are written ss and σ by the older rule. */
  private static boolean isTheSameEverywhere(int letter) {
    return Character.isLetter(letter)
        && Character.toLowerCase(letter) == letter
        && letter != 'ß'
        && letter != 'ς'
        && Character.UnicodeBlock.of(letter) != Character.UnicodeBlock.HANGUL_JAMO;
  }

  /**
   * The name that was meant. HttpClient decodes a name that begins with {@code xn--}, if and only
   * if Java encodes it to the same again.
   *
   * @param name as HttpClient has it
   */
  public static String asSent(String name) {
    return name.chars().allMatch(c -> c < 128) ? name : IDN.toASCII(name);
  }
}

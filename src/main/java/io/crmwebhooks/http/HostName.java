package io.crmwebhooks.http;

import inet.ipaddr.AddressStringParameters.RangeParameters;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressNetwork.IPAddressGenerator;
import inet.ipaddr.IPAddressString;
import inet.ipaddr.IPAddressStringParameters;
import java.net.IDN;
import java.net.InetAddress;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Hosts as people and resolvers write them. Names are always in ASCII; addresses are dotted, octal,
 * hexadecimal, one integer, in short forms, IPv6 with or without brackets and zone, with a trailing
 * dot.
 */
final class HostName {
  /** The last label has a letter, or the name could be read as an address. */
  private static final Pattern NAME =
      Pattern.compile("([\\w-]{1,63}\\.)*(?=[\\w-]*[a-zA-Z])[\\w-]{1,63}");

  private static final int LONGEST = 253;

  private static final IPAddressStringParameters ANY_SPELLING =
      new IPAddressStringParameters.Builder()
          .allowEmpty(false)
          .allowAll(false)
          .allowPrefix(false)
          .allowMask(false)
          .allowWildcardedSeparator(false)
          .setRangeOptions(RangeParameters.NO_RANGE)
          .toParams();

  private static final IPAddressStringParameters USUAL_SPELLING =
      new IPAddressStringParameters.Builder()
          .allowEmpty(false)
          .allowAll(false)
          .allowMask(false)
          .allowWildcardedSeparator(false)
          .setRangeOptions(RangeParameters.NO_RANGE)
          .getIPv4AddressParametersBuilder()
          .allow_inet_aton(false)
          .allowBinary(false)
          .allowLeadingZeros(false)
          .getParentBuilder()
          .getIPv6AddressParametersBuilder()
          .allow_mixed_inet_aton(false)
          .allowZone(false)
          .getParentBuilder()
          .toParams();

  private static final IPAddressGenerator ADDRESSES = new IPAddressGenerator();

  private HostName() {}

  /**
   * Says whether this is a name; a dot may follow it. Underscores are common inside of networks.
   */
  static boolean is(String text) {
    String name = withoutTrailingDot(text);
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
  static String asSent(String name) {
    return name.chars().allMatch(c -> c < 128) ? name : IDN.toASCII(name);
  }

  /** The address that a host is a spelling of, without its zone; empty for a name. */
  static Optional<IPAddress> address(String host) {
    String text = withoutTrailingDot(host);
    if (text.startsWith("[") && text.endsWith("]")) {
      text = text.substring(1, text.length() - 1);
    }
    int zone = text.indexOf('%');
    if (zone >= 0) {
      text = text.substring(0, zone);
    }
    return Optional.ofNullable(new IPAddressString(text, ANY_SPELLING).getAddress());
  }

  /**
   * The address that this is, in the spelling that all programs read alike; a prefix may follow.
   */
  static Optional<IPAddress> addressInUsualSpelling(String text) {
    return Optional.ofNullable(new IPAddressString(text, USUAL_SPELLING).getAddress());
  }

  /** An address without its zone. */
  static IPAddress address(InetAddress address) {
    return ADDRESSES.from(address.getAddress());
  }

  static String withoutTrailingDot(String host) {
    return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
  }

  /** Hosts, addresses and CIDR blocks, separated by commas. Immutable. */
  public static final class AllowList {
    private final Set<String> names = new HashSet<>();
    private final List<IPAddress> blocks = new ArrayList<>();

    private AllowList(String entries) {
      for (String entry : entries.split(",")) {
        if (!entry.isBlank()) {
          add(entry.trim());
        }
      }
    }

    /**
     * Reads a list; an empty one allows nothing.
     *
     * @throws IllegalArgumentException naming the entry that is none
     */
    public static AllowList parse(String entries) {
      return new AllowList(entries);
    }

    private void add(String entry) {
      String ascii = HostName.asciiForm(entry).orElse(entry);
      if (HostName.is(ascii)) {
        names.add(normal(ascii));
        return;
      }
      String bare = entry.startsWith("[") && entry.endsWith("]") ? strip(entry) : entry;
      IPAddress address =
          HostName.addressInUsualSpelling(bare)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "must be hosts, addresses and CIDR blocks separated by commas, such as "
                              + "10.1.2.0/24,receiver.internal; '"
                              + entry
                              + "' is none of them"));
      blocks.add(address.toPrefixBlock());
    }

    private static String strip(String bracketed) {
      return bracketed.substring(1, bracketed.length() - 1);
    }

    private static String normal(String host) {
      return HostName.withoutTrailingDot(host).toLowerCase(Locale.ROOT);
    }

    /** Says whether the name stands in the list. */
    boolean names(String host) {
      return !names.isEmpty() && names.contains(normal(host));
    }

    /** Says whether the address, or a block that it is in, stands in the list. */
    boolean holds(IPAddress address) {
      return blocks.stream().anyMatch(block -> block.contains(address));
    }
  }
}

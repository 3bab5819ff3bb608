package io.crmwebhooks.egress;

import inet.ipaddr.AddressStringException;
import inet.ipaddr.AddressStringParameters.RangeParameters;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import inet.ipaddr.IPAddressStringParameters;
import java.net.IDN;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Hosts, addresses and CIDR blocks, separated by commas. Immutable. */
public final class AllowList {
  private static final Pattern NAME =
      Pattern.compile("([\\w-]{1,63}\\.)*(?=[\\w-]*[a-zA-Z])[\\w-]{1,63}");
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
          .getParentBuilder()
          .getIPv6AddressParametersBuilder()
          .allowZone(false)
          .getParentBuilder()
          .toParams();

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
    String name = normal(entry);
    if (NAME.matcher(name).matches()) {
      names.add(name);
      return;
    }
    try {
      String bare = entry.startsWith("[") && entry.endsWith("]") ? strip(entry) : entry;
      blocks.add(new IPAddressString(bare, USUAL_SPELLING).toAddress().toPrefixBlock());
    } catch (AddressStringException | RuntimeException e) {
      throw new IllegalArgumentException(
          "must be hosts, addresses and CIDR blocks separated by commas, such as "
              + "10.1.2.0/24,receiver.internal; '"
              + entry
              + "' is none of them");
    }
  }

  private static String strip(String bracketed) {
    return bracketed.substring(1, bracketed.length() - 1);
  }

  private static String normal(String host) {
    try {
      return IDN.toASCII(AddressLiteral.withoutTrailingDot(host)).toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException e) {
      return host; // no name
    }
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

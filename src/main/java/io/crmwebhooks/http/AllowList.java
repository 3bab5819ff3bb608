package io.crmwebhooks.http;

import inet.ipaddr.IPAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Hosts, addresses and CIDR blocks, separated by commas. Immutable. */
public final class AllowList {
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

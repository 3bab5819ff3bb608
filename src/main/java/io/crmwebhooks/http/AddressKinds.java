package io.crmwebhooks.http;

import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import inet.ipaddr.ipv6.IPv6Address;
import java.util.List;
import java.util.Optional;

/**
 * Tells public addresses from all others. Sources: the IANA special-purpose registries at
 * https://www.iana.org/assignments/iana-ipv4-special-registry and
 * https://www.iana.org/assignments/iana-ipv6-special-registry, all that is not globally reachable
 * there. Blocks of which only single service addresses are reachable count as a whole, and so do
 * the transition mechanisms that hide an IPv4 address.
 */
final class AddressKinds {
  private record Block(IPAddress addresses, String kind) {
    Block(String cidr, String kind) {
      this(new IPAddressString(cidr).getAddress(), kind);
    }
  }

  private static final String PUBLIC = "a public address";

  /** The first that holds an address names its kind. */
  private static final List<Block> KINDS =
      List.of(
          new Block("0.0.0.0/8", "an unspecified address"),
          new Block("10.0.0.0/8", "a private address"),
          new Block("100.64.0.0/10", "a carrier's shared address"),
          new Block("127.0.0.0/8", "a loopback address"),
          new Block(
              "168.63.129.16", "an address of a cloud's own services"), // Azure, not in IANA's
          new Block("169.254.0.0/16", "a link-local address, as of cloud metadata"),
          new Block("172.16.0.0/12", "a private address"),
          new Block("192.0.0.0/24", "an address for protocols"),
          new Block("192.0.2.0/24", "an address for documentation"),
          new Block("192.88.99.0/24", "an address of 6to4 relays"),
          new Block("192.168.0.0/16", "a private address"),
          new Block("198.18.0.0/15", "an address for benchmarks"),
          new Block("198.51.100.0/24", "an address for documentation"),
          new Block("203.0.113.0/24", "an address for documentation"),
          new Block("224.0.0.0/4", "a multicast address"),
          new Block("255.255.255.255", "the broadcast address"),
          new Block("240.0.0.0/4", "a reserved address"),
          new Block("0.0.0.0/0", PUBLIC),
          new Block("::", "an unspecified address"),
          new Block("::1", "a loopback address"),
          new Block("::/96", "an IPv4 address in disguise"),
          new Block("64:ff9b:1::/48", "an address of local NAT64"),
          new Block("100::/16", "an address that discards"),
          new Block("2001::/23", "an address for protocols"), // Teredo among them
          new Block("2001:db8::/32", "an address for documentation"),
          new Block("2002::/16", "a 6to4 address"),
          new Block("3fff::/20", "an address for documentation"),
          new Block("5f00::/16", "an address for segment routing"),
          new Block("fc00::/7", "a private address"),
          new Block("fe80::/10", "a link-local address"),
          new Block("fec0::/10", "a private address"),
          new Block("ff00::/8", "a multicast address"),
          new Block("2000::/3", PUBLIC), // all of IPv6 so far
          new Block("::/0", "a reserved address"));

  private AddressKinds() {}

  /** Empty for a public address, else what it is, with its article. */
  static Optional<String> problemOf(IPAddress address) {
    IPAddress looked = unwrapped(address);
    return KINDS.stream()
        .filter(block -> block.addresses.contains(looked))
        .findFirst()
        .map(Block::kind)
        .filter(kind -> !kind.equals(PUBLIC));
  }

  /** The IPv4 address that an IPv6 one is led to: mapped, or through the well-known NAT64. */
  private static IPAddress unwrapped(IPAddress address) {
    if (address.isIPv6()) {
      IPv6Address v6 = address.toIPv6();
      if (v6.isIPv4Mapped() || v6.isWellKnownIPv4Translatable()) {
        return v6.getEmbeddedIPv4Address();
      }
    }
    return address;
  }
}

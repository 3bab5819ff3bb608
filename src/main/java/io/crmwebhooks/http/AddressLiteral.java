package io.crmwebhooks.http;

import inet.ipaddr.AddressStringParameters.RangeParameters;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressNetwork.IPAddressGenerator;
import inet.ipaddr.IPAddressString;
import inet.ipaddr.IPAddressStringParameters;
import java.net.InetAddress;
import java.util.Optional;

/**
 * Addresses as people and resolvers write them: dotted, octal, hexadecimal, one integer, short
 * forms, IPv6 with or without brackets and zone, with a trailing dot.
 */
final class AddressLiteral {
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

  private AddressLiteral() {}

  /** The address that a host is a spelling of, without its zone; empty for a name. */
  static Optional<IPAddress> of(String host) {
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
  static Optional<IPAddress> inUsualSpelling(String text) {
    return Optional.ofNullable(new IPAddressString(text, USUAL_SPELLING).getAddress());
  }

  /** An address without its zone. */
  static IPAddress of(InetAddress address) {
    return ADDRESSES.from(address.getAddress());
  }

  static String withoutTrailingDot(String host) {
    return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
  }
}

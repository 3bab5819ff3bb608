package io.crmwebhooks.http;

import inet.ipaddr.IPAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a webhook is sent, taken apart without a change: each part goes out with the bytes that it
 * is written with. Text that other programs would read in another way is no target. Immutable.
 *
 * <p>The target {@code route:NAME} is no URL to send to: it leads to the user's own route {@code
 * target-NAME}.
 *
 * @param scheme in lower case
 * @param host a name, an IPv4 address, or an IPv6 address in brackets; of a route its NAME
 * @param port the one of the scheme where the URL has none
 * @param path with the query; {@code /} where the URL has none
 */
public record Target(String scheme, String host, int port, String path) {
  private static final String ROUTE = "route";
  private static final Pattern ROUTE_NAME = Pattern.compile("[A-Za-z0-9-]{1,100}");
  private static final Pattern SCHEME = Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]*)://(.*)");
  private static final Pattern PARTS = Pattern.compile("([^/?]*)([^?]*)(\\?.*)?");
  private static final Pattern HOST_AND_PORT =
      Pattern.compile("(\\[[^\\[\\]]*]|[^:\\[\\]]*)(?::([^:]*))?");

  /** https://www.rfc-editor.org/rfc/rfc3986#section-3.3 */
  private static final String IN_PATH = "A-Za-z0-9._~!$&'()*+,;=:@/-";

  private static final Pattern NOT_IN_PATH = notIn(IN_PATH);

  /** Brackets are sent as they are by browsers too, and some receivers' parameters have them. */
  private static final Pattern NOT_IN_QUERY = notIn("?\\[\\]" + IN_PATH);

  private static Pattern notIn(String characters) {
    return Pattern.compile("%(?![0-9A-Fa-f]{2})|[^%" + characters + "]", Pattern.DOTALL);
  }

  /**
   * Takes a URL apart.
   *
   * @throws IllegalArgumentException saying what is wrong with it, without the URL, in which a
   *     password may stand
   */
  public static Target parse(String url) {
    if (url.startsWith(ROUTE + ":")) {
      return ofRoute(url.substring(ROUTE.length() + 1));
    }
    if (!url.equals(url.strip())) {
      throw wrong("it must not begin or end with a blank");
    }
    Matcher scheme = SCHEME.matcher(url);
    if (!scheme.matches()) {
      throw wrong(
          url.chars().anyMatch(c -> c < ' ')
              ? "it must not hold a line break or another control character"
              : "it must be http:// or https:// with a host");
    }
    String rest = scheme.group(2);
    if (rest.indexOf('\\') >= 0) {
      throw wrong("it must not hold a backslash, which some programs take for a slash");
    }
    if (rest.indexOf('#') >= 0) {
      throw wrong("it must not hold a fragment (#), which is never sent");
    }
    Matcher parts = PARTS.matcher(rest);
    parts.matches();
    String name = scheme.group(1).toLowerCase(Locale.ROOT);
    Matcher authority = authority(parts.group(1));
    String query = parts.group(3) == null ? "" : parts.group(3);
    int before = url.length() - rest.length() + parts.end(1);
    requireOnly(NOT_IN_PATH, parts.group(2), before);
    requireOnly(NOT_IN_QUERY, query, before + parts.group(2).length());
    return new Target(
        name,
        host(authority.group(1)),
        port(name, authority.group(2)),
        (parts.group(2).isEmpty() ? "/" : parts.group(2)) + query);
  }

  private static Target ofRoute(String name) {
    if (!ROUTE_NAME.matcher(name).matches()) {
      throw wrong("behind route: must stand 1 to 100 letters, digits and dashes");
    }
    return new Target(ROUTE, name, 0, "");
  }

  /** Whether it is a route of the user's own. */
  public boolean isRoute() {
    return scheme.equals(ROUTE);
  }

  private static void requireOnly(Pattern bad, String part, int before) {
    Matcher found = bad.matcher(part);
    if (!found.find()) {
      return;
    }
    int at = before + found.start() + 1;
    if (found.group().equals("%")) {
      throw wrong(
          "two hexadecimal digits must follow the % at character "
              + at
              + "; write %25 for the sign itself");
    }
    int character = found.group().codePointAt(0);
    if (Character.getType(character) == Character.SURROGATE) {
      throw wrong("character " + at + " is half of one");
    }
    StringBuilder encoded = new StringBuilder();
    for (byte b : Character.toString(character).getBytes(StandardCharsets.UTF_8)) {
      encoded.append("%%%02X".formatted(b));
    }
    throw wrong("character %d must be percent-encoded: %s".formatted(at, encoded));
  }

  private static Matcher authority(String text) {
    if (text.isEmpty()) {
      throw wrong("it must be http:// or https:// with a host");
    }
    if (text.contains("@")) {
      throw wrong("it must not hold a user or password; send an Authorization header instead");
    }
    Matcher authority = HOST_AND_PORT.matcher(text);
    if (!authority.matches()) {
      throw wrong("its host must be a name, an IPv4 address or an IPv6 address in brackets");
    }
    return authority;
  }

  private static int port(String scheme, String text) {
    if (text == null) {
      return scheme.equals("https") ? 443 : 80;
    }
    if (!text.matches("0|[1-9][0-9]{0,4}")) {
      throw wrong("a number from 1 to 65535 without leading zeros must follow the colon");
    }
    return Integer.parseInt(text);
  }

  private static String host(String host) {
    if (host.startsWith("[")) {
      return ipv6(host);
    }
    if (!host.chars().allMatch(c -> c < 128)) {
      throw wrong(
          "its host must be in ASCII; write "
              + HostName.asciiForm(host)
                  .orElse("the xn-- form, as the address bar of a browser has it"));
    }
    if (host.indexOf('%') >= 0) {
      throw wrong("its host must not be percent-encoded");
    }
    Optional<IPAddress> address = HostName.address(host);
    if (address.isPresent() && !address.get().toString().equals(host)) {
      throw wrong(host + " is another spelling of " + address.get() + "; write that");
    }
    if (address.isEmpty() && !HostName.is(host)) {
      throw wrong("'" + host + "' is not a valid host name");
    }
    return host;
  }

  private static String ipv6(String bracketed) {
    String text = bracketed.substring(1, bracketed.length() - 1);
    if (text.indexOf('%') >= 0) {
      throw wrong(
          "its address must not have a zone (%), which means something on one machine only");
    }
    if (!text.matches("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
        || HostName.addressInUsualSpelling(text).isEmpty()) {
      throw wrong("between the brackets of its host must stand an IPv6 address");
    }
    return bracketed;
  }

  /** As the {@code Host} header has it: the port only where it is not the one of the scheme. */
  public String authority() {
    return port == port(scheme, null) ? host : host + ":" + port;
  }

  /** The part that says which endpoint it is, in one spelling. */
  public String endpoint() {
    return isRoute()
        ? ROUTE + ":" + host
        : scheme + "://" + host.toLowerCase(Locale.ROOT) + ":" + port;
  }

  private static IllegalArgumentException wrong(String problem) {
    return new IllegalArgumentException("target URL: " + problem);
  }
}

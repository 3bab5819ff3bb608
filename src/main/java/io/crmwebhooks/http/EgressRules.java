package io.crmwebhooks.http;

import inet.ipaddr.IPAddress;
import io.crmwebhooks.http.HostName.AllowList;
import io.crmwebhooks.settings.Settings;
import java.util.BitSet;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hc.core5.http.HttpHost;

/**
 * The URLs that may be called: http and https, on the ports and addresses that the settings allow.
 * Immutable and thread-safe.
 */
public final class EgressRules {
  /** Ports and ranges of ports, separated by commas. Immutable. */
  static final class Ports {
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
    static Ports parse(String text) {
      return new Ports(text);
    }

    boolean contains(int port) {
      return port > 0 && ports.get(port);
    }
  }

  private final AllowList allow;
  private final Ports ports;
  private final EgressProxy proxy;

  /**
   * @param proxy null: everything is called directly
   */
  EgressRules(AllowList allow, Ports ports, EgressProxy proxy) {
    this.allow = allow;
    this.ports = ports;
    this.proxy = proxy;
  }

  public static EgressRules of(Settings settings) {
    HttpHost proxy = settings.value("webhooks.egress.proxy.url", HttpHost.class);
    return new EgressRules(
        settings.value("webhooks.egress.allow", AllowList.class),
        settings.value("webhooks.egress.ports", Ports.class),
        proxy == null
            ? null
            : new EgressProxy(
                proxy,
                settings.text("webhooks.egress.proxy.username"),
                settings.text("webhooks.egress.proxy.password"),
                settings.value("webhooks.egress.proxy.bypass", AllowList.class)));
  }

  /** Empty when everything is called directly. */
  public Optional<EgressProxy> proxy() {
    return Optional.ofNullable(proxy);
  }

  /** Says whether this host is called through the proxy, which then resolves its name. */
  public boolean isProxied(String host) {
    return proxy != null && !proxy.isBypassedFor(host);
  }

  /** Says whether the list allows the host by its name, whatever its addresses are. */
  boolean allowsByName(String host) {
    return allow.names(host);
  }

  /** Empty when the address may be called, else the sentence for a host that has only such ones. */
  Optional<String> problemOf(String host, IPAddress address) {
    return AddressKinds.problemOf(address)
        .filter(kind -> !allow.holds(address))
        .map(
            kind ->
                (host.equals(address.toString()) ? host + " is " : host + " is " + address + ", ")
                    + kind
                    + ", and webhooks.egress.allow does not list it");
  }

  /** Empty when this may be called, else what is wrong. */
  public Optional<String> problemOf(String scheme, int port) {
    if (!"http".equalsIgnoreCase(scheme) && !"https".equalsIgnoreCase(scheme)) {
      return Optional.of("only http:// and https:// are called, not " + scheme + "://");
    }
    return ports.contains(port)
        ? Optional.empty()
        : Optional.of("port " + port + " is none of webhooks.egress.ports");
  }

  /**
   * Empty when the text of the host allows a call: it is no literal address but an allowed one, in
   * any spelling, and not "localhost". The addresses of names are for the resolver, or the proxy,
   * to check.
   */
  public Optional<String> problemOf(String host) {
    if (allow.names(host)) {
      return Optional.empty();
    }
    return HostName.address(isLocalhost(host) ? "127.0.0.1" : host)
        .flatMap(address -> problemOf(host, address));
  }

  /**
   * Empty unless the host, which is called directly, is the proxy's own and nothing allows it. That
   * is not for the resolver to find: it cannot tell a call of the proxy from one through it.
   */
  public Optional<String> problemOfBypassing(String host) {
    if (proxy == null || !proxy.isAt(host) || allow.names(host)) {
      return Optional.empty();
    }
    Optional<IPAddress> literal = HostName.address(host);
    return literal.isPresent()
        ? problemOf(host, literal.get())
        : Optional.of(host + " is the proxy, and webhooks.egress.allow does not list that name");
  }

  private static boolean isLocalhost(String host) {
    String name = HostName.withoutTrailingDot(host).toLowerCase(Locale.ROOT);
    return name.equals("localhost") || name.endsWith(".localhost");
  }
}

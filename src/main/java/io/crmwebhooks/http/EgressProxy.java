package io.crmwebhooks.http;

import inet.ipaddr.IPAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import org.apache.hc.core5.http.HttpHost;

/**
 * The proxy that webhooks are sent through.
 *
 * @param host with its scheme, which says how the proxy itself is spoken to
 * @param username empty: no credentials
 * @param bypass what is called directly
 */
public record EgressProxy(HttpHost host, String username, String password, AllowList bypass) {

  /**
   * Reads the URL of a proxy; null when it is empty.
   *
   * @throws IllegalArgumentException without repeating the URL, in which a password may stand
   */
  public static HttpHost parseUrl(String url) {
    if (url.isEmpty()) {
      return null;
    }
    try {
      URI uri = new URI(url);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (http
          && uri.getHost() != null
          && uri.getPort() > 0
          && uri.getRawUserInfo() == null
          && uri.getRawPath().matches("/?")
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null) {
        return HttpHost.create(uri);
      }
    } catch (URISyntaxException e) {
      // said below
    }
    throw new IllegalArgumentException(
        "must be http://host:port or https://host:port; user and password have properties of their own");
  }

  /** Says whether a target is called directly, by its name or its literal address. */
  public boolean isBypassedFor(String host) {
    Optional<IPAddress> literal = AddressLiteral.of(host);
    return bypass.names(host) || literal.map(bypass::holds).orElse(false);
  }

  /** Says whether this is the proxy's own host. */
  boolean isAt(String other) {
    return HostName.asSent(host.getHostName()).equalsIgnoreCase(other);
  }

  /** Without the credentials. */
  @Override
  public String toString() {
    return "proxy " + host;
  }
}

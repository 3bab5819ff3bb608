package io.crmwebhooks.http;

import inet.ipaddr.IPAddress;
import io.crmwebhooks.http.HostName.AllowList;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.auth.BasicScheme;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.URIScheme;

/**
 * The proxy that webhooks are sent through.
 *
 * @param host with its scheme, which says how the proxy itself is spoken to
 * @param username empty: no credentials
 * @param bypass the hosts that are called directly
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
    Optional<IPAddress> literal = HostName.address(host);
    return bypass.names(host) || literal.map(bypass::holds).orElse(false);
  }

  /** Says whether this is the proxy's own host. */
  boolean isAt(String other) {
    return HostName.asSent(host.getHostName()).equalsIgnoreCase(other);
  }

  /** Has the client speak to it. */
  void install(HttpClientBuilder builder) {
    builder.addExecInterceptorBefore(ChainElement.PROTOCOL.name(), "proxy-guard", new Guard(this));
    builder.addExecInterceptorAfter(
        ChainElement.CONNECT.name(),
        "proxy-reached",
        (request, scope, chain) -> {
          DeliveryRequest.in(scope.clientContext).hasReachedTarget = true;
          if (scope.route.getProxyHost() != null && !scope.route.isTunnelled()) {
            nameTarget(request);
          }
          return chain.proceed(request, scope);
        });
  }

  /** For a proxy the request line names the host, which HttpClient would not write as it is. */
  private static void nameTarget(ClassicHttpRequest request) throws IOException {
    Target target = DeliveryRequest.of(request).target();
    request.setAuthority(null);
    request.setPath(target.scheme() + "://" + target.authority() + target.path());
  }

  /**
   * Speaks to the proxy and tells its answers from those of receivers: HttpClient hands on the
   * proxy's answer to a CONNECT as if it came from the receiver, and a 2xx would count as
   * delivered. Thread-safe.
   */
  private static final class Guard implements ExecChainHandler {
    private final EgressProxy proxy;

    Guard(EgressProxy proxy) {
      this.proxy = proxy;
    }

    @Override
    public ClassicHttpResponse execute(
        ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
        throws IOException, HttpException {
      if (scope.route.getProxyHost() == null) {
        return chain.proceed(request, scope);
      }
      DeliveryRequest delivery = DeliveryRequest.in(scope.clientContext);
      delivery.speaksTlsToProxy = URIScheme.HTTPS.same(proxy.host().getSchemeName());
      delivery.hasReachedTarget = false; // a request that is repeated may not get so far
      if (!proxy.username().isEmpty()) {
        BasicScheme basic = new BasicScheme();
        basic.initPreemptive(
            new UsernamePasswordCredentials(proxy.username(), proxy.password().toCharArray()));
        scope.clientContext.resetAuthExchange(scope.route.getProxyHost(), basic);
      }
      ClassicHttpResponse response = chain.proceed(request, scope);
      if (!delivery.hasReachedTarget
          || response.getCode() == HttpStatus.SC_PROXY_AUTHENTICATION_REQUIRED) {
        response.close();
        throw new EgressException("the proxy refused: " + answer(response.getCode()));
      }
      return response;
    }

    private static String answer(int status) {
      return status == HttpStatus.SC_PROXY_AUTHENTICATION_REQUIRED
          ? "HTTP 407, it wants other credentials"
          : "HTTP " + status;
    }
  }

  /** Without the credentials. */
  @Override
  public String toString() {
    return "proxy " + host;
  }
}

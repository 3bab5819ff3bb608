package io.crmwebhooks.http;

import io.crmwebhooks.domain.Webhook;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.client5.http.routing.HttpRoutePlanner;
import org.apache.hc.client5.http.routing.RoutingSupport;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.net.URIAuthority;

/**
 * Makes each request inside the HTTP client one of its webhook, and refuses what may not be called.
 * Thread-safe.
 *
 * <p>First it addresses the request to the target, not to the URL that it was made with. camel-http
 * and HttpClient would encode some characters anew, reject underscores and decode international
 * names. The target stands in the request line and the {@code Host} header as it is written.
 *
 * <p>Then it checks scheme and port, which do not depend on the address. It adds the webhook's own
 * headers and its access token, which the routes would log where messages are traced. It names the
 * owner of the connection, so that the pool never gives it to a webhook with another TLS identity
 * or workspace.
 */
final class EgressGuard implements HttpRoutePlanner, ExecChainHandler {
  private final EgressRules rules;
  private final TlsIdentities identities;

  EgressGuard(EgressRules rules, TlsIdentities identities) {
    this.rules = rules;
    this.identities = identities;
  }

  @Override
  public HttpRoute determineRoute(HttpHost host, HttpRequest request, HttpContext context) {
    if (!(request instanceof ClassicHttpRequest classic
        && classic.getEntity() instanceof DeliveryRequest delivery
        && delivery.target() != null)) {
      return new HttpRoute(RoutingSupport.normalize(host, null)); // and is refused below
    }
    Target target = delivery.target();
    HttpHost called = new HttpHost(target.scheme(), target.host(), target.port());
    request.setScheme(target.scheme());
    request.setAuthority(new URIAuthority(called));
    request.setPath(target.path());
    List<Header> headers = new ArrayList<>(List.of(request.getHeaders()));
    headers.add(0, new BasicHeader(HttpHeaders.HOST, target.authority()));
    request.setHeaders(headers.toArray(Header[]::new));
    boolean tls = target.scheme().equals("https");
    return rules.isProxied(target.host())
        ? new HttpRoute(called, null, rules.proxy().orElseThrow().host(), tls)
        : new HttpRoute(called, null, tls);
  }

  @Override
  public HttpRoute determineRoute(HttpHost host, HttpContext context) {
    return determineRoute(host, null, context);
  }

  @Override
  public ClassicHttpResponse execute(
      ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
      throws IOException, HttpException {
    DeliveryRequest delivery = DeliveryRequest.of(scope.originalRequest);
    Webhook webhook = delivery.webhook();
    HttpDestination destination = HttpDestination.of(webhook);
    Target target = delivery.target();
    require(rules.problemOf(target.scheme(), target.port()));
    boolean proxied = scope.route.getProxyHost() != null;
    require(proxied ? rules.problemOf(target.host()) : rules.problemOfBypassing(target.host()));
    delivery.ownedBy(
        new DeliveryRequest.Owner(identities.of(destination.tlsIdentity()), webhook.workspace()),
        scope.clientContext);
    RequestHeaders.addOwn(request, delivery.headers(), delivery.authorisation());
    return chain.proceed(request, scope);
  }

  private static void require(Optional<String> problem) throws EgressException {
    if (problem.isPresent()) {
      throw new EgressException("blocked: " + problem.get());
    }
  }
}

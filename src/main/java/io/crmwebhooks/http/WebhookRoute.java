package io.crmwebhooks.http;

import java.util.ArrayList;
import java.util.List;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.routing.HttpRoutePlanner;
import org.apache.hc.client5.http.routing.RoutingSupport;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.net.URIAuthority;

/**
 * Addresses each request to the target of its webhook, whatever URL it was made with: camel-http
 * and HttpClient would encode some characters anew, refuse underscores and decode international
 * names. The target stands in the request line and the {@code Host} header as it is written. The
 * first thing that is done to a request. Thread-safe.
 */
final class WebhookRoute implements HttpRoutePlanner {
  private final EgressProxy proxy;

  /**
   * @param proxy null: everything is called directly
   */
  WebhookRoute(EgressProxy proxy) {
    this.proxy = proxy;
  }

  @Override
  public HttpRoute determineRoute(HttpHost host, HttpRequest request, HttpContext context) {
    if (!(request instanceof ClassicHttpRequest classic
        && classic.getEntity() instanceof DeliveryRequest delivery
        && delivery.target() != null)) {
      return new HttpRoute(RoutingSupport.normalize(host, null)); // which the guards refuse
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
    return proxy == null || proxy.isBypassedFor(target.host())
        ? new HttpRoute(called, null, tls)
        : new HttpRoute(called, null, proxy.host(), tls);
  }

  @Override
  public HttpRoute determineRoute(HttpHost host, HttpContext context) {
    return determineRoute(host, null, context);
  }
}

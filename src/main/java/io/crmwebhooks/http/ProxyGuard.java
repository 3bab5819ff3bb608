package io.crmwebhooks.http;

import java.io.IOException;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.auth.BasicScheme;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.URIScheme;

/**
 * Speaks to the proxy and tells its answers from those of receivers: HttpClient hands on whatever
 * the proxy says to a CONNECT as if the receiver had said it, and a 2xx among it would count as
 * delivered. Thread-safe.
 */
final class ProxyGuard implements ExecChainHandler {
  private final EgressProxy proxy;

  private ProxyGuard(EgressProxy proxy) {
    this.proxy = proxy;
  }

  static void install(EgressProxy proxy, HttpClientBuilder builder) {
    builder.addExecInterceptorBefore(
        ChainElement.PROTOCOL.name(), "proxy-guard", new ProxyGuard(proxy));
    builder.addExecInterceptorAfter(
        ChainElement.CONNECT.name(),
        "proxy-reached",
        (request, scope, chain) -> {
          DeliveryRequest.in(scope.clientContext).reachTarget();
          if (scope.route.getProxyHost() != null && !scope.route.isTunnelled()) {
            nameTarget(request);
          }
          return chain.proceed(request, scope);
        });
  }

  @Override
  public ClassicHttpResponse execute(
      ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
      throws IOException, HttpException {
    if (scope.route.getProxyHost() == null) {
      return chain.proceed(request, scope);
    }
    DeliveryRequest delivery = DeliveryRequest.in(scope.clientContext);
    delivery.goesToProxy(URIScheme.HTTPS.same(proxy.host().getSchemeName()));
    if (!proxy.username().isEmpty()) {
      BasicScheme basic = new BasicScheme();
      basic.initPreemptive(
          new UsernamePasswordCredentials(proxy.username(), proxy.password().toCharArray()));
      scope.clientContext.resetAuthExchange(scope.route.getProxyHost(), basic);
    }
    ClassicHttpResponse response = chain.proceed(request, scope);
    if (!delivery.hasReachedTarget()
        || response.getCode() == HttpStatus.SC_PROXY_AUTHENTICATION_REQUIRED) {
      response.close();
      throw new EgressException("the proxy refused: " + answer(response.getCode()));
    }
    return response;
  }

  /** For a proxy the request line names the host, which HttpClient would not write as it is. */
  private static void nameTarget(ClassicHttpRequest request) throws IOException {
    Target target = DeliveryRequest.of(request).target();
    request.setAuthority(null);
    request.setPath(target.scheme() + "://" + target.authority() + target.path());
  }

  private static String answer(int status) {
    return status == HttpStatus.SC_PROXY_AUTHENTICATION_REQUIRED
        ? "HTTP 407, it wants other credentials"
        : "HTTP " + status;
  }
}

package io.crmwebhooks.http;

import io.crmwebhooks.domain.Webhook;
import java.io.IOException;
import java.util.Optional;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;

/**
 * Applies to each request inside the HTTP client what does not depend on the address: scheme, port,
 * the headers of its webhook's own, which the routes would log where messages are traced, and the
 * TLS identity of the webhook, which with its workspace is also the state of the connection, so
 * that the pool gives it to no webhook with others. Thread-safe.
 */
final class EgressGuard implements ExecChainHandler {
  private final EgressRules rules;
  private final TlsIdentities identities;

  EgressGuard(EgressRules rules, TlsIdentities identities) {
    this.rules = rules;
    this.identities = identities;
  }

  @Override
  public ClassicHttpResponse execute(
      ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
      throws IOException, HttpException {
    DeliveryRequest delivery = DeliveryRequest.of(scope.originalRequest);
    Webhook webhook = delivery.webhook();
    HttpDestination destination = HttpDestination.of(webhook);
    Target target = destination.target();
    require(rules.problemOf(target.scheme(), target.port()));
    boolean proxied = scope.route.getProxyHost() != null;
    require(proxied ? rules.problemOf(target.host()) : rules.problemOfBypassing(target.host()));
    delivery.ownedBy(
        new DeliveryRequest.Owner(identities.of(destination.tlsIdentity()), webhook.workspace()),
        scope.clientContext);
    RequestHeaders.addOwn(request, destination.headers());
    return chain.proceed(request, scope);
  }

  private static void require(Optional<String> problem) throws EgressException {
    if (problem.isPresent()) {
      throw new EgressException("blocked: " + problem.get());
    }
  }
}

package io.crmwebhooks.http;

import java.io.IOException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;

/**
 * Gives the requests of webhooks with {@link ClientCredentials} an access token, inside the HTTP
 * client, so that no message of a route ever holds one. When the receiver answers 401 it asks for
 * another token and sends the request once more, within the same attempt. Thread-safe.
 */
final class TokenGuard implements ExecChainHandler {
  private final Map<UUID, AccessToken> tokens = new ConcurrentHashMap<>();
  private final Supplier<TokenServer> server;
  private final LongSupplier nanoTime;

  /**
   * @param server asked for when the first token is needed
   */
  TokenGuard(Supplier<TokenServer> server, LongSupplier nanoTime) {
    this.server = server;
    this.nanoTime = nanoTime;
  }

  @Override
  public ClassicHttpResponse execute(
      ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
      throws IOException, HttpException {
    DeliveryRequest delivery = DeliveryRequest.of(scope.originalRequest);
    if (delivery.credentials() == null) {
      return chain.proceed(request, scope);
    }
    AccessToken token = of(delivery.webhook().id(), delivery.credentials());
    AccessToken.Held used = authorise(delivery, token);
    ClassicHttpResponse response = chain.proceed(request, scope);
    if (response.getCode() != HttpStatus.SC_UNAUTHORIZED || delivery.nanosLeft() == 0) {
      return response;
    }
    response.close();
    token.drop(used);
    authorise(delivery, token);
    return chain.proceed(ClassicRequestBuilder.copy(scope.originalRequest).build(), scope);
  }

  private AccessToken of(UUID webhook, ClientCredentials credentials) {
    AccessToken known = tokens.get(webhook);
    if (known != null && known.credentials().equals(credentials)) {
      return known;
    }
    tokens.values().removeIf(AccessToken::isIdle); // those of deleted webhooks among them
    return tokens.compute(
        webhook,
        (id, now) ->
            now != null && now.credentials().equals(credentials)
                ? now
                : new AccessToken(credentials, nanoTime));
  }

  private AccessToken.Held authorise(DeliveryRequest delivery, AccessToken token)
      throws TokenServerException {
    long began = nanoTime.getAsLong();
    boolean[] asked = {false};
    String error = null;
    try {
      AccessToken.Held held =
          token.get(
              delivery.nanosLeft(),
              nanos -> {
                asked[0] = true;
                return server.get().fetch(delivery.webhook(), token.credentials(), nanos);
              });
      delivery.authorise("Bearer " + held.value());
      return held;
    } catch (TokenServerException e) {
      error = e.getMessage();
      throw e;
    } finally {
      delivery.observeToken(asked[0], nanoTime.getAsLong() - began, error);
    }
  }
}

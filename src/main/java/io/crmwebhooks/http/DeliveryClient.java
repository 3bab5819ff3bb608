package io.crmwebhooks.http;

import io.crmwebhooks.settings.Version;
import java.time.Duration;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.camel.support.service.ServiceSupport;
import org.apache.camel.util.IOHelper;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.DefaultSchemePortResolver;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * Sets up camel-http's client for webhooks: kept-alive connections, no redirects, no cookies, and
 * no retries besides the retry schedule. The {@link EgressRules} hold for each request, and an
 * {@link AttemptGuard} for each attempt.
 */
public final class DeliveryClient extends ServiceSupport implements HttpClientConfigurer {
  private static final TimeValue EVICT_AFTER = TimeValue.ofSeconds(30);

  // So long an address may be used after the name has got another one, or the rules have changed.
  private static final TimeValue LIVE = TimeValue.ofMinutes(1);

  private final AttemptGuard guard;
  // Later than the guard, which ends an attempt at its deadline and knows what it was at.
  private final Timeout longest;
  private final EgressRules rules;
  private final TlsIdentities identities;
  private CloseableHttpClient tokens; // null: no webhook has asked for one

  /**
   * @param timeout the total deadline of one attempt, where the webhook has none of its own
   * @param longest the latest deadline, whatever the webhook says
   */
  public DeliveryClient(
      Duration timeout, Duration longest, EgressRules rules, TlsIdentities identities) {
    this.guard = new AttemptGuard(timeout, longest);
    this.longest = Timeout.of(longest.plusSeconds(1));
    this.rules = rules;
    this.identities = identities;
  }

  /**
   * The connection pool for camel-http. Its size is no limit: concurrency is bounded per webhook
   * before an attempt begins. LAX is the policy whose lock is not shared by all endpoints. It
   * connects only to addresses that the rules allow.
   */
  public HttpClientConnectionManager connections() {
    return connections(new EgressResolver(rules));
  }

  HttpClientConnectionManager connections(DnsResolver resolver) {
    return new PoolingHttpClientConnectionManagerBuilder() {
      @Override
      protected HttpClientConnectionOperator createConnectionOperator(
          SchemePortResolver ports, DnsResolver resolver, TlsSocketStrategy tls) {
        return new DeliveryConnector(
            ports == null ? DefaultSchemePortResolver.INSTANCE : ports, resolver, tls);
      }
    }.setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
        .setMaxConnPerRoute(Integer.MAX_VALUE)
        .setMaxConnTotal(Integer.MAX_VALUE)
        .setDnsResolver(resolver)
        .setConnectionFactory(socket -> new DeliveryConnection())
        .setTlsSocketStrategy(identities)
        .setDefaultSocketConfig(SocketConfig.custom().setSoTimeout(Timeout.DISABLED).build())
        .setDefaultConnectionConfig(
            ConnectionConfig.custom()
                .setConnectTimeout(longest)
                .setTimeToLive(LIVE)
                .setValidateAfterInactivity(TimeValue.ZERO_MILLISECONDS) // look at every use
                .build())
        .build();
  }

  @Override
  public void configureHttpClient(HttpClientBuilder builder) {
    configure(builder)
        .addExecInterceptorBefore(
            "egress-guard",
            "token-guard",
            new TokenGuard(
                () -> new TokenServer(tokenClient(), System::nanoTime), System::nanoTime));
  }

  private HttpClientBuilder configure(HttpClientBuilder builder) {
    EgressGuard egress = new EgressGuard(rules, identities);
    builder
        .addExecInterceptorFirst("attempt-guard", guard)
        .addExecInterceptorBefore(ChainElement.PROTOCOL.name(), "egress-guard", egress)
        .setDefaultRequestConfig(
            RequestConfig.custom().setConnectionRequestTimeout(longest).build())
        .setRoutePlanner(egress)
        .setConnectionReuseStrategy((request, response, context) -> true) // the connection says
        .setUserAgent(Version.userAgent()) // to a proxy, too
        .evictIdleConnections(EVICT_AFTER)
        .evictExpiredConnections()
        .disableRedirectHandling()
        .disableAutomaticRetries()
        .disableCookieManagement()
        .disableAuthCaching()
        .disableContentCompression();
    rules.proxy().ifPresent(proxy -> proxy.install(builder));
    return builder;
  }

  /** By the same rules, but for the token of its own. */
  private synchronized CloseableHttpClient tokenClient() {
    if (tokens == null) {
      tokens = configure(HttpClientBuilder.create().setConnectionManager(connections())).build();
    }
    return tokens;
  }

  /** Called by the endpoint that it configures. */
  @Override
  protected synchronized void doStop() {
    guard.close();
    IOHelper.close(tokens);
  }
}

package io.crmwebhooks.deliver;

import io.crmwebhooks.egress.EgressResolver;
import io.crmwebhooks.egress.EgressRules;
import io.crmwebhooks.egress.TlsIdentities;
import java.time.Duration;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.camel.support.service.ServiceSupport;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * Sets up camel-http's client for sending webhooks: kept-alive connections, no redirects, no
 * cookies, nothing sent again behind the back of the retry schedule, nothing sent where the {@link
 * EgressRules} forbid it, and every attempt under an {@link AttemptGuard}.
 */
public final class DeliveryClient extends ServiceSupport implements HttpClientConfigurer {
  // A connection that was idle longer is probed before it is used, since receivers close idle ones.
  private static final TimeValue PROBE_AFTER = TimeValue.ofSeconds(1);
  private static final TimeValue EVICT_AFTER = TimeValue.ofSeconds(30);

  // What is read of a body is the guard's to bound; this is for what comes before it.
  private static final Http1Config HEADER_LIMITS =
      Http1Config.custom().setMaxLineLength(16 * 1024).setMaxHeaderCount(100).build();

  private final AttemptGuard guard;
  // Later than the guard, which ends an attempt at its deadline and knows what it was at.
  private final Timeout longest;
  private final String userAgent;
  private final EgressRules rules;
  private final TlsIdentities identities;

  /**
   * @param timeout the total deadline of one attempt, where the webhook has none of its own
   * @param longest the latest deadline, whatever the webhook says
   */
  public DeliveryClient(
      Duration timeout,
      Duration longest,
      String userAgent,
      EgressRules rules,
      TlsIdentities identities) {
    this.guard = new AttemptGuard(timeout, longest);
    this.longest = Timeout.of(longest.plusSeconds(1));
    this.userAgent = userAgent;
    this.rules = rules;
    this.identities = identities;
  }

  /**
   * The connection pool for camel-http. Its size is no limit of its own: concurrency is bounded per
   * webhook before an attempt begins, and LAX is the policy whose lock is not shared by all
   * endpoints. It connects only to addresses that the rules allow.
   */
  public HttpClientConnectionManager connections() {
    return connections(new EgressResolver(rules));
  }

  HttpClientConnectionManager connections(DnsResolver resolver) {
    PoolingHttpClientConnectionManager connections =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
            .setMaxConnPerRoute(Integer.MAX_VALUE)
            .setMaxConnTotal(Integer.MAX_VALUE)
            .setDnsResolver(new BoundedResolver(resolver))
            .setConnectionFactory(
                ManagedHttpClientConnectionFactory.builder().http1Config(HEADER_LIMITS).build())
            .setTlsSocketStrategy(new WebhookTls(identities))
            .setDefaultConnectionConfig(
                ConnectionConfig.custom()
                    .setConnectTimeout(longest)
                    .setSocketTimeout(longest)
                    .setValidateAfterInactivity(PROBE_AFTER)
                    .build())
            .build();
    return connections;
  }

  @Override
  public void configureHttpClient(HttpClientBuilder builder) {
    builder
        .addExecInterceptorFirst("attempt-guard", guard)
        .addExecInterceptorBefore(
            ChainElement.PROTOCOL.name(), "egress-guard", new EgressGuard(rules, identities))
        .setDefaultRequestConfig(
            RequestConfig.custom()
                .setResponseTimeout(longest)
                .setConnectionRequestTimeout(longest)
                .build())
        .setRoutePlanner(new WebhookRoute(rules.proxy().orElse(null)))
        .setUserAgent(userAgent)
        .evictIdleConnections(EVICT_AFTER)
        .evictExpiredConnections()
        .disableRedirectHandling()
        .disableAutomaticRetries()
        .disableCookieManagement()
        .disableAuthCaching()
        .disableContentCompression();
    rules.proxy().ifPresent(proxy -> ProxyGuard.install(proxy, builder));
  }

  /** Called by the endpoint that it configures. */
  @Override
  protected void doStop() {
    guard.close();
  }
}

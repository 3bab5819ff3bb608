package io.crmwebhooks.http;

import io.crmwebhooks.domain.Request;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.pipeline.TestWebhook;
import io.crmwebhooks.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.util.IOHelper;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;

/** The HTTP client of the deliver route, as camel-http builds it, without the routes. */
final class TestSender implements AutoCloseable {
  private final DeliveryClient delivery;
  private final CloseableHttpClient client;

  /**
   * @param settings pairs of names and values; the rest as documented
   */
  TestSender(String... settings) {
    this(null, settings);
  }

  /** As {@link #TestSender(String...)}, with this in place of the look-up of names. */
  TestSender(DnsResolver names, String... settings) {
    Map<String, String> overrides = new HashMap<>();
    for (int i = 0; i < settings.length; i += 2) {
      overrides.put(settings[i], settings[i + 1]);
    }
    Settings all = Settings.load(Path.of("none"), Map.of(), overrides);
    delivery =
        new DeliveryClient(
            all.duration("webhooks.delivery.timeout"),
            all.duration("webhooks.delivery.lease"),
            EgressRules.of(all),
            TlsIdentities.open(all, Clock.systemUTC()));
    HttpClientBuilder builder = HttpClientBuilder.create();
    builder.setConnectionManager(
        names == null ? delivery.connections() : delivery.connections(names));
    delivery.configureHttpClient(builder);
    client = builder.build();
  }

  /** Sends one webhook; returns "HTTP" and the status, or why there was no response. */
  String send(String url) {
    return send(url, null);
  }

  /** As {@link #send(String)}, with a request of the caller's own. */
  String sendAs(String url, HttpPost post) {
    return send(webhook(url, null), "{}".getBytes(), post);
  }

  /** As {@link #send(String)}, with this TLS identity. */
  String send(String url, String tlsIdentity) {
    return send(webhook(url, tlsIdentity), "{}".getBytes());
  }

  private static Webhook webhook(String url, String tlsIdentity) {
    return TestWebhook.to(url).withTlsIdentity(tlsIdentity).build();
  }

  /** Sends this body to this webhook. */
  String send(Webhook webhook, byte[] body) {
    return send(webhook, body, new HttpPost("http://webhook") /* as camel-http does */);
  }

  private String send(Webhook webhook, byte[] body, HttpPost post) {
    return send(post, new DeliveryRequest(webhook, body, null, null));
  }

  /** Sends an empty object to this webhook; {@code watch} is told what went over the wire. */
  String send(Webhook webhook, Request own, WireHeaders watch) {
    return send(
        new HttpPost("http://webhook"), new DeliveryRequest(webhook, "{}".getBytes(), own, watch));
  }

  private String send(HttpPost post, DeliveryRequest request) {
    post.setEntity(request);
    try {
      return client.execute(post, response -> "HTTP " + response.getCode());
    } catch (IOException e) {
      return FailureReason.of(e);
    }
  }

  @Override
  public void close() {
    IOHelper.close(client);
    delivery.stop();
  }
}

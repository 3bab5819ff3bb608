package io.crmwebhooks.http;

import io.crmwebhooks.http.EgressResolver.HostLookUp;
import java.net.UnknownHostException;
import java.time.Duration;

/**
 * Checks the target URL of a webhook when it is saved, so that a mistake is seen at once. The
 * {@link EgressResolver} protects, at every connection. Thread-safe.
 */
public final class TargetUrl {
  static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final int MOST_LOOK_UPS = 4;

  private final EgressRules rules;
  private final HostLookUp names;

  public TargetUrl(EgressRules rules) {
    this(rules, new EgressResolver(rules));
  }

  TargetUrl(EgressRules rules, EgressResolver resolver) {
    this.rules = rules;
    this.names = new HostLookUp(resolver, MOST_LOOK_UPS);
  }

  /**
   * As {@link #check}; or a route, of which it checks the name only.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public String checkTarget(String targetUrl) {
    return Target.parse(targetUrl).isRoute() ? targetUrl : check(targetUrl);
  }

  /**
   * Checks a URL. A host name is looked up, unless a proxy does that; one that cannot be resolved
   * within a second is accepted.
   *
   * @return the URL as it is to be stored, which is as it was given
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public String check(String targetUrl) {
    Target target = Target.parse(targetUrl);
    if (target.isRoute()) {
      refuse("it must be http:// or https:// with a host");
    }
    String host = target.host();
    rules.problemOf(target.scheme(), target.port()).ifPresent(TargetUrl::refuse);
    if (rules.isProxied(host)) {
      rules.problemOf(host).ifPresent(TargetUrl::refuse);
    } else {
      rules.problemOfBypassing(host).ifPresent(TargetUrl::refuse);
      lookUp(host);
    }
    return targetUrl;
  }

  private void lookUp(String host) {
    try {
      names.resolve(host, PATIENCE.toNanos());
    } catch (EgressResolver.BlockedException e) {
      refuse(e.getMessage());
    } catch (UnknownHostException e) {
      // It may exist by the time that something is sent, unless it means this machine.
      rules.problemOf(host).ifPresent(TargetUrl::refuse);
    }
  }

  private static void refuse(String problem) {
    throw new IllegalArgumentException("target URL: " + problem);
  }
}

package io.crmwebhooks.egress;

import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks the target URL of a webhook when it is saved, so that a mistake is seen at once. What
 * protects is the {@link EgressResolver}, at every connection. Thread-safe.
 */
public final class TargetUrl {
  private static final Pattern PARTS = Pattern.compile("([a-zA-Z][\\w+.-]*)://([^/?#]*)(.*)");

  private final EgressRules rules;
  private final EgressResolver resolver;

  public TargetUrl(EgressRules rules) {
    this(rules, new EgressResolver(rules));
  }

  TargetUrl(EgressRules rules, EgressResolver resolver) {
    this.rules = rules;
    this.resolver = resolver;
  }

  /**
   * Checks a URL. A host name is looked up, unless a proxy does that; one that cannot be resolved
   * is accepted.
   *
   * @return the URL as it is to be stored: with an international host name in its ASCII form
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public String check(String targetUrl) {
    URI uri = parse(inAscii(targetUrl));
    String host = uri.getHost();
    rules.problemOf(uri.getScheme(), port(uri)).ifPresent(TargetUrl::refuse);
    if (rules.isProxied(host)) {
      rules.problemOf(host).ifPresent(TargetUrl::refuse);
    } else {
      rules.problemOfBypassing(host).ifPresent(TargetUrl::refuse);
      lookUp(host);
    }
    return uri.toString();
  }

  private void lookUp(String host) {
    try {
      resolver.resolve(host);
    } catch (BlockedAddressException e) {
      refuse(e.getMessage());
    } catch (UnknownHostException e) {
      // It may exist by the time that something is sent, unless it means this machine.
      rules.problemOf(host).ifPresent(TargetUrl::refuse);
    }
  }

  private static void refuse(String problem) {
    throw wrong(problem);
  }

  /**
   * Says what is wrong with a URL whatever the rules are, or is empty. For one that was stored
   * without {@link #check}.
   */
  public static Optional<String> problemOf(String targetUrl) {
    try {
      parse(targetUrl);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(e.getMessage());
    }
  }

  private static URI parse(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      // without the input, in which a password may stand
      throw wrong("it is not valid: " + e.getReason() + " at character " + (e.getIndex() + 1));
    }
    String authority = uri.getRawAuthority();
    if (authority == null || uri.getScheme() == null) {
      throw wrong("it must be http:// or https:// with a host");
    }
    if (authority.contains("@")) {
      throw wrong("it must not hold a user or password; send an Authorization header instead");
    }
    if (uri.getRawFragment() != null) {
      throw wrong("it must not hold a fragment (#), which is never sent");
    }
    if (uri.getHost() == null) {
      String host = authority.replaceFirst(":\\d*$", "");
      throw wrong(
          AddressLiteral.of(host)
              .map(address -> host + " is another spelling of " + address + "; write that")
              .orElse("'" + host + "' is not a valid host name"));
    }
    return uri;
  }

  /** Full-width digits and the like become what a browser would take them for. */
  private static String inAscii(String url) {
    Matcher parts = PARTS.matcher(url);
    if (!parts.matches() || parts.group(2).chars().allMatch(c -> c < 128)) {
      return url;
    }
    try {
      return parts.group(1) + "://" + IDN.toASCII(parts.group(2)) + parts.group(3);
    } catch (IllegalArgumentException e) {
      throw wrong("'" + parts.group(2) + "' is not a valid host name");
    }
  }

  private static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
  }

  private static IllegalArgumentException wrong(String problem) {
    return new IllegalArgumentException("target URL: " + problem);
  }
}

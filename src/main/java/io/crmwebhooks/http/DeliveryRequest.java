package io.crmwebhooks.http;

import io.crmwebhooks.domain.Request;
import io.crmwebhooks.domain.Webhook;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * The request of one attempt. It has the signed body. The parts of the client tell each other about
 * the attempt through it.
 */
public class DeliveryRequest extends TimedRequest {
  private static final String IN_CONTEXT = "crm-webhooks.request";

  /** Who may use a connection: no webhook with another identity, and no other workspace. */
  record Owner(TlsIdentity identity, String workspace) {}

  private final Webhook webhook;
  private final Target target;
  private final Map<String, String> headers;
  private final ClientCredentials credentials;
  private final WireHeaders watch;
  private Owner owner;
  private boolean insistsOnFresh;
  private String authorisation;

  // Notes that the parts of the client make for each other.
  boolean speaksTlsToProxy;
  boolean hasReachedTarget; // and not the proxy only
  boolean askedForCertificate; // by the receiver, on the connection just made
  boolean foundClosed; // a kept-alive connection had ended before the first byte of an answer

  /**
   * @param body compressed where the webhook asks for it
   * @param own what differs from the webhook; null: nothing
   * @param watch is told the headers as they went over the wire; null: nobody asks
   */
  public DeliveryRequest(Webhook webhook, byte[] body, Request own, WireHeaders watch) {
    super(
        body,
        own == null || own.contentType() == null ? webhook.form().contentType() : own.contentType(),
        webhook.limits().batching().gzip() ? "gzip" : null);
    HttpDestination destination = (HttpDestination) webhook.destination();
    this.webhook = webhook;
    this.target = own == null || own.url() == null ? destination.target() : Target.parse(own.url());
    this.headers = own == null ? destination.headers() : headers(own, destination);
    this.credentials = own == null ? destination.credentials() : credentials(own, destination);
    this.watch = watch;
  }

  /** For a request of another kind in the name of a webhook. */
  DeliveryRequest(
      Webhook webhook,
      byte[] body,
      String contentType,
      Target target,
      Map<String, String> headers) {
    super(body, contentType, null);
    this.webhook = webhook;
    this.target = target;
    this.headers = headers;
    this.credentials = null;
    this.watch = null;
  }

  /** No token goes to another endpoint, and none where a route has set the header. */
  private static ClientCredentials credentials(Request own, HttpDestination destination) {
    boolean set = own.headers().keySet().stream().anyMatch("authorization"::equalsIgnoreCase);
    return own.endpoint() != null || set ? null : destination.credentials();
  }

  /** Those of the webhook may be secrets, and are not for another endpoint. */
  private static Map<String, String> headers(Request own, HttpDestination destination) {
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.putAll(own.endpoint() == null ? destination.headers() : Map.of());
    own.headers()
        .forEach(
            (name, value) -> {
              headers.remove(name); // as it is written by the one who wins
              headers.put(name, value);
            });
    return headers;
  }

  /**
   * The request that the client is given.
   *
   * @throws EgressException when a step after the signing has replaced the body
   */
  static DeliveryRequest of(ClassicHttpRequest request) throws EgressException {
    if (request.getEntity() instanceof DeliveryRequest delivery) {
      return delivery;
    }
    throw new EgressException("the body was replaced after it had been signed");
  }

  /** The request that a part of the client works for. */
  static DeliveryRequest in(HttpContext context) {
    return (DeliveryRequest) context.getAttribute(IN_CONTEXT);
  }

  /**
   * Begins the attempt.
   *
   * @param deadline by {@link System#nanoTime}
   */
  void begin(ExecChain.Scope scope, long deadline) {
    scope.clientContext.setAttribute(IN_CONTEXT, this);
    begin((Cancellable) scope.originalRequest, deadline);
  }

  /** Says who owns the connections of this request, which the pool asks for. */
  void ownedBy(Owner given, HttpClientContext context) {
    owner = given;
    context.setUserToken(insistsOnFresh ? new Object() : given);
  }

  /** Notes that a new connection is made, which its owner may use again. */
  void connects(HttpContext context) {
    HttpClientContext.cast(context).setUserToken(owner);
  }

  Owner owner() {
    return owner;
  }

  /**
   * Has what follows of this attempt use a new connection, if it found a closed one.
   *
   * @return whether it did, and this is the first time that it is asked for
   */
  boolean insistOnFresh() {
    boolean first = foundClosed && !insistsOnFresh;
    insistsOnFresh |= first;
    return first;
  }

  /** Whether a route of the user's own takes it, and not the HTTP client. */
  public boolean isForRoute() {
    return target != null && target.isRoute();
  }

  /** The name in {@code route:NAME}. */
  public String route() {
    return target.host();
  }

  /**
   * Makes of the signed headers those of the message for the route: it has all that HTTP would
   * have.
   */
  public void complete(Map<String, Object> signed) {
    signed.put(HttpHeaders.CONTENT_TYPE, getContentType());
    if (getContentEncoding() != null) {
      signed.put(HttpHeaders.CONTENT_ENCODING, getContentEncoding());
    }
    headers.forEach(signed::putIfAbsent);
    if (watch != null) {
      Map<String, String> shown = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      signed.forEach((name, value) -> shown.put(name, String.valueOf(value)));
      watch.observe(shown);
    }
  }

  /** Whether somebody wants to see all headers of the answer. */
  boolean isWatched() {
    return watch != null;
  }

  void observe(HttpRequest request, HttpResponse response) {
    if (watch != null) {
      watch.observe(request, response);
    }
  }

  /**
   * Tells whoever watches of the access token.
   *
   * @param error why there is none, in words; null: there is
   */
  void observeToken(boolean fetched, long nanos, String error) {
    if (watch != null) {
      watch.tokens().add(new WireHeaders.Token(fetched, nanos / 1_000_000, error));
    }
  }

  public Webhook webhook() {
    return webhook;
  }

  /** Null where nothing can be sent. */
  Target target() {
    return target;
  }

  /** Besides those of the contract. */
  Map<String, String> headers() {
    return headers;
  }

  /** With what an access token is asked for; null: none is sent. */
  ClientCredentials credentials() {
    return credentials;
  }

  /** Sends this value of {@code Authorization} from now on, whatever the headers say. */
  void authorise(String value) {
    authorisation = value;
  }

  /** Null where only the headers say it. */
  String authorisation() {
    return authorisation;
  }

  /** How long it may take in all; see {@link io.crmwebhooks.domain.Limits#deadline}. */
  Duration deadline(Duration otherwise, Duration longest) {
    return webhook.limits().deadline(otherwise, longest);
  }

  /** How much of the body of the answer is kept. */
  int keptBytes() {
    return ResponseBody.KEPT;
  }

  /** Not the body, which is nobody's but the receiver's. */
  @Override
  public String toString() {
    return "body of " + body().length + " bytes for " + webhook;
  }
}

package io.crmwebhooks.http;

import io.crmwebhooks.settings.Version;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpHeaders;

/**
 * The headers of every request, in one table: the sent ones, those shown later, and the reserved
 * names. HTTP's own, such as {@code Host}, join them inside the HTTP client.
 *
 * <p>As the strategy of camel-http it names the headers of the message that are sent: all except
 * Camel's own and the content type, which goes with the body. The signing removes every header that
 * it did not set. So camel-http's own patterns would find nothing, at a tenth of the cost of a
 * delivery. Thread-safe.
 */
public final class RequestHeaders implements HeaderFilterStrategy {
  /** In place of a value that is a secret, or may be one. */
  public static final String HIDDEN = "(hidden)";

  private static final String USER_AGENT = Version.userAgent();
  private static final Map<String, Function<Facts, String>> TABLE = new LinkedHashMap<>();

  static {
    TABLE.put(HttpHeaders.CONTENT_TYPE, facts -> facts.contentType);
    TABLE.put(HttpHeaders.USER_AGENT, facts -> USER_AGENT);
    TABLE.put("webhook-id", facts -> facts.id);
    TABLE.put("webhook-timestamp", facts -> Long.toString(facts.millis / 1000));
    TABLE.put("webhook-signature", facts -> facts.standard);
    TABLE.put(
        "X-Twenty-Webhook-Timestamp",
        facts -> facts.twenty == null ? null : Long.toString(facts.millis));
    TABLE.put("X-Twenty-Webhook-Signature", facts -> facts.twenty);
    TABLE.put("X-Twenty-Webhook-Nonce", facts -> facts.twenty == null ? null : facts.nonce);
    TABLE.put("X-Webhook-Replay", facts -> facts.replayed ? "true" : null);
  }

  private static final Set<String> NAMES = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
  private static final Set<String> PLAIN = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

  static {
    NAMES.addAll(TABLE.keySet());
    PLAIN.addAll(TABLE.keySet());
    PLAIN.addAll(
        Set.of(
            HttpHeaders.ACCEPT,
            HttpHeaders.ACCEPT_ENCODING,
            HttpHeaders.CONNECTION,
            HttpHeaders.CONTENT_ENCODING,
            HttpHeaders.CONTENT_LENGTH,
            HttpHeaders.HOST,
            HttpHeaders.TRANSFER_ENCODING,
            HttpHeaders.UPGRADE));
  }

  /**
   * The values for the headers of one attempt.
   *
   * @param id of the delivery, the same for all its attempts
   * @param contentType of the body
   * @param millis of this attempt, since the epoch
   * @param standard the signature; null: it is not signed so
   * @param twenty the CRM's own signature; null: it is not signed so
   * @param nonce fresh for each attempt
   */
  public record Facts(
      String id,
      String contentType,
      long millis,
      boolean replayed,
      String standard,
      String twenty,
      String nonce) {}

  /** Gives each header of the request, with its value. */
  public static void each(Facts facts, BiConsumer<String, String> to) {
    TABLE.forEach(
        (name, value) -> {
          String made = value.apply(facts);
          if (made != null) {
            to.accept(name, made);
          }
        });
  }

  /** Whether it is in the table, so that no webhook may have one of its own. */
  static boolean isOurs(String name) {
    return NAMES.contains(name);
  }

  /**
   * Adds the headers that a webhook's owner wants; those that are there already stay.
   *
   * @param authorisation comes before all others; null: there is none
   */
  static void addOwn(ClassicHttpRequest request, Map<String, String> own, String authorisation) {
    if (authorisation != null) {
      request.setHeader(HttpHeaders.AUTHORIZATION, authorisation);
    }
    own.forEach((name, value) -> add(request, name, value));
    add(request, HttpHeaders.ACCEPT, "*/*");
  }

  private static void add(ClassicHttpRequest request, String name, String value) {
    if (!request.containsHeader(name)) {
      request.addHeader(name, value);
    }
  }

  /** Whether its value is not secret. */
  static boolean isPlain(String name) {
    return PLAIN.contains(name);
  }

  @Override
  public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
    return name.startsWith("Camel") || name.equals(Exchange.CONTENT_TYPE);
  }

  @Override
  public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
    return true;
  }
}

package io.crmwebhooks.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/**
 * With what a webhook asks its token server for access tokens, as OAuth 2.0 has it for client
 * credentials. Immutable; no message and no {@link #toString} holds the secret.
 *
 * <p>Source: https://www.rfc-editor.org/rfc/rfc6749#section-4.4
 *
 * @param scope null: as the server sees fit
 * @param audience null: none is named
 */
public record ClientCredentials(
    Target tokenUrl, String clientId, String clientSecret, String scope, String audience) {
  /** The one field that is secret. */
  public static final String SECRET = "clientSecret";

  /** All fields, each a text. */
  public static final List<String> FIELDS =
      List.of("tokenUrl", "clientId", SECRET, "scope", "audience");

  private static final int LONGEST = 2000;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

  /** https://www.rfc-editor.org/rfc/rfc6749#section-3.3 */
  private static final Pattern SCOPE = Pattern.compile("[!#-\\[\\]-~]+( [!#-\\[\\]-~]+)*");

  /** Whether there is no grant without it. */
  public static boolean isNeeded(String field) {
    return FIELDS.indexOf(field) < 3;
  }

  /**
   * Checks the value of a field.
   *
   * @throws IllegalArgumentException naming the field, without its value
   */
  public static void check(String field, String value) {
    if (value.isEmpty() || value.length() > LONGEST || CONTROL.matcher(value).find()) {
      throw new IllegalArgumentException(
          "%s must be 1 to %d characters without line breaks".formatted(field, LONGEST));
    }
    if (field.equals("tokenUrl") && value.startsWith("route:")) {
      throw new IllegalArgumentException("tokenUrl must be http:// or https://, and no route");
    }
    if (field.equals("scope") && !SCOPE.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "scope must be names of visible ASCII characters, with one blank between them");
    }
  }

  /**
   * Reads and checks them as they are stored, with the secret open.
   *
   * @throws IllegalArgumentException naming the field that is wrong
   */
  public static ClientCredentials fromJson(String json) {
    try {
      Map<String, String> given = JSON.readValue(json, new TypeReference<>() {});
      for (String field : FIELDS) {
        if (given.get(field) != null || isNeeded(field)) {
          check(field, given.getOrDefault(field, ""));
        }
      }
      return new ClientCredentials(
          Target.parse(given.get("tokenUrl")),
          given.get("clientId"),
          given.get(SECRET),
          given.get("scope"),
          given.get("audience"));
    } catch (JsonProcessingException e) { // without it as a cause, since it holds the text
      throw new IllegalArgumentException("oauth2 is no JSON object of texts");
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "oauth2: " + e.getMessage().replaceFirst("^target URL: ", "tokenUrl: "), e);
    }
  }

  /**
   * The value of {@code Authorization} at the token server: both parts are encoded, as 2.3.1 says.
   */
  String basic() {
    String pair = encoded(clientId) + ":" + encoded(clientSecret);
    return "Basic "
        + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** The body of the request for a token. */
  byte[] form() {
    StringJoiner form = new StringJoiner("&").add("grant_type=client_credentials");
    if (scope != null) {
      form.add("scope=" + encoded(scope));
    }
    if (audience != null) {
      form.add("audience=" + encoded(audience));
    }
    return form.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "client credentials for " + tokenUrl.authority();
  }
}

package io.crmwebhooks.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crmwebhooks.domain.Webhook;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.io.entity.EntityUtils;

/**
 * Asks for access tokens, and believes nothing of the answers that it has not checked. Its
 * exceptions repeat nothing of them, since a server may echo what it was sent. Thread-safe.
 */
final class TokenServer {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Visible ASCII, which can be no second header; receivers take few longer ones. */
  private static final Pattern TOKEN = Pattern.compile("[!-~]{1,8192}");

  /** https://www.rfc-editor.org/rfc/rfc6749#section-5.2 and RFC 8707, section 2 */
  private static final Set<String> ERRORS =
      Set.of(
          "invalid_request",
          "invalid_client",
          "invalid_grant",
          "unauthorized_client",
          "unsupported_grant_type",
          "invalid_scope",
          "invalid_target");

  private final HttpClient client;
  private final LongSupplier nanoTime;

  /**
   * @param client which sends as the webhooks' requests are sent
   */
  TokenServer(HttpClient client, LongSupplier nanoTime) {
    this.client = client;
    this.nanoTime = nanoTime;
  }

  /** Fetches a token for a webhook; see {@link AccessToken.Fetch}. */
  AccessToken.Held fetch(Webhook webhook, ClientCredentials credentials, long nanos)
      throws TokenServerException {
    long asked = nanoTime.getAsLong();
    TokenRequest request = new TokenRequest(webhook, credentials, Duration.ofNanos(nanos));
    HttpPost post = new HttpPost("http://token-server"); // the request knows better
    post.setEntity(request);
    try {
      return client.execute(post, answer -> read(answer, request, asked));
    } catch (TokenServerException e) {
      throw e;
    } catch (ClientProtocolException e) { // whose message has the beginning of the answer
      throw new TokenServerException("its answer is not valid HTTP");
    } catch (IOException e) {
      throw new TokenServerException(
          FailureReason.of(e).replace("the receiver", "it")); // who has its own failures
    }
  }

  private static AccessToken.Held read(ClassicHttpResponse answer, TokenRequest request, long asked)
      throws IOException {
    byte[] body =
        answer.getEntity() == null ? new byte[0] : EntityUtils.toByteArray(answer.getEntity());
    if (request.endedWhile() != null) {
      throw new TokenServerException(
          "timeout after %d ms while reading its answer".formatted(request.timeout().toMillis()));
    }
    int status = answer.getCode();
    if (status >= HttpStatus.SC_REDIRECTION && status < HttpStatus.SC_BAD_REQUEST) {
      throw new TokenServerException("HTTP " + status + ", a redirect, which is not followed");
    }
    JsonNode said = json(body);
    if (status != HttpStatus.SC_OK && status != HttpStatus.SC_CREATED) {
      String error = said.path("error").asText();
      throw new TokenServerException(
          "HTTP " + status + (ERRORS.contains(error) ? ", " + error : ""));
    }
    if (body.length >= ResponseBody.LIMIT) {
      throw new TokenServerException("its answer is longer than " + ResponseBody.LIMIT + " bytes");
    }
    return token(said, asked);
  }

  private static AccessToken.Held token(JsonNode said, long asked) throws TokenServerException {
    if (!said.isObject()) {
      throw new TokenServerException("its answer is no JSON object, or broke off");
    }
    JsonNode token = said.path("access_token");
    if (!token.isTextual() || !TOKEN.matcher(token.textValue()).matches()) {
      throw new TokenServerException(
          "access_token is missing, or no text of at most 8192 visible ASCII characters");
    }
    String type = said.path("token_type").asText("Bearer").toLowerCase(Locale.ROOT);
    if (!type.startsWith("bearer")) { // one well-known server says BearerToken
      throw new TokenServerException("token_type is not Bearer");
    }
    return AccessToken.Held.of(token.textValue(), asked, said.path("expires_in").asLong(0));
  }

  /** A missing node where it is none. */
  private static JsonNode json(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) { // which holds the text
      return JSON.missingNode();
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory can be read", e);
    }
  }
}

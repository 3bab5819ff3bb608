package io.crmwebhooks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Calls the API over real HTTP, and holds each response to openapi.json. */
public final class ApiClient {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  /** A response; the body is null where there is none. */
  public record Reply(int status, JsonNode body, HttpResponse<String> raw) {
    public String header(String name) {
      return raw.headers().firstValue(name).orElse(null);
    }

    /** {@code field: message} of each error of a problem, in order. */
    public List<String> errors() {
      List<String> errors = new ArrayList<>();
      body.path("errors")
          .forEach(
              error ->
                  errors.add(error.path("field").asText() + " " + error.path("message").asText()));
      return errors;
    }
  }

  private final String url;
  private final String token;

  /**
   * @param token null: none is sent
   */
  public ApiClient(String url, String token) {
    this.url = url;
    this.token = token;
  }

  /** The same server, with another token or none. */
  public ApiClient as(String otherToken) {
    return new ApiClient(url, otherToken);
  }

  public Reply get(String path) {
    return call("GET", path, null);
  }

  public Reply post(String path, String json) {
    return call("POST", path, json);
  }

  public Reply patch(String path, String json) {
    return call("PATCH", path, json);
  }

  public Reply delete(String path) {
    return call("DELETE", path, null);
  }

  /**
   * Any request.
   *
   * @param json null: no body
   * @param headers names and values
   */
  public Reply call(String method, String path, String json, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(30));
    request.method(
        method,
        json == null
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofString(json));
    if (json != null) {
      request.setHeader("Content-Type", "application/json");
    }
    if (token != null) {
      request.setHeader("Authorization", "Bearer " + token);
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.setHeader(headers[i], headers[i + 1]);
    }
    try {
      HttpResponse<String> response =
          CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
      HeldToContract.check(method, request.build().uri(), json, response);
      String body = response.body();
      return new Reply(
          response.statusCode(), body.isEmpty() ? null : JSON.readTree(body), response);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}

package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.admin.Problem;
import io.crmwebhooks.cli.ExitCode.CommandFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks a running server over HTTP. The token goes to this server only: no redirect is followed. */
final class HttpApi implements AdminApi {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(60);
  private static final Duration LONG_ANSWER = Duration.ofMinutes(30);
  private static final long LOOK_MILLIS = 500;
  private static final int SHOWN = 200;

  private final URI server;
  private final String token;
  private final HttpClient client;

  private HttpApi(URI server, String token) {
    this.server = server;
    this.token = token;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT)
            .build();
  }

  /**
   * @throws CommandFailure when the URL is none, or nothing is known that could be a token
   */
  static HttpApi of(String url, String token) {
    if (token == null || token.isBlank()) {
      throw new CommandFailure(
          ExitCode.REFUSED, "a token is needed to ask " + url + ": set WEBHOOKS_TOKEN, or --token");
    }
    if (!token.trim().matches("[\\x21-\\x7e ]+")) {
      throw new CommandFailure(
          ExitCode.USAGE, "the token has characters that no HTTP header can carry");
    }
    try {
      URI server = new URI(url.replaceFirst("/+$", ""));
      if (server.getHost() == null
          || !String.valueOf(server.getScheme()).matches("https?")
          || server.getRawQuery() != null
          || server.getRawUserInfo() != null) {
        throw new URISyntaxException(url, "");
      }
      return new HttpApi(server, token.trim());
    } catch (URISyntaxException e) {
      throw new CommandFailure(
          ExitCode.USAGE, "the URL of the API must be such as http://localhost:8080");
    }
  }

  @Override
  public JsonNode call(Request request) throws InterruptedException {
    HttpResponse<byte[]> response = send(request);
    if (response.statusCode() < 300) {
      return response.body().length == 0
          ? MissingNode.getInstance()
          : json(response).orElseThrow(() -> stranger(response));
    }
    throw problem(response);
  }

  private HttpResponse<byte[]> send(Request request) throws InterruptedException {
    HttpRequest.Builder made =
        HttpRequest.newBuilder(uri(request))
            .timeout(request.isLong() ? LONG_ANSWER : ANSWER)
            .header("Authorization", "Bearer " + token)
            .header("Accept", "application/json");
    if (request.body() == null) {
      made.method(request.method(), BodyPublishers.noBody());
    } else {
      made.header("Content-Type", "application/json")
          .method(request.method(), BodyPublishers.ofByteArray(Json.bytes(request.body())));
    }
    try {
      return request.isLong()
          ? watched(made.build(), request)
          : client.send(made.build(), BodyHandlers.ofByteArray());
    } catch (HttpTimeoutException e) {
      throw unreachable("does not answer in time");
    } catch (ConnectException e) {
      throw unreachable("cannot be reached");
    } catch (IOException e) {
      throw unreachable("breaks off: " + e.getMessage());
    }
  }

  private HttpResponse<byte[]> watched(HttpRequest made, Request request)
      throws IOException, InterruptedException {
    var answer = client.sendAsync(made, BodyHandlers.ofByteArray());
    while (true) {
      try {
        return answer.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        request.progress().accept(Console.Bar.UNKNOWN);
      } catch (ExecutionException e) {
        throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
      }
    }
  }

  private URI uri(Request request) {
    try {
      String path = new URI(null, null, request.path(), null).getRawPath();
      String query = request.rawQuery();
      return URI.create(server + path + (query.isEmpty() ? "" : "?" + query));
    } catch (URISyntaxException e) {
      throw new CommandFailure(ExitCode.USAGE, "there can be no such id: " + request.path());
    }
  }

  private CommandFailure unreachable(String what) {
    return new CommandFailure(
        ExitCode.UNREACHABLE,
        "the server at " + server + " " + what + "; with --database the same works without it");
  }

  private CommandFailure stranger(HttpResponse<byte[]> response) {
    String body = new String(response.body(), StandardCharsets.UTF_8).strip();
    return new CommandFailure(
        ExitCode.UNREACHABLE,
        "the server at %s is not the admin API: status %d, %s"
            .formatted(
                server,
                response.statusCode(),
                body.isEmpty()
                    ? "without a body"
                    : Text.plain(body.substring(0, Math.min(SHOWN, body.length())))));
  }

  private static Optional<JsonNode> json(HttpResponse<byte[]> response) {
    try {
      JsonNode json = Json.trusted(new String(response.body(), StandardCharsets.UTF_8));
      return Optional.of(json).filter(node -> !node.isMissingNode());
    } catch (UncheckedIOException e) {
      return Optional.empty();
    }
  }

  private RuntimeException problem(HttpResponse<byte[]> response) {
    JsonNode json = json(response).orElse(MissingNode.getInstance());
    if (!json.has("detail")) {
      return stranger(response);
    }
    List<Problem.FieldError> errors = new ArrayList<>();
    json.path("errors")
        .forEach(
            error ->
                errors.add(
                    new Problem.FieldError(
                        error.path("field").asText(), error.path("message").asText())));
    return errors.isEmpty()
        ? Problem.of(response.statusCode(), json.path("detail").asText())
        : Problem.of(response.statusCode(), errors);
  }

  @Override
  public void close() {
    // The JDK's client ends with its last use.
  }
}

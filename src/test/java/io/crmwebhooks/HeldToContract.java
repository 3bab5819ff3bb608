package io.crmwebhooks;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.model.Request;
import com.atlassian.oai.validator.model.SimpleRequest;
import com.atlassian.oai.validator.model.SimpleResponse;
import com.atlassian.oai.validator.report.JsonValidationReportFormat;
import com.atlassian.oai.validator.report.LevelResolver;
import com.atlassian.oai.validator.report.ValidationReport;
import java.net.URI;
import java.net.http.HttpResponse;

/**
 * Compares what the server takes and answers with what openapi.json says: each response of a path
 * that is in it, and each request that has been accepted.
 */
final class HeldToContract {
  private static final OpenApiInteractionValidator VALIDATOR =
      OpenApiInteractionValidator.createFor("/openapi.json")
          .withLevelResolver(
              LevelResolver.create()
                  .withLevel("validation.request.security", ValidationReport.Level.IGNORE)
                  .build())
          .build();

  private HeldToContract() {}

  /**
   * @param json the request's body, or null
   * @throws AssertionError saying what differs
   */
  static void check(String method, URI uri, String json, HttpResponse<String> response) {
    if (response.statusCode() < 400) {
      require(VALIDATOR.validateRequest(request(method, uri, json)), method, uri, response);
    }
    SimpleResponse.Builder answer = SimpleResponse.Builder.status(response.statusCode());
    response.headers().map().forEach((name, values) -> answer.withHeader(name, values));
    if (!response.body().isEmpty()) {
      answer.withBody(response.body());
    }
    require(
        VALIDATOR.validateResponse(uri.getPath(), method(method), answer.build()),
        method,
        uri,
        response);
  }

  /**
   * As the other, of an answer that no server has sent.
   *
   * @throws AssertionError saying what differs
   */
  static void check(String method, String path, int status, String body) {
    SimpleResponse.Builder answer =
        SimpleResponse.Builder.status(status).withContentType("application/json").withBody(body);
    ValidationReport report = VALIDATOR.validateResponse(path, method(method), answer.build());
    if (report.hasErrors()) {
      throw new AssertionError(
          "%s %s: %s%n%s"
              .formatted(
                  method, path, JsonValidationReportFormat.getInstance().apply(report), body));
    }
  }

  private static Request request(String method, URI uri, String json) {
    SimpleRequest.Builder request = new SimpleRequest.Builder(method(method), uri.getPath());
    if (json != null) {
      request.withBody(json).withContentType("application/json");
    }
    if (uri.getQuery() != null) {
      for (String pair : uri.getQuery().split("&")) {
        String[] halves = pair.split("=", 2);
        if (!halves[1].isEmpty()) {
          request.withQueryParam(halves[0], halves[1]);
        }
      }
    }
    return request.build();
  }

  private static Request.Method method(String name) {
    return Request.Method.valueOf(name);
  }

  private static void require(
      ValidationReport report, String method, URI uri, HttpResponse<String> response) {
    boolean differs =
        report.getMessages().stream()
            .filter(message -> message.getLevel() == ValidationReport.Level.ERROR)
            .anyMatch(message -> !isUnknown(message.getKey(), uri, response.statusCode()));
    if (differs) {
      throw new AssertionError(
          "%s %s answered %d, which openapi.json has otherwise: %s%n%s"
              .formatted(
                  method,
                  uri,
                  response.statusCode(),
                  JsonValidationReportFormat.getInstance().apply(report),
                  response.body()));
    }
  }

  /** A path that the document does not have is refused, or does not belong to the API. */
  private static boolean isUnknown(String key, URI uri, int status) {
    return switch (key) {
      case "validation.request.path.missing" ->
          status == 401 || status == 404 || !uri.getPath().startsWith("/rest");
      case "validation.request.operation.notAllowed" -> status == 401 || status == 405;
      default -> false;
    };
  }
}

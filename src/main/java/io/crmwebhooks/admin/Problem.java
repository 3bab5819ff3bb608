package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * Why a request is refused, as RFC 9457 has it (https://www.rfc-editor.org/rfc/rfc9457). The words
 * are for the caller; they never hold a secret.
 */
public final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The media type of a problem. */
  public static final String MEDIA_TYPE = "application/problem+json";

  private static final Map<Integer, String> TITLES =
      Map.ofEntries(
          Map.entry(400, "Bad Request"),
          Map.entry(401, "Unauthorized"),
          Map.entry(403, "Forbidden"),
          Map.entry(404, "Not Found"),
          Map.entry(405, "Method Not Allowed"),
          Map.entry(409, "Conflict"),
          Map.entry(412, "Precondition Failed"),
          Map.entry(413, "Content Too Large"),
          Map.entry(414, "URI Too Long"),
          Map.entry(415, "Unsupported Media Type"),
          Map.entry(417, "Expectation Failed"),
          Map.entry(429, "Too Many Requests"),
          Map.entry(431, "Request Header Fields Too Large"),
          Map.entry(500, "Internal Server Error"),
          Map.entry(503, "Service Unavailable"));

  /** The error of one field of the body or one query parameter. */
  public record FieldError(String field, String message) {}

  private final int status;
  private final transient List<FieldError> errors;
  private final transient Map<String, String> headers;

  private Problem(int status, String detail, List<FieldError> errors, Map<String, String> headers) {
    super(detail, null, false, false);
    this.status = status;
    this.errors = List.copyOf(errors);
    this.headers = Map.copyOf(headers);
  }

  public static Problem of(int status, String detail) {
    return new Problem(status, detail, List.of(), Map.of());
  }

  /** As {@link #of(int, String)}, with headers that the status calls for. */
  static Problem of(int status, String detail, Map<String, String> headers) {
    return new Problem(status, detail, List.of(), headers);
  }

  /** 400, naming each field. */
  public static Problem invalid(List<FieldError> errors) {
    return of(400, errors);
  }

  /** As {@link #of(int, String)}, naming each field. */
  public static Problem of(int status, List<FieldError> errors) {
    String detail =
        errors.size() == 1
            ? errors.get(0).field() + " " + errors.get(0).message()
            : errors.size() + " fields are wrong";
    return new Problem(status, detail, errors, Map.of());
  }

  public static Problem invalid(String field, String message) {
    return invalid(List.of(new FieldError(field, message)));
  }

  /** 404 for something with an id. */
  public static Problem notFound(String what, String id) {
    return of(404, "there is no " + what + " " + id);
  }

  public int status() {
    return status;
  }

  public List<FieldError> errors() {
    return errors;
  }

  Map<String, String> headers() {
    return headers;
  }

  ObjectNode toJson() {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("type", "about:blank")
            .put("title", TITLES.getOrDefault(status, "Error"))
            .put("status", status)
            .put("detail", getMessage());
    if (!errors.isEmpty()) {
      var list = json.putArray("errors");
      errors.forEach(
          error -> list.addObject().put("field", error.field()).put("message", error.message()));
    }
    return json;
  }
}

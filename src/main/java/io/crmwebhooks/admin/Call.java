package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.DoubleConsumer;

/**
 * One request that has been let in. Used by one thread.
 *
 * @param parameters of the path
 * @param ifMatch the header {@code If-Match}, or null
 * @param progress is told how far a long operation has come, from 0 to 1
 */
public record Call(
    Caller caller,
    Map<String, String> parameters,
    Query query,
    String ifMatch,
    byte[] bytes,
    DoubleConsumer progress) {

  /** A parameter of the path, as it stands there. */
  public String parameter(String name) {
    return parameters.get(name);
  }

  /**
   * The path's {@code id}, where that is a UUID.
   *
   * @param what it is the id of, for the message
   * @throws Problem 404 when it is none, since nothing can have such an id
   */
  public UUID uuid(String what) {
    String id = parameter("id");
    try {
      UUID uuid = UUID.fromString(id);
      if (uuid.toString().equalsIgnoreCase(id)) {
        return uuid;
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw Problem.notFound(what, id);
  }

  /**
   * The body, which must be a JSON object of texts that PostgreSQL can keep.
   *
   * @throws Problem 400
   */
  public ObjectNode body() {
    if (bytes.length == 0) {
      throw Problem.of(400, "the body is missing; it must be a JSON object");
    }
    JsonNode json = Json.untrusted(bytes);
    if (!(json instanceof ObjectNode object)) {
      throw Problem.of(400, "the body must be a JSON object");
    }
    WholeText.require(object);
    return object;
  }

  /** As {@link #body()}; an empty object when nothing was sent. */
  public ObjectNode bodyOrNone() {
    return bytes.length == 0 ? Json.object() : body();
  }

  /**
   * Refuses an edit of something that has been edited since the caller has read it.
   *
   * @param version as in the {@code ETag} of the answer
   * @throws Problem 412
   */
  public void requireMatch(String version) {
    Optional.ofNullable(ifMatch)
        .filter(
            header ->
                Arrays.stream(header.split(","))
                    .map(String::trim)
                    .noneMatch(tag -> tag.equals("*") || tag.equals('"' + version + '"')))
        .ifPresent(
            header -> {
              throw Problem.of(
                  412,
                  "it has been changed since If-Match "
                      + header
                      + ": it is now \""
                      + version
                      + "\"; read it again");
            });
  }
}

package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Collection;
import java.util.UUID;
import java.util.function.DoubleConsumer;

/**
 * One request that has been let in. Used by one thread.
 *
 * @param caller null where none is asked for
 * @param asked the operation, with the parameters of the path
 * @param ifMatch the header {@code If-Match}, or null
 * @param progress is told how far a long operation has come, from 0 to 1
 */
public record Call(
    Caller caller,
    Contract.Match asked,
    Fields query,
    String ifMatch,
    byte[] bytes,
    DoubleConsumer progress) {

  /**
   * A request as it has arrived.
   *
   * @param rawQuery the text behind the question mark, or null
   * @param body null: none
   * @throws Problem 400 when the query cannot be read
   */
  public static Call of(
      Caller caller,
      Contract.Match asked,
      String rawQuery,
      String ifMatch,
      byte[] body,
      DoubleConsumer progress) {
    Fields query = Fields.ofQuery(rawQuery, asked.entry().query());
    return new Call(caller, asked, query, ifMatch, body == null ? new byte[0] : body, progress);
  }

  /** The only workspace that the caller may see; null: all. */
  String workspace() {
    return caller.workspace();
  }

  /** The workspace that a field names, or else the caller's own; null: none. */
  String workspaceIn(Fields fields) {
    String named = fields.read("workspace", Fields.text(200));
    if (named != null && !caller.sees(named)) {
      fields.error("workspace", "must be the one that your token is bound to");
    }
    return named == null ? caller.workspace() : named;
  }

  /** A parameter of the path, as it stands there. */
  String parameter(String name) {
    return asked.parameters().get(name);
  }

  /**
   * The path's {@code id}, where that is a UUID.
   *
   * @param what the name of the thing with this id, for the message
   * @throws Problem 404 when it is none, since nothing can have such an id
   */
  UUID uuid(String what) {
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
   * As {@link #uuid}, where the id is a number, such as that of a change.
   *
   * @throws Problem 404 when it is none
   */
  long number(String what) {
    String id = parameter("id");
    if (!PageWalk.CHANGE_ID.matcher(id).matches()) {
      throw Problem.notFound(what, id);
    }
    return Long.parseLong(id);
  }

  /**
   * The body, which must be a JSON object of texts that PostgreSQL can keep.
   *
   * @throws Problem 400
   */
  ObjectNode body() {
    if (bytes.length == 0) {
      throw Problem.of(400, "the body is missing; it must be a JSON object");
    }
    return Json.untrusted(bytes);
  }

  /**
   * The fields of the body, which must be such an object.
   *
   * @param allowed names; any other is an error
   */
  Fields fields(Collection<String> allowed) {
    return Fields.ofBody(body(), allowed);
  }

  /** As {@link #fields}; without any when nothing was sent. */
  Fields fieldsIfAny(Collection<String> allowed) {
    return bytes.length == 0 ? Fields.ofBody(Json.object(), allowed) : fields(allowed);
  }

  /**
   * Refuses an edit of something that has been edited since the caller has read it.
   *
   * @param version as in the {@code ETag} of the answer
   * @throws Problem 412
   */
  void requireMatch(String version) {
    boolean matches =
        ifMatch == null
            || Arrays.stream(ifMatch.split(","))
                .map(String::trim)
                .anyMatch(tag -> tag.equals("*") || tag.equals('"' + version + '"'));
    if (!matches) {
      throw Problem.of(
          412,
          "it has been changed since If-Match %s: it is now \"%s\"; read it again"
              .formatted(ifMatch, version));
    }
  }
}

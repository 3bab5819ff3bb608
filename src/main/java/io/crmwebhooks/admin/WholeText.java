package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Texts that PostgreSQL keeps as they are. JSON can also hold halves of characters, which would
 * silently become question marks, and NUL, which is refused there.
 */
final class WholeText {
  private WholeText() {}

  /**
   * Looks through all of a body.
   *
   * @throws Problem 400 naming every field that holds something else
   */
  static void require(ObjectNode body) {
    List<Problem.FieldError> errors = new ArrayList<>();
    body.properties()
        .forEach(
            field -> {
              if (problemOf(field.getKey()).isPresent()) {
                throw Problem.of(400, "the name of a field " + problemOf(field.getKey()).get());
              }
              problemIn(field.getValue())
                  .ifPresent(
                      problem -> errors.add(new Problem.FieldError(field.getKey(), problem)));
            });
    if (!errors.isEmpty()) {
      throw Problem.invalid(errors);
    }
  }

  /** Loops rather than streams: a body may be a thousand levels deep, and each takes stack. */
  private static Optional<String> problemIn(JsonNode value) {
    if (value.isTextual()) {
      return problemOf(value.textValue());
    }
    Optional<String> problem = Optional.empty();
    for (var names = value.fieldNames(); problem.isEmpty() && names.hasNext(); ) {
      problem = problemOf(names.next());
    }
    for (var values = value.elements(); problem.isEmpty() && values.hasNext(); ) {
      problem = problemIn(values.next());
    }
    return problem;
  }

  private static Optional<String> problemOf(String text) {
    if (text.indexOf('\0') >= 0) {
      return Optional.of("must not hold a NUL");
    }
    return text.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE)
        ? Optional.of("must not hold half of a character (a lone surrogate)")
        : Optional.empty();
  }
}

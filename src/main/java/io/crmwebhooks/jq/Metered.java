package io.crmwebhooks.jq;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.jq.Meter.Price;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.PathOutput;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import net.thisptr.jackson.jq.path.Path;

/**
 * An expression that pays for its steps and for its values.
 *
 * @param reads how it goes through its input
 * @param makes how its values are made
 */
record Metered(Expression inner, Price reads, Price makes, Role role) implements Expression {
  private static final int FAILURE = 100;

  /** The part that an expression has in the one around it. */
  enum Role {
    /** Its values may be of any kind and size. */
    ANY,

    /** The one around it copies its values. */
    COPY,

    /** The one around it goes through its values. */
    READ,

    /** Its values must be numbers: a text times a number could be of any length. */
    NUMBER,

    /** Its values must be numbers, texts or null: an array would be searched for. */
    INDEX,

    /** Its values must be texts: the library would write others into its message. */
    KEY,

    /** Its values must have parts, likewise. */
    PARTS,

    /** For each value the one around it goes through its input once, and may write the value. */
    PER_VALUE,

    /** For each part of a value the one around it goes through its input once. */
    PER_PART;

    void check(JsonNode value) throws JsonQueryException {
      if (this == NUMBER && !value.isNumber()) {
        throw new ProgramException(
            "calculates with %s; -, *, / and %% take numbers only".formatted(kind(value)));
      }
      if (this == INDEX && !value.isNumber() && !value.isTextual() && !value.isNull()) {
        throw new ProgramException("uses %s as an index".formatted(kind(value)));
      }
      if (this == KEY && !value.isTextual()) {
        throw new JsonQueryException("Cannot use " + kind(value) + " as object key");
      }
      if (this == PARTS && !value.isContainerNode()) {
        throw new JsonQueryException("Cannot iterate over " + kind(value));
      }
    }

    private static String kind(JsonNode value) {
      return switch (value.getNodeType()) {
        case STRING -> "a text";
        case ARRAY -> "an array";
        case OBJECT -> "an object";
        case NUMBER -> "a number";
        case BOOLEAN -> "true or false";
        default -> "null";
      };
    }

    /** Beside what the expression itself pays. */
    private long price(Meter meter, JsonNode in, JsonNode value) {
      return switch (this) {
        case COPY, INDEX -> meter.weigh(value, Price.COPY);
        case READ -> meter.weigh(value, Price.WORK);
        case PER_VALUE -> meter.weigh(in, Price.COPY) + meter.weigh(value, Price.COPY);
        case PER_PART -> meter.weigh(in, Price.WORK) * meter.weigh(value, Price.WORK);
        default -> 0;
      };
    }
  }

  @Override
  public void apply(Scope scope, JsonNode in, Path path, PathOutput output, boolean requiresPath)
      throws JsonQueryException {
    Meter meter = Meter.running();
    meter.charge(meter.weigh(in, reads));
    try {
      inner.apply(
          scope,
          in,
          path,
          (value, of) -> {
            role.check(value);
            meter.charge(meter.weigh(value, makes) + role.price(meter, in, value));
            output.emit(value, of);
          },
          requiresPath);
    } catch (JsonQueryException e) { // its stack trace is dear, and a program may catch many
      meter.charge(FAILURE);
      throw e;
    }
  }

  @Override
  public String toString() {
    return inner.toString();
  }
}

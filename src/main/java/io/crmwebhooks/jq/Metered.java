package io.crmwebhooks.jq;

import com.fasterxml.jackson.databind.JsonNode;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.PathOutput;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import net.thisptr.jackson.jq.path.Path;

/**
 * An expression that pays for its steps and for its values.
 *
 * @param reads it goes through its whole input, which it pays for
 * @param makes its values are new ones, or are gone through by whoever gets them
 */
record Metered(Expression inner, boolean reads, boolean makes, Role role) implements Expression {
  private static final int FAILURE = 30;

  /** The part that an expression has in the one around it. */
  enum Role {
    /** Its values may be of any kind and size. */
    ANY,

    /** The one around it goes through its values. */
    READ,

    /** Its values must be numbers: a text times a number could be of any length. */
    NUMBER,

    /** Its values must be numbers, texts or null: an array would be searched for. */
    INDEX,

    /** For each value the one around it goes through its input once. */
    PER_VALUE,

    /** For each part of a value the one around it goes through its input once. */
    PER_PART;

    void check(JsonNode value) {
      if (this == NUMBER && !value.isNumber()) {
        throw new ProgramException(
            "calculates with %s; -, *, / and %% take numbers only".formatted(kind(value)));
      }
      if (this == INDEX && !value.isNumber() && !value.isTextual() && !value.isNull()) {
        throw new ProgramException("uses %s as an index".formatted(kind(value)));
      }
    }

    private static String kind(JsonNode value) {
      return switch (value.getNodeType()) {
        case STRING -> "a text";
        case ARRAY -> "an array";
        case OBJECT -> "an object";
        case BOOLEAN -> "true or false";
        default -> "null";
      };
    }

    /** Beside what the expression itself pays. */
    private long price(Meter meter, JsonNode in, JsonNode value) {
      return switch (this) {
        case READ -> meter.weigh(value);
        case PER_VALUE -> meter.weigh(in);
        case PER_PART -> meter.weigh(in) * meter.weigh(value);
        default -> 0;
      };
    }
  }

  @Override
  public void apply(Scope scope, JsonNode in, Path path, PathOutput output, boolean requiresPath)
      throws JsonQueryException {
    Meter meter = Meter.running();
    meter.charge(reads ? meter.weigh(in) : 1);
    try {
      inner.apply(
          scope,
          in,
          path,
          (value, of) -> {
            role.check(value);
            meter.charge((makes ? meter.weigh(value) : 1) + role.price(meter, in, value));
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

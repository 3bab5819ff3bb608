package io.crmwebhooks.jq;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.Version;
import net.thisptr.jackson.jq.Versions;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import net.thisptr.jackson.jq.internal.javacc.ExpressionParser;
import net.thisptr.jackson.jq.internal.javacc.ParseException;
import net.thisptr.jackson.jq.internal.javacc.Token;

/**
 * A jq program, whose author may be hostile: it may use some of jq only, and its steps and sizes
 * are counted while it runs. The same input gives the same result. Thread-safe.
 */
public final class Program {
  /** In characters. */
  public static final int LONGEST = 2000;

  private static final Version VERSION = Versions.JQ_1_7;
  private static final Scope FUNCTIONS = Functions.scope(VERSION);
  private static final Pattern LEXICAL = Pattern.compile("line (\\d+), column (\\d+)");

  private final String text;
  private final Expression expression;

  private Program(String text, Expression expression) {
    this.text = text;
    this.expression = expression;
  }

  /**
   * Checks a program and makes it ready.
   *
   * @throws IllegalArgumentException when it is none, or does what is not allowed; in words to be
   *     read behind the name of the field
   */
  public static Program compile(String text) {
    if (text.length() > LONGEST) {
      throw new IllegalArgumentException("must have at most " + LONGEST + " characters");
    }
    if (text.isBlank()) {
      throw new IllegalArgumentException("must not be blank");
    }
    try {
      return new Program(text, Syntax.metered(ExpressionParser.compile(text, VERSION)));
    } catch (JsonQueryException e) {
      throw new IllegalArgumentException("is no jq program: " + place(e.getCause(), text), e);
    } catch (StackOverflowError e) {
      throw new IllegalArgumentException("nests too deep", e);
    }
  }

  private static String place(Throwable cause, String text) {
    if (cause instanceof ParseException parse && parse.currentToken != null) {
      Token token = parse.currentToken.next;
      return token.image.isEmpty()
          ? "%s, it ends too early".formatted(at(token.beginLine, text.length() + 1))
          : "%s, unexpected '%s'".formatted(at(token.beginLine, token.beginColumn), token.image);
    }
    Matcher lexical = LEXICAL.matcher(String.valueOf(cause == null ? null : cause.getMessage()));
    return lexical.find()
        ? at(Integer.parseInt(lexical.group(1)), Integer.parseInt(lexical.group(2)))
            + ", unexpected character"
        : "it cannot be read";
  }

  private static String at(int line, int column) {
    return line == 1 ? "column " + column : "line %d, column %d".formatted(line, column);
  }

  /**
   * The one value that it gives for an input, which it never changes; the two may share parts.
   *
   * @throws ProgramException when it fails, does too much, or gives no value or several
   */
  public JsonNode run(JsonNode input) {
    List<JsonNode> values = new ArrayList<>(1);
    Meter.begin(input);
    try {
      expression.apply(
          Scope.newChildScope(FUNCTIONS),
          input,
          value -> {
            if (!values.isEmpty()) {
              throw new ProgramException("gives more than one value");
            }
            values.add(value);
          });
    } catch (JsonQueryException e) {
      throw new ProgramException("fails: " + e.getMessage());
    } catch (StackOverflowError e) {
      throw new ProgramException("nests too deep");
    } catch (ProgramException e) {
      throw e;
    } catch (RuntimeException e) { // the library's, of a value that it does not expect
      throw new ProgramException("fails: " + e);
    } finally {
      Meter.end();
    }
    if (values.isEmpty()) {
      throw new ProgramException("gives no value");
    }
    return values.get(0);
  }

  /**
   * As {@link #run}, of a program that judges.
   *
   * @throws ProgramException also when the value is neither true nor false
   */
  public boolean test(JsonNode input) {
    JsonNode value = run(input);
    if (!value.isBoolean()) {
      throw new ProgramException(
          "gives %s, it must give true or false"
              .formatted(value.getNodeType().toString().toLowerCase(java.util.Locale.ROOT)));
    }
    return value.booleanValue();
  }

  /** As it was written. */
  @Override
  public String toString() {
    return text;
  }
}

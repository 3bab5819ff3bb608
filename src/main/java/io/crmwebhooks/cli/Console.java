package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * How a command shows what it has found: in words for people, or as JSON. Only what was asked for
 * goes to stdout.
 *
 * @param json whether to print JSON instead of words
 */
public record Console(CommandSpec spec, boolean json) {
  /** Prints a result, with a line break behind it. */
  public <T extends JsonNode> void print(T result, Function<T, String> words) {
    String text = json ? result.toPrettyString() : words.apply(result);
    out().print(text.endsWith("\n") ? text : text + System.lineSeparator());
    out().flush();
  }

  /** A bar for long work, where somebody looks. */
  ProgressBar bar() {
    return ProgressBar.onTerminal(spec.commandLine().getErr());
  }

  /** For what the options alone do not say. */
  ParameterException wrongUsage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /**
   * @throws ParameterException when the value of the option is not positive
   */
  int positive(String option, int value) {
    if (value < 1) {
      throw wrongUsage(option + " must be at least 1, but is " + value);
    }
    return value;
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}

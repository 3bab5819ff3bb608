package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.function.DoubleConsumer;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * How a command shows its result: in words for people, or as JSON. Only the result goes to stdout.
 * A mixin of commands, used by one thread.
 */
class Console {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(names = "--json", description = "Print JSON, for scripts.")
  private boolean json;

  /** As a mixin. */
  Console() {}

  /** For a command whose option for JSON says more. */
  Console(CommandSpec spec, boolean json) {
    this.spec = spec;
    this.json = json;
  }

  final CommandSpec spec() {
    return spec;
  }

  /** Whether JSON is asked for. */
  final boolean json() {
    return json;
  }

  /** Prints a result, with a line break at its end. */
  final void print(JsonNode result, Function<JsonNode, String> words) {
    PrintWriter out = spec.commandLine().getOut();
    String text = json ? result.toPrettyString() : words.apply(result);
    out.print(text.endsWith("\n") ? text : text + System.lineSeparator());
    out.flush();
  }

  /** A bar for long work, drawn only where somebody looks at a terminal. */
  final Bar bar() {
    return new Bar(spec.commandLine().getErr(), System.console() != null);
  }

  /** For rules that the options alone cannot express. */
  final ParameterException wrongUsage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** A line on the terminal that is drawn again and again. Used by one thread. */
  static final class Bar implements AutoCloseable {
    /** In the place of a fraction: the work goes on, and nobody knows how far it is. */
    static final double UNKNOWN = -1;

    private static final int WIDTH = 30;

    private final PrintWriter out;
    private final boolean shown;
    private int drawn;

    /**
     * @param out where people look, not where results go
     * @param shown false: nothing is drawn
     */
    Bar(PrintWriter out, boolean shown) {
      this.out = out;
      this.shown = shown;
    }

    /**
     * @param fraction from 0 to 1; {@link #UNKNOWN}
     * @param text beside the bar
     */
    void at(double fraction, String text) {
      int full = (int) (WIDTH * Math.max(0, fraction));
      String percent = fraction < 0 ? "     " : "%3d %%".formatted((int) (100 * fraction));
      draw("[%s%s] %s  %s".formatted("#".repeat(full), "-".repeat(WIDTH - full), percent, text));
    }

    /** Only the text, while nobody knows how far the work is. */
    void note(String text) {
      at(UNKNOWN, text);
    }

    /** Always with this text, and for how long while nobody knows how far the work is. */
    DoubleConsumer of(String text) {
      note(text);
      long started = System.nanoTime();
      return fraction ->
          at(
              fraction,
              fraction < 0
                  ? "%s, %d s".formatted(text, (System.nanoTime() - started) / 1_000_000_000L)
                  : text);
    }

    /** Removes the bar, for what is printed next. */
    @Override
    public void close() {
      if (drawn > 0) {
        draw("");
        out.print('\r');
        out.flush();
      }
    }

    private void draw(String line) {
      if (shown) {
        out.print('\r' + line + " ".repeat(Math.max(0, drawn - line.length())));
        out.flush();
        drawn = line.length();
      }
    }
  }
}

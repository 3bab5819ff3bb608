package io.crmwebhooks.cli;

import java.io.PrintWriter;
import java.util.function.DoubleConsumer;

/** A line on the terminal that is drawn again and again. Used by one thread. */
final class ProgressBar implements AutoCloseable {
  /** In the place of a fraction: it goes on, and nobody knows how far it has come. */
  static final double UNKNOWN = -1;

  private static final int WIDTH = 30;

  private final PrintWriter out;
  private final boolean shown;
  private int drawn;

  /**
   * @param out where people look, not where results go
   * @param shown false: nothing is drawn
   */
  ProgressBar(PrintWriter out, boolean shown) {
    this.out = out;
    this.shown = shown;
  }

  /** Drawn only where somebody looks at a terminal. */
  static ProgressBar onTerminal(PrintWriter out) {
    return new ProgressBar(out, System.console() != null);
  }

  /**
   * @param fraction from 0 to 1
   * @param text beside the bar
   */
  void at(double fraction, String text) {
    if (!shown) {
      return;
    }
    int full = (int) (WIDTH * fraction);
    draw(
        "[%s%s] %3d %%  %s"
            .formatted("#".repeat(full), "-".repeat(WIDTH - full), (int) (100 * fraction), text));
  }

  /** Where nobody knows how far it has come: only the text. */
  void note(String text) {
    if (shown) {
      draw("[" + "-".repeat(WIDTH) + "]        " + text);
    }
  }

  /**
   * As {@link #at}, always with this text, which is shown from now on; with {@link #UNKNOWN}, for
   * how long.
   */
  DoubleConsumer of(String text) {
    note(text);
    long started = System.nanoTime();
    return fraction -> {
      if (fraction >= 0) {
        at(fraction, text);
      } else {
        note("%s, %d s".formatted(text, (System.nanoTime() - started) / 1_000_000_000L));
      }
    };
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
    out.print('\r' + line + " ".repeat(Math.max(0, drawn - line.length())));
    out.flush();
    drawn = line.length();
  }
}

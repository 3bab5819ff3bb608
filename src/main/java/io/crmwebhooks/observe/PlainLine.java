package io.crmwebhooks.observe;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import java.util.stream.Collectors;

/**
 * A log message as one line of plain text, and an exception as indented lines below it. Receivers,
 * callers and the database have a say in both, and none of them may steer a terminal or write a
 * line that looks like another event. Control characters are written out. Thread-safe.
 */
public final class PlainLine extends ThrowableProxyConverter {
  private static final String NEXT = System.lineSeparator() + "    ";

  @Override
  public String convert(ILoggingEvent event) {
    return plain(event.getFormattedMessage()) + super.convert(event);
  }

  @Override
  protected String throwableProxyToString(IThrowableProxy thrown) {
    return super.throwableProxyToString(thrown)
        .lines()
        .map(line -> plain(line.strip()))
        .collect(Collectors.joining(NEXT, NEXT, ""));
  }

  /**
   * Control characters, those that turn the direction of writing, and line ends are written out.
   */
  static String plain(String text) {
    if (text == null) {
      return "";
    }
    StringBuilder line = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              if (steers(c)) {
                line.append(c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\u%04x".formatted(c));
              } else {
                line.appendCodePoint(c);
              }
            });
    return line.toString();
  }

  private static boolean steers(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> false;
    };
  }
}

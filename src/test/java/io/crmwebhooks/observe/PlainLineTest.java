package io.crmwebhooks.observe;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The pattern of the text log, with what a hostile receiver or database can say. */
class PlainLineTest {
  private static final String HOSTILE =
      "a\u001b[2Jb\r\n2026-01-01T00:00:00.000Z INFO  forged\u0085c\u2028d\u2029e\u202ef\u009bg\ud800h\u0000i\u007f";

  private static String logged(Throwable thrown) throws Exception {
    LoggerContext context = new LoggerContext();
    Logger logger = context.getLogger("x");
    Matcher file =
        Pattern.compile(
                "<conversionRule conversionWord=\"(\\w+)\" class=\"([\\w.]+)\".*<pattern>(.*)</pattern>",
                Pattern.DOTALL)
            .matcher(Files.readString(Path.of("src/main/resources/log/text.xml")));
    assertThat(file.find()).isTrue();
    PatternLayout layout = new PatternLayout();
    layout.setContext(context);
    layout.getInstanceConverterMap().put(file.group(1), PlainLine::new);
    assertThat(file.group(2)).isEqualTo(PlainLine.class.getName());
    layout.setPattern(file.group(3));
    layout.start();
    return layout.doLayout(
        new LoggingEvent("x", logger, Level.WARN, "error=\"" + HOSTILE + "\"", thrown, null));
  }

  @Test
  void nothing_in_a_message_steers_a_terminal_or_begins_a_line() throws Exception {
    assertThat(logged(null).lines()).hasSize(1);
    assertThat(logged(null).stripTrailing())
        .contains(
            "a\\u001b[2Jb\\r\\n2026-01-01T00:00:00.000Z INFO  forged\\u0085c\\u2028d\\u2029e\\u202ef")
        .doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");
  }

  @Test
  void an_exception_is_indented_and_cannot_begin_a_line_either() throws Exception {
    String text = logged(new IllegalStateException(HOSTILE, new IllegalArgumentException(HOSTILE)));
    assertThat(text.lines().skip(1))
        .hasSizeGreaterThan(4)
        .allMatch(line -> line.startsWith("    "));
    assertThat(text.replace("\n", "")).doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");
  }
}

package io.crmwebhooks.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.EditedRoutes;
import io.crmwebhooks.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mistakes in route files are found before anything starts, all at once and each with its place.
 */
class RouteCheckTest {
  private static final Pattern BOUND = Pattern.compile("bind\\(\\s*\"(\\w+)\"");

  @TempDir private Path routes;
  private EditedRoutes edited;
  private final DefaultCamelContext context = new DefaultCamelContext();

  @BeforeEach
  void copy() throws IOException {
    edited = EditedRoutes.in(routes);
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      for (Path source : sources.filter(Files::isRegularFile).toList()) {
        Matcher bound = BOUND.matcher(Files.readString(source));
        while (bound.find()) {
          context.getRegistry().bind(bound.group(1), new Object());
        }
      }
    }
    context
        .getPropertiesComponent()
        .setInitialProperties(Settings.load(Path.of("none"), Map.of(), Map.of()).properties());
    context.build();
  }

  @AfterEach
  void close() throws IOException {
    context.close();
  }

  private List<String> problems() {
    return RouteCheck.problems(context, edited.pattern());
  }

  @Test
  void the_shipped_routes_have_none() {
    assertThat(problems()).isEmpty();
  }

  @Test
  void each_shipped_file_is_missed_when_it_is_deleted() throws IOException {
    for (Path file : EditedRoutes.files(routes)) {
      String text = Files.readString(file);
      Files.delete(file);
      assertThat(problems())
          .as(file.toString())
          .anyMatch(
              problem -> problem.contains(" missing;") || problem.contains("is the id of no"));
      Files.writeString(file, text);
    }
    assertThat(problems()).isEmpty();
  }

  @Test
  void every_mistake_is_told_at_once_with_file_and_line() throws IOException {
    edited.replace("20-dispatch-changes.camel.yaml", "direct:customise-change", "direct:customize");
    edited.replace("20-dispatch-changes.camel.yaml", "ref: oweDeliveries", "ref: oweDelivery");
    edited.replace(
        "20-dispatch-changes.camel.yaml", "expression: admission", "expression: admision");
    edited.replace("20-dispatch-changes.camel.yaml", "\"#sendingThreads\"", "\"#sendThreads\"");
    edited.replace("20-dispatch-changes.camel.yaml", "    routeConfigurationId: park-change\n", "");
    edited.replace(
        "30-deliver-webhook.camel.yaml",
        "routeConfigurationId: skip-turn",
        "routeConfigurationId: skip");
    edited.replace(
        "10-poll-changes.camel.yaml", "\"{{webhooks.poll.delay}}\"", "\"{{webhooks.poll.dely}}\"");
    edited.replace(
        "40-record-outcomes.camel.yaml", "sql-file:record-batch", "sql-file:record-bach");
    edited.replace("90-keep-house.camel.yaml", "${bean:secrets?", "${bean:secret?");
    edited.write(
        "custom/mine.camel.yaml",
        """
        - route:
            id: mine
            from:
              uri: direct
              parameters:
                name: mine
              steps:
                - to:
                    uri: direct
                    parameters:
                      name: nowhere
                - toD: "seda:nobody?size=1"
                - enrich:
                    expression:
                      constant: direct:lost
        """);
    List<String> problems = problems();
    for (String expected :
        List.of(
            "20-dispatch-changes.camel.yaml:\\d+: direct:customize is called, and no route has it",
            "20-dispatch-changes.camel.yaml:\\d+: there is no bean oweDelivery",
            "20-dispatch-changes.camel.yaml:\\d+: there is no bean admision",
            "20-dispatch-changes.camel.yaml:\\d+: there is no bean sendThreads",
            "20-dispatch-changes.camel.yaml:\\d+: route dispatch-change has lost its .*",
            "30-deliver-webhook.camel.yaml:\\d+: routeConfigurationId skip is the id of no .*",
            "10-poll-changes.camel.yaml:\\d+: \\{\\{webhooks.poll.dely}} is no property",
            "40-record-outcomes.camel.yaml:\\d+: there is no statement sql/record-bach.sql",
            "90-keep-house.camel.yaml:\\d+: there is no bean secret",
            "custom/mine.camel.yaml:11: direct:nowhere is called, and no route has it",
            "custom/mine.camel.yaml:12: seda:nobody is called, and no route has it",
            "custom/mine.camel.yaml:15: direct:lost is called, and no route has it")) {
      assertThat(problems).anyMatch(problem -> problem.matches(".*" + expected));
    }
  }
}

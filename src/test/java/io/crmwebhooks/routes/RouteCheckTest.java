package io.crmwebhooks.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.EditedRoutes;
import io.crmwebhooks.database.SqlFileComponent;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.Version;
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
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Mistakes in route files are found before anything starts, all at once and each with its place.
 */
class RouteCheckTest {
  private static final Pattern BOUND = Pattern.compile("bind\\(\\s*\"(\\w+)\"");

  @TempDir private Path routes;
  private EditedRoutes edited;
  private Settings settings;
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
    settings = Settings.load(Path.of("none"), Map.of(), edited.settings());
    context.getPropertiesComponent().setInitialProperties(settings.properties());
    context.addComponent(
        SqlFileComponent.SCHEME, new SqlFileComponent(new PGSimpleDataSource())); // never asked
    context.build();
  }

  @AfterEach
  void close() throws IOException {
    context.close();
  }

  private List<String> problems() {
    return RouteCheck.problems(context, settings);
  }

  @Test
  void the_shipped_routes_have_none() {
    assertThat(problems()).isEmpty();
  }

  @Test
  void each_shipped_file_is_missed_when_it_is_deleted() throws IOException {
    for (Path shipped : EditedRoutes.shipped()) {
      Path file = routes.resolve(shipped.getFileName());
      String text = Files.readString(file);
      Files.delete(file);
      assertThat(problems())
          .as(file.toString())
          .anyMatch(
              problem -> problem.contains(" missing;") || problem.contains("is the id of no"));
      Files.writeString(file, text);
    }
    for (Path template : EditedRoutes.templates()) {
      Files.delete(routes.resolve("custom").resolve(template.getFileName()));
    }
    assertThat(problems()).as("the templates stand in").isEmpty();
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
    edited.replace("45-write-outcomes.camel.yaml", "sql-file:settle-batch", "sql-file:settle-bach");
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
            "45-write-outcomes.camel.yaml:\\d+: there is no statement sql/settle-bach.sql",
            "90-keep-house.camel.yaml:\\d+: there is no bean secret",
            "custom/mine.camel.yaml:11: direct:nowhere is called, and no route has it",
            "custom/mine.camel.yaml:12: seda:nobody is called, and no route has it",
            "custom/mine.camel.yaml:15: direct:lost is called, and no route has it")) {
      assertThat(problems).anyMatch(problem -> problem.matches(".*" + expected));
    }
  }

  @Test
  void an_unknown_bean_is_told_whichever_way_it_is_named() throws IOException {
    edited.write(
        "custom/mine.camel.yaml",
        """
        - beans:
            - name: own
              type: java.lang.Object
        - route:
            id: mine
            from:
              uri: timer:mine
              parameters:
                exceptionHandler: "#lost1"
              steps:
                - bean: {ref: lost2}
                - bean: {ref: own}
                - bean: {beanType: java.lang.Object}
                - process: {ref: lost3}
                - to: {uri: "bean:lost4?method=a"}
                - to: {uri: "http:a?headerFilterStrategy=#bean:lost5&httpMethod=POST"}
                - multicast: {executorService: "#bean:lost6"}
                - split:
                    aggregationStrategy: lost7
                    expression: {simple: {expression: "${bean:lost8?method=b}"}}
                - script: {expression: {simple: {expression: "${bean:type:java.lang.Object}"}}}
                - setBody: {expression: {constant: {expression: "#random"}}}
                - enrich: {aggregationStrategyRef: lost9, expression: {constant: {expression: "log:x"}}}
        """);
    assertThat(problems())
        .hasSize(9)
        .allSatisfy(
            problem ->
                assertThat(problem).matches(".*mine.camel.yaml:\\d+: there is no bean lost\\d"));
    assertThat(problems().get(0)).contains("mine.camel.yaml:9: there is no bean lost1");
  }

  @Test
  void an_unknown_option_is_told_with_the_one_that_was_meant() throws IOException {
    edited.write(
        "custom/mine.camel.yaml",
        """
        - route:
            id: mine
            from:
              uri: "timer:mine?perod=1s&period={{webhooks.poll.delay}}"
              steps:
                - to:
                    uri: http:receiver.example/hook?key=1&key2=${header.a}
                    parameters:
                      httpMethd: POST
                      httpClient.responseTimeout: 1000
                      responseTimeout: 1000
                      skipRequestHeaders: true
                - to: "https://receiver.example?httpMethd=POST&authUsername=RAW(a&b?c=d)&page=2"
                - toD: "log:a${header.b}?showAl=true"
                - toD: "${header.anywhere}?nonsense=1"
                - wireTap:
                    uri: log:a
                    parameters: {marker: a, sohwAll: true}
                - kamelet:
                    name: any
                    parameters: {any: thing}
                - to: {uri: nowhere:a}
        """);
    assertThat(problems())
        .map(problem -> problem.replaceFirst(".*mine.camel.yaml:", ""))
        .containsExactly(
            "4: the component timer has no option perod; is it period?",
            "9: the component http has no option httpMethd; is it httpMethod?",
            "13: the component https has no option httpMethd; is it httpMethod?",
            "14: the component log has no option showAl; is it showAll?",
            "18: the component log has no option sohwAll; is it showAll?",
            "22: there is no component nowhere; the jar that has it goes into extra/");
  }

  @Test
  void a_file_of_another_version_or_of_none_is_told_before_all_else() throws IOException {
    edited.replace(
        "30-deliver-webhook.camel.yaml",
        "# crm-webhooks " + Version.text(),
        "# crm-webhooks 0.0.9");
    edited.replace("30-deliver-webhook.camel.yaml", "ref: signWebhook", "ref: gone");
    edited.write("95-mine.camel.yaml", "# mine\n- beans: []\n");
    assertThat(problems()).hasSize(2);
    assertThat(problems().get(0))
        .contains(
            "30-deliver-webhook.camel.yaml:1: it belongs to version 0.0.9, and this is version ")
        .contains(Version.text(), "unpack the whole package", "docs/upgrade.md");
    assertThat(problems().get(1))
        .contains("95-mine.camel.yaml:1: it bears no version; ", "routes/custom/");
  }

  @Test
  void a_route_for_webhooks_has_its_id_and_begins_with_it() throws IOException {
    edited.write(
        "custom/targets.camel.yaml",
        """
        - route:
            id: target-one
            from: {uri: "direct:target-one?timeout=100", steps: [{log: {message: a}}]}
        - route:
            id: target-Two
            from: {uri: direct, parameters: {name: target-Two}, steps: [{log: {message: a}}]}
        """);
    assertThat(problems()).isEmpty();
    assertThat(CustomRoutes.targets(context, settings)).containsExactly("Two", "one");
    edited.write(
        "custom/slips.camel.yaml",
        """
        - route:
            id: target-timer
            from: {uri: timer:target-timer, steps: [{log: {message: a}}]}
        - route:
            id: target-other
            from: {uri: direct:target-an-other, steps: [{log: {message: a}}]}
        - route:
            id: target-a_b
            from: {uri: direct:target-a_b, steps: [{log: {message: a}}]}
        - from: {uri: direct:target-none, steps: [{log: {message: a}}]}
        """);
    assertThat(problems())
        .map(problem -> problem.replaceFirst(".*slips.camel.yaml:", ""))
        .containsExactlyInAnyOrder(
            "2: route target-timer must begin with from: direct:target-timer, since webhooks are sent there as route:timer",
            "5: route target-other must begin with from: direct:target-other, since webhooks are sent there as route:other",
            "6: the route that begins with direct:target-an-other must have the id target-an-other, by which webhooks know it",
            "8: route target-a_b: behind target- must stand 1 to 100 letters, digits and dashes, as in route:NAME of a webhook",
            "10: the route that begins with direct:target-none must have the id target-none, by which webhooks know it");
    assertThat(CustomRoutes.targets(context, settings)).containsExactly("Two", "one");
  }

  @Test
  void a_route_that_is_defined_twice_is_told_with_both_places() throws IOException {
    String route = Files.readString(routes.resolve("custom/customise-change.camel.yaml"));
    edited.write("custom/mine.camel.yaml", route);
    assertThat(problems())
        .singleElement()
        .asString()
        .containsPattern(
            "mine.camel.yaml:\\d+: route customise-change is defined in .*/customise-change.camel.yaml:\\d+ already");
  }
}

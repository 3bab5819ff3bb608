package io.crmwebhooks.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.EditedRoutes;
import io.crmwebhooks.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All errors of all route files at once, with neither database nor network. */
class RouteReviewTest {
  @TempDir private Path folder;

  private List<String> problems(EditedRoutes routes) {
    return RouteReview.problems(Settings.load(Path.of("none"), Map.of(), routes.settings()));
  }

  @Test
  void the_shipped_routes_have_none_and_every_error_of_every_file_is_told_at_once()
      throws IOException {
    EditedRoutes routes = EditedRoutes.in(folder);
    assertThat(problems(routes)).isEmpty();

    routes.write("custom/a-no-yaml.camel.yaml", "- route:\n    id: a\n    from: [\n");
    routes.write(
        "custom/b-no-step.camel.yaml",
        """
        - route:
            id: b
            from:
              uri: direct:b
              steps:
                - sett: {}
        """);
    routes.write(
        "custom/c-three.camel.yaml",
        """
        - route:
            id: c1
            from:
              uri: direct:c1
              steps:
                - setBody: {expression: {simple: {expression: "${body.a"}}}
        - route:
            id: c2
            from:
              uri: timer:c2
              steps:
                - to: {uri: "log:a", parameters: {sohwAll: true}}
        - route:
            id: c3
            from:
              uri: timer:c3
              steps:
                - to: {uri: log:a, parameters: {groupSize: many}}
        - route:
            id: c4
            from:
              uri: direct:c4
              steps:
                - to: {uri: direct:nowhere}
                - bean: {ref: nobody}
        """);
    routes.replace("55-replay-changes.camel.yaml", "ref: replaying", "ref: replying");
    List<String> found = problems(routes);
    String all = String.join("\n", found);
    assertThat(found).as(all).allMatch(problem -> problem.matches("(?s)[^:]+\\.yaml:\\d+: .+"));
    assertThat(all)
        .containsPattern("/a-no-yaml.camel.yaml:[34]: ")
        .containsPattern("/b-no-step.camel.yaml:\\d+: [^\\n]*sett")
        .containsPattern("/c-three.camel.yaml:\\d+: route c1: ")
        .contains("/c-three.camel.yaml:12: the component log has no option sohwAll; is it showAll?")
        .containsPattern("/c-three.camel.yaml:\\d+: route c3: [^\\n]*many")
        .contains("/c-three.camel.yaml:24: direct:nowhere is called")
        .contains("/c-three.camel.yaml:25: there is no bean nobody")
        .containsPattern("/55-replay-changes.camel.yaml:\\d+: there is no bean replying");
    assertThat(found).as("no route twice").noneMatch(problem -> problem.contains("route c4"));
  }
}

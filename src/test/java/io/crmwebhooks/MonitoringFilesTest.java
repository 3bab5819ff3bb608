package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The files of docs/monitoring, held to what a running pipeline shows. */
class MonitoringFilesTest {
  private static final Path FOLDER = Path.of("docs", "monitoring");
  private static final Pattern METRIC =
      Pattern.compile("\\b(?:webhooks|jvm|process|system)_[a-z_]+\\b");

  private static Set<String> shown;

  @BeforeAll
  static void scrape() {
    try (PipelineFixture pipeline = new PipelineFixture().start();
        TestReceiver receiver = TestReceiver.answering(200)) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("delivery") == 1);
      System.gc(); // the pauses are shown from the first one on
      soon()
          .until(
              () -> {
                shown = pipeline.scrape().names();
                return shown.contains("jvm_gc_pause_seconds_sum");
              });
    }
  }

  @Test
  void every_panel_of_the_dashboard_asks_for_metrics_that_exist() throws IOException {
    JsonNode dashboard = new ObjectMapper().readTree(FOLDER.resolve("dashboard.json").toFile());
    List<String> queries = dashboard.path("panels").findValuesAsText("expr");
    assertThat(queries).hasSizeGreaterThan(10).allSatisfy(this::assertAsksForWhatExists);
    assertThat(dashboard.at("/templating/list").findValuesAsText("query"))
        .filteredOn(query -> query.startsWith("label_values"))
        .isNotEmpty()
        .allSatisfy(this::assertAsksForWhatExists);
    assertThat(dashboard.path("panels").findValuesAsText("description"))
        .hasSameSizeAs(dashboard.path("panels"))
        .allMatch(description -> description.endsWith("."));
  }

  @Test
  void every_alert_asks_for_metrics_that_exist_and_has_its_paragraph_for_the_night()
      throws IOException {
    JsonNode rules =
        new YAMLMapper().readTree(FOLDER.resolve("alerts.yaml").toFile()).at("/groups/0/rules");
    String night = Files.readString(FOLDER.resolve("README.md"));
    assertThat(rules)
        .isNotEmpty()
        .allSatisfy(
            rule -> {
              assertAsksForWhatExists(rule.path("expr").asText());
              assertThat(rule.at("/labels/severity").asText()).isIn("warning", "critical");
              assertThat(rule.at("/annotations/summary").asText()).isNotBlank();
              assertThat(night).contains("**" + rule.path("alert").asText() + "**");
            });
  }

  @Test
  void every_metric_of_ours_is_explained_and_every_one_explained_exists() throws IOException {
    String text = Files.readString(FOLDER.resolve("README.md"));
    Set<String> explained =
        METRIC
            .matcher(text)
            .results()
            .map(MatchResult::group)
            .filter(name -> name.startsWith("webhooks_"))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> ours =
        shown.stream()
            .filter(name -> name.startsWith("webhooks_"))
            .map(name -> name.replaceAll("_(bucket|count|sum|max)$", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(explained).isEqualTo(ours);
  }

  private void assertAsksForWhatExists(String query) {
    Stream<String> names = METRIC.matcher(query).results().map(MatchResult::group);
    assertThat(names).as(query).isNotEmpty().isSubsetOf(shown);
  }
}

package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples in the route file of the news, uncommented as an editor does it. */
class NewsExamplesTest {
  private static final Path ROUTES = Path.of("routes");
  private static final String FILE = "70-tell-operators.camel.yaml";

  @TempDir private Path folder;

  @AfterEach
  void forget() {
    System.clearProperty("chat.url");
  }

  @Test
  void the_chat_example_tells_a_chat_when_it_is_uncommented_as_it_stands() throws IOException {
    try (Stream<Path> files = Files.list(ROUTES)) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    Files.writeString(folder.resolve(FILE), uncommented("a chat"));
    try (TestReceiver chat = TestReceiver.answering(200);
        PipelineFixture pipeline =
            new PipelineFixture("webhooks.routes", "file:" + folder + "/*.camel.yaml")) {
      System.setProperty("chat.url", chat.url("/room?key=secret"));
      pipeline.start();
      pipeline.sql("INSERT INTO webhooks.change (event, record) VALUES ('no\"nsense', '{}')");
      soon().until(() -> !chat.received().isEmpty());
      TestReceiver.Received told = chat.received().get(0);
      assertThat(told.path()).isEqualTo("/room?key=secret");
      assertThat(told.headers())
          .containsEntry("content-type", "application/json")
          .doesNotContainKey("reason");
      assertThat(new YAMLMapper().readTree(told.text()).path("text").asText())
          .startsWith("change.parked: change 1 (no'nsense): ")
          .endsWith("(webhook -)");
    }
  }

  @Test
  void both_examples_stand_beside_the_log_when_they_are_uncommented() throws IOException {
    JsonNode routes = new YAMLMapper().readTree(uncommented("a chat", "a mail"));
    JsonNode steps = routes.at("/1/route/from/steps/0/multicast/steps");
    assertThat(steps).hasSize(3);
    assertThat(List.of(steps.get(0).has("log"), steps.get(1).has("pipeline"))).containsOnly(true);
    assertThat(steps.at("/2/pipeline/steps/2/to").asText()).startsWith("smtp://");
  }

  /** The file without the "# " before the lines of these examples. */
  private static String uncommented(String... examples) throws IOException {
    StringBuilder text = new StringBuilder();
    boolean in = false;
    for (String line : Files.readAllLines(ROUTES.resolve(FILE))) {
      in =
          line.isBlank() ? false : in || Stream.of(examples).anyMatch(e -> line.contains(": " + e));
      boolean isStep = line.matches(" *# (- pipeline:| +\\S.*)");
      text.append(in && isStep ? line.replaceFirst("# ", "") : line).append('\n');
    }
    return text.toString();
  }
}

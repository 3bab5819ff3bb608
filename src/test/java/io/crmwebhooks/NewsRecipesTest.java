package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The recipe of news for a chat, put in place as an operator does it. */
class NewsRecipesTest {
  @TempDir private Path folder;

  @AfterEach
  void forget() {
    System.clearProperty("chat.url");
  }

  @Test
  void the_chat_recipe_tells_a_chat_as_it_stands() throws IOException {
    EditedRoutes edited = EditedRoutes.in(folder).recipe("chat");
    try (TestReceiver chat = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture(edited)) {
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
}

package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The same rules for the files of the engine Kafka. */
class RouteFilesOnKafkaTest extends RouteFilesTest {
  private static final Path KAFKA = ROUTES.resolve("kafka");

  @Override
  Stream<Path> ours() {
    return super.ours().map(file -> Files.exists(twin(file)) ? twin(file) : file);
  }

  private static Path twin(Path file) {
    return KAFKA.resolve(file.getFileName());
  }

  @Test
  void only_the_files_where_the_pipeline_meets_its_engine_have_a_twin() {
    assertThat(files(KAFKA).map(file -> file.getFileName().toString()))
        .containsExactly("10-poll-changes.camel.yaml", "45-write-outcomes.camel.yaml")
        .allMatch(name -> Files.exists(ROUTES.resolve(name)));
  }
}

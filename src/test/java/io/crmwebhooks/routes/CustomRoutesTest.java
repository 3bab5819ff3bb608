package io.crmwebhooks.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.EditedRoutes;
import io.crmwebhooks.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The user's own routes: made once, never touched again, and never missing. */
class CustomRoutesTest {
  private static final String OURS = "file:routes/*.camel.yaml";

  @TempDir private Path home;
  private final DefaultCamelContext context = new DefaultCamelContext();

  @AfterEach
  void close() throws IOException {
    context.close();
  }

  private Path folder() {
    return home.resolve("routes/custom");
  }

  private String folderPattern() {
    return "file:" + folder() + "/*.camel.yaml";
  }

  private Settings settings(String pattern) {
    return Settings.load(Path.of("none"), Map.of(), Map.of("webhooks.custom.routes", pattern));
  }

  private String make() {
    return make(folderPattern());
  }

  private String make(String pattern) {
    CustomRoutes.make(context, settings(pattern));
    return CustomRoutes.all(context, settings(pattern));
  }

  private List<String> made() throws IOException {
    return EditedRoutes.files(folder()).stream().map(f -> f.getFileName().toString()).toList();
  }

  @Test
  void the_first_start_makes_a_file_of_each_route_and_later_ones_touch_none() throws IOException {
    assertThat(make()).isEqualTo(OURS + "," + folderPattern());
    for (Path template : EditedRoutes.templates()) {
      assertThat(folder().resolve(template.getFileName())).hasSameBinaryContentAs(template);
    }
    assertThat(made()).hasSameSizeAs(EditedRoutes.templates());
    Path edited = folder().resolve("customise-change.camel.yaml");
    Files.writeString(edited, "# nothing\n");
    make();
    assertThat(edited).hasContent("# nothing\n");
  }

  @Test
  void a_route_that_a_file_of_another_name_defines_is_not_made() throws IOException {
    Files.createDirectories(folder());
    Path template = EditedRoutes.templates().get(0);
    Files.copy(template, folder().resolve("mine.camel.yaml"));
    make();
    assertThat(made())
        .contains("mine.camel.yaml")
        .doesNotContain(template.getFileName().toString())
        .hasSameSizeAs(EditedRoutes.templates());
  }

  @Test
  void nothing_is_made_while_a_file_cannot_be_read() throws IOException {
    Files.createDirectories(folder());
    Files.writeString(folder().resolve("mine.camel.yaml"), "- route: [\n");
    assertThat(make()).isEqualTo(OURS + "," + folderPattern());
    assertThat(made()).containsExactly("mine.camel.yaml");
  }

  @Test
  void where_nothing_can_be_written_the_routes_are_used_as_shipped() throws IOException {
    Files.writeString(home.resolve("routes"), "a file in the way of the folder");
    String shipped = "classpath:custom/customise-change.camel.yaml";
    assertThat(make()).startsWith(OURS + ",classpath:").contains(shipped);
    String elsewhere = "classpath:nowhere/*.camel.yaml";
    assertThat(make(elsewhere))
        .startsWith(OURS + "," + elsewhere + ",classpath:")
        .contains(shipped);
  }

  @Test
  void who_only_reads_makes_nothing() {
    assertThat(CustomRoutes.all(context, settings(folderPattern()))).contains(",classpath:");
    assertThat(home).isEmptyDirectory();
  }
}

package io.crmwebhooks.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.EditedRoutes;
import io.crmwebhooks.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files of the package somebody has edited. */
class EditedFileTest {
  @TempDir private Path folder;

  @Test
  void an_edited_route_is_found_and_other_line_ends_are_no_edit() throws IOException {
    EditedRoutes routes = EditedRoutes.in(folder);
    Settings settings = Settings.load(Path.of("none"), Map.of(), routes.settings());
    Path windows = folder.resolve("20-dispatch-changes.camel.yaml");
    Files.writeString(windows, Files.readString(windows).replace("\n", "\r\n"));
    assertThat(EditedFile.ofPipeline(settings)).isEmpty();
    assertThat(EditedFile.ofUser(settings)).isEmpty();
    routes.replace("30-deliver-webhook.camel.yaml", "httpMethod: POST", "httpMethod: PUT");
    routes.customise("- stop: {}\n").write("custom/mine.camel.yaml", "# mine\n");
    EditedFile edited = EditedFile.ofPipeline(settings).get(0);
    assertThat(edited.name()).isEqualTo(folder + "/30-deliver-webhook.camel.yaml");
    assertThat(edited.found()).contains("                      httpMethod: PUT");
    assertThat(edited.shipped()).contains("                      httpMethod: POST");
    assertThat(EditedFile.ofPipeline(settings)).hasSize(1);
    assertThat(EditedFile.ofUser(settings))
        .extracting(EditedFile::name)
        .containsExactly(folder + "/custom/customise-change.camel.yaml");
  }

  @Test
  void a_statement_is_compared_with_that_of_this_version() throws IOException {
    Files.writeString(folder.resolve("beat.sql"), "SELECT 1");
    Files.writeString(folder.resolve("mine.sql"), "SELECT 1");
    assertThat(EditedFile.in(folder, "sql/"))
        .extracting(EditedFile::name)
        .containsExactly(folder + "/beat.sql");
    assertThat(EditedFile.in(folder.resolve("none"), "sql/")).isEmpty();
  }
}

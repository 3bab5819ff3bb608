package io.crmwebhooks.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatementsTest {
  private static final String FILE = "show-revision.sql";

  @TempDir private Path folder;

  @Test
  void an_edited_file_of_the_folder_is_used() throws IOException {
    Files.writeString(folder.resolve(FILE), "SELECT 1");
    Statements statements = new Statements(folder);
    assertThat(statements.text(FILE)).isEqualTo("SELECT 1");
  }

  @Test
  void without_the_file_or_the_folder_what_was_built_in_is_used() {
    for (Path none : new Path[] {folder, folder.resolve("none")}) {
      Statements statements = new Statements(none);
      assertThat(statements.text(FILE)).isEqualTo(Statements.builtIn("/sql/" + FILE));
    }
  }

  @Test
  void a_file_that_this_version_does_not_have_is_no_statement() throws IOException {
    Files.writeString(folder.resolve("mine.sql"), "SELECT 1");
    Statements statements = new Statements(folder);
    assertThat(statements.exists("mine.sql")).isFalse();
    assertThatThrownBy(() -> statements.text("mine.sql"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no statement sql/mine.sql");
  }
}

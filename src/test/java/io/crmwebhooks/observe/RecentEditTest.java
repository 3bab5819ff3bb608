package io.crmwebhooks.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.observe.RecentEdit.Since;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That parked changes are counted from the newest edit on, and for ten minutes. */
class RecentEditTest {
  private static final Instant NOON = Instant.parse("2026-02-10T12:00:00Z");

  @TempDir private Path folder;
  private Path steps;
  private Path others;
  private Instant now = NOON;
  private RecentEdit edits;

  @BeforeEach
  void make() throws IOException {
    steps = edited("customise-change.camel.yaml", NOON.minusSeconds(60));
    others = edited("pass-on-news.camel.yaml", NOON.minusSeconds(86_400));
    edits = new RecentEdit(() -> List.of(steps, others, folder.resolve("gone")), () -> now);
  }

  private Path edited(String name, Instant at) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "");
    return Files.setLastModifiedTime(file, FileTime.from(at));
  }

  private String parked() {
    return edits.parked().map(Since::words).orElse("");
  }

  @Test
  void changes_are_counted_from_the_newest_edit_on_for_ten_minutes() throws IOException {
    assertThat(parked())
        .isEqualTo("1 change parked since " + steps + " was edited at 2026-02-10T11:59:00Z");
    assertThat(parked()).startsWith("2 changes parked since " + steps);
    edited("pass-on-news.camel.yaml", NOON.plusSeconds(5));
    assertThat(parked()).as("looked at a moment ago").startsWith("3 changes");
    now = NOON.plusSeconds(10);
    assertThat(parked()).startsWith("1 change parked since " + others);
    now = NOON.plusSeconds(700);
    assertThat(parked()).isEmpty();
  }

  @Test
  void the_tenth_and_the_hundredth_are_many() {
    List<Long> many =
        Stream.generate(() -> edits.parked().orElseThrow())
            .limit(150)
            .filter(Since::isMany)
            .map(Since::parked)
            .toList();
    assertThat(many).containsExactly(10L, 100L);
  }
}

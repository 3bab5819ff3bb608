package io.crmwebhooks.observe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.spi.Resource;

/**
 * Counts the changes that this process has parked since a route file was edited. When that is less
 * than ten minutes ago, the edit is the likely cause. The files are looked at once a second at
 * most. Thread-safe.
 */
final class RecentEdit {
  private static final Duration RECENT = Duration.ofMinutes(10);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final String FILE = "file:";

  private final Supplier<Collection<Path>> files;
  private final InstantSource clock;
  private Instant lookedAt = Instant.EPOCH;
  private Edit newest = new Edit(null, Instant.EPOCH);
  private long parked;

  private record Edit(Path file, Instant at) {}

  /**
   * @param parked how many changes
   * @param words that tell it, with the file and the time
   */
  record Since(long parked, String words) {
    /** Whether it is worth telling whatever has been told before: the 10th, the 100th and so on. */
    boolean isMany() {
      return Long.toString(parked).matches("10+");
    }
  }

  /**
   * @param files that the routes come from
   */
  RecentEdit(Supplier<Collection<Path>> files, InstantSource clock) {
    this.files = files;
    this.clock = clock;
  }

  /** The files of the routes that a context has at the time. */
  static RecentEdit in(CamelContext context) {
    return new RecentEdit(
        () ->
            context.getRoutes().stream()
                .map(Route::getSourceResource)
                .filter(Objects::nonNull)
                .map(Resource::getLocation)
                .filter(location -> location.startsWith(FILE))
                .map(location -> Path.of(location.substring(FILE.length())))
                .collect(Collectors.toSet()),
        Clock.systemUTC());
  }

  /**
   * Counts a parked change.
   *
   * @return empty: no file was edited lately
   */
  synchronized Optional<Since> parked() {
    Instant now = clock.instant();
    if (lookedAt.isBefore(now.minus(LOOK))) {
      look(now);
    }
    parked++;
    if (newest.at.isBefore(now.minus(RECENT))) {
      return Optional.empty();
    }
    String words =
        "%,d change%s parked since %s was edited at %s"
            .formatted(
                parked,
                parked == 1 ? "" : "s",
                newest.file,
                newest.at.truncatedTo(ChronoUnit.SECONDS));
    return Optional.of(new Since(parked, words));
  }

  private void look(Instant now) {
    lookedAt = now;
    for (Path file : files.get()) {
      Instant at = editedAt(file);
      if (at.isAfter(newest.at) && !at.isAfter(now)) {
        newest = new Edit(file, at);
        parked = 0;
      }
    }
  }

  private static Instant editedAt(Path file) {
    try {
      return Files.getLastModifiedTime(file).toInstant();
    } catch (IOException e) { // it was taken away, which is no edit of what runs
      return Instant.EPOCH;
    }
  }
}

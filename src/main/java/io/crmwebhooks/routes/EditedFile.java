package io.crmwebhooks.routes;

import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.Version;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that this version brings along and that somebody has edited. It works as it is, and the
 * next version replaces it. Line ends make no difference.
 *
 * @param name its path, as it is configured
 * @param shipped the lines of this version
 * @param found the lines that stand there
 */
public record EditedFile(String name, List<String> shipped, List<String> found) {
  private static final Logger LOG = LoggerFactory.getLogger(EditedFile.class);
  private static final String SQL = "sql/";

  /** Route files, statements and the file of settings, by name. Only the pipeline's own files. */
  public static List<EditedFile> ofPipeline(Settings settings) {
    List<EditedFile> edited = new ArrayList<>();
    CustomRoutes.folders(settings.text("webhooks.routes"))
        .forEach(
            folder -> {
              edited.addAll(in(folder, "routes/"));
              edited.addAll(in(folder.resolve("kafka"), "routes/kafka/"));
            });
    edited.addAll(in(Path.of(SQL), SQL));
    in(Settings.FILE.getParent(), "").stream()
        .filter(file -> Path.of(file.name).equals(Settings.FILE))
        .forEach(edited::add);
    return edited;
  }

  /** Says in the log which of the pipeline's own files are edited, if any. */
  public static void warn(Settings settings) {
    List<String> edited = ofPipeline(settings).stream().map(EditedFile::name).toList();
    if (!edited.isEmpty()) {
      LOG.warn(
          "files.edited {} differ from version {}: they are used, and the next version replaces them",
          String.join(",", edited),
          Version.text());
    }
  }

  /** The user's own routes that began as a file of this version. */
  public static List<EditedFile> ofUser(Settings settings) {
    return CustomRoutes.folders(settings.text("webhooks.custom.routes"))
        .flatMap(folder -> in(folder, CustomRoutes.RESOURCES).stream())
        .toList();
  }

  /**
   * @param resources the folder of the class path that has the files as they are shipped
   */
  static List<EditedFile> in(Path folder, String resources) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<EditedFile> edited = new ArrayList<>();
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        List<String> shipped = shipped(resources + file.getFileName());
        if (shipped != null) {
          List<String> found = lines(Files.readAllBytes(file));
          if (!found.equals(shipped)) {
            edited.add(new EditedFile(file.toString(), shipped, found));
          }
        }
      }
      return edited;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + folder + ": " + e.getMessage(), e);
    }
  }

  private static List<String> shipped(String resource) throws IOException {
    try (InputStream in = EditedFile.class.getResourceAsStream("/" + resource)) {
      return in == null ? null : lines(in.readAllBytes());
    }
  }

  private static List<String> lines(byte[] text) {
    return new String(text, StandardCharsets.UTF_8).lines().toList();
  }
}

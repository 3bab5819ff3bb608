package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A copy of the route files that a test edits as an operator would; {@code custom/} is the user's.
 */
public final class EditedRoutes {
  private static final Path SHIPPED = Path.of("routes");
  private static final Path TEMPLATES = Path.of("src", "main", "resources", "custom");
  private static final String KAFKA = "kafka/";
  private static final String CUSTOM = "custom/";
  private static final String CUSTOMISE = CUSTOM + "customise-change.camel.yaml";
  private static final String CUSTOMISE_DELIVERY = CUSTOM + "customise-delivery.camel.yaml";
  private static final String STEPS = "      uri: direct:customise-change\n      steps:\n";

  private final Path folder;

  private EditedRoutes(Path folder) {
    this.folder = folder;
  }

  /** The files as they are shipped, copied into an empty folder. */
  public static EditedRoutes in(Path folder) throws IOException {
    Files.createDirectory(folder.resolve(CUSTOM));
    for (Path file : shipped()) {
      Files.copy(file, folder.resolve(file.getFileName()));
    }
    Files.createDirectory(folder.resolve(KAFKA));
    for (Path file : files(SHIPPED.resolve(KAFKA))) {
      Files.copy(file, folder.resolve(KAFKA).resolve(file.getFileName()));
    }
    for (Path file : templates()) {
      Files.copy(file, folder.resolve(CUSTOM).resolve(file.getFileName()));
    }
    return new EditedRoutes(folder);
  }

  /** The files of this version, in the order of the pipeline. */
  public static List<Path> shipped() throws IOException {
    try (Stream<Path> files = Files.list(SHIPPED)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /** The files that a user's own begin with. */
  public static List<Path> templates() throws IOException {
    return files(TEMPLATES);
  }

  /** All files below a folder, in order. */
  public static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /** Every mention of a text in a file becomes another; it is there. */
  public EditedRoutes replace(String file, String text, String instead) throws IOException {
    String before = Files.readString(folder.resolve(file));
    assertThat(before).contains(text);
    return write(file, before.replace(text, instead));
  }

  /** A file of one's own, or another text for one of them. */
  public EditedRoutes write(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text);
    return this;
  }

  /** Steps that begin with {@code - }, put into the route that customises changes. */
  public EditedRoutes customise(String steps) throws IOException {
    return replace(CUSTOMISE, STEPS, STEPS + steps.indent(8));
  }

  /** Steps for changes of one object only. */
  public EditedRoutes customise(String object, String steps) throws IOException {
    return customise(onlyIf("${body.object} == '%s'".formatted(object), steps));
  }

  /** The same in the route that customises deliveries. */
  EditedRoutes customiseDelivery(String object, String steps) throws IOException {
    return customiseDelivery(onlyIf("${variable.change.object} == '%s'".formatted(object), steps));
  }

  /** Steps that begin with {@code - }, put into the route that customises deliveries. */
  EditedRoutes customiseDelivery(String steps) throws IOException {
    String before = STEPS.replace("-change", "-delivery");
    return replace(CUSTOMISE_DELIVERY, before, before + steps.indent(8));
  }

  private static String onlyIf(String condition, String steps) {
    return """
        - filter:
            expression:
              simple:
                expression: "%s"
            steps:
        """
            .formatted(condition)
        + steps.indent(6);
  }

  /** The files of a folder of {@code recipes} are put among the user's. */
  public EditedRoutes recipe(String name) throws IOException {
    for (Path file : files(Path.of("recipes", name))) {
      write(CUSTOM + file.getFileName(), Files.readString(file));
    }
    return this;
  }

  public Path folder() {
    return folder;
  }

  /** The settings that name them. */
  public Map<String, String> settings() {
    return Map.of("webhooks.routes", files(""), "webhooks.custom.routes", files(CUSTOM));
  }

  private String files(String below) {
    return "file:" + folder + "/" + below + "*.camel.yaml";
  }
}

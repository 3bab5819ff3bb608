package io.crmwebhooks.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The package is whole, says what is in it, and its archive holds no trace of who built it. */
@Tag("packaged")
class PackageTest {
  private static final Path FOLDER = Path.of("target", "crm-webhooks");
  private static final Path ARCHIVE = Path.of("target", "crm-webhooks.tar.gz");
  private static final Path CONTENTS = FOLDER.resolve("crm-webhooks.cdx.json");

  /** Folders of the repository, and where the package has them. */
  private static final Map<String, String> FOLDERS =
      Map.of(
          "bin", "bin",
          "docs", "docs",
          "extra", "extra",
          "recipes", "recipes",
          "routes", "routes",
          "src/main/resources/sql", "sql");

  @TempDir private Path folder;

  @Test
  void it_has_each_file_that_an_operator_needs_as_it_stands_in_the_repository() throws IOException {
    for (Map.Entry<String, String> folder : FOLDERS.entrySet()) {
      Path source = Path.of(folder.getKey());
      for (Path file : files(source)) {
        if (file.startsWith("routes/custom")) {
          continue; // somebody's own
        }
        assertThat(FOLDER.resolve(folder.getValue()).resolve(source.relativize(file)))
            .hasSameBinaryContentAs(file);
      }
    }
    assertThat(FOLDER.resolve("LICENSE")).exists();
    assertThat(FOLDER.resolve("config/application.properties")).exists();
    assertThat(FOLDER.resolve("bin/crm-webhooks")).isExecutable();
  }

  @Test
  void the_archive_is_the_folder_and_tells_nothing_of_the_build() throws IOException {
    Instant built = Instant.parse(property("project.build.outputTimestamp"));
    Set<String> names = new TreeSet<>();
    try (InputStream file = new BufferedInputStream(Files.newInputStream(ARCHIVE));
        TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(file))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        String name = entry.getName();
        assertThat(entry.getLastModifiedTime().toInstant()).as(name).isEqualTo(built);
        assertThat(entry.getLongUserId() + entry.getLongGroupId()).as(name).isZero();
        assertThat(entry.getUserName() + entry.getGroupName()).as(name).isIn("rootroot", "");
        boolean runs = entry.isDirectory() || name.equals("crm-webhooks/bin/crm-webhooks");
        assertThat(entry.getMode() & 0777).as(name).isEqualTo(runs ? 0755 : 0644);
        if (!entry.isDirectory()) {
          names.add(name.replaceFirst("^crm-webhooks/", ""));
        }
      }
    }
    Set<String> folder = new TreeSet<>();
    for (Path file : files(FOLDER)) {
      folder.add(FOLDER.relativize(file).toString());
    }
    // made after the archive, by the Java of this machine, and by starts from the folder
    folder.removeIf(
        name ->
            name.equals("lib/crm-webhooks.jsa")
                || name.matches("(data|tls|routes/custom)/.*|config/local.properties"));
    assertThat(names).isEqualTo(folder);
  }

  @Test
  void the_list_of_its_contents_names_each_library_and_nothing_else()
      throws IOException, NoSuchAlgorithmException {
    assumeTrue(Files.exists(CONTENTS), "it is made when Maven is online");
    Map<String, String> listed = new TreeMap<>();
    for (JsonNode component : new ObjectMapper().readTree(CONTENTS.toFile()).path("components")) {
      String name = component.path("name").asText() + "-" + component.path("version").asText();
      assertThat(component.path("licenses")).as(name).isNotEmpty();
      for (JsonNode hash : component.path("hashes")) {
        if (hash.path("alg").asText().equals("SHA-256")) {
          listed.put(name + ".jar", hash.path("content").asText());
        }
      }
    }
    Map<String, String> libraries = new TreeMap<>();
    for (Path file : files(FOLDER.resolve("lib"))) {
      String name = file.getFileName().toString();
      if (name.endsWith(".jar") && !name.startsWith("crm-webhooks-")) {
        libraries.put(name, sha256(file));
      }
    }
    // inside our own jar: one file of it
    assertThat(listed.keySet()).contains("chart.js-" + property("chartjs.version") + ".jar");
    listed.keySet().removeIf(name -> name.startsWith("chart.js-"));
    assertThat(listed).isEqualTo(libraries);
  }

  @Test
  void a_component_that_is_added_fits_the_libraries_and_brings_none_of_them_again()
      throws IOException {
    String pom = Files.readString(FOLDER.resolve("extra/pom.xml"));
    for (String version : List.of("camel.version", "jackson.version", "netty.version")) {
      assertThat(property(version, pom)).as(version).isEqualTo(property(version));
    }
    Set<String> libraries = new TreeSet<>();
    try (Stream<Path> files = Files.list(FOLDER.resolve("lib"))) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".jar") && !name.startsWith("crm-webhooks-"))
          .forEach(name -> libraries.add(name.replaceFirst("-\\d[\\w.]*(\\.Final)?\\.jar$", "")));
    }
    assertThat(new TreeSet<>(List.of(property("excludeArtifactIds", pom).strip().split(",\\s*"))))
        .as("excludeArtifactIds of extra/pom.xml")
        .isEqualTo(libraries);
  }

  @ParameterizedTest
  @CsvSource({
    "tracing, webhooks.tracing.enabled, true, opentelemetry-sdk-",
    "manage, webhooks.manage.enabled, true, camel-management-",
    "kafka, webhooks.engine, kafka, kafka-clients-"
  })
  void libraries_that_few_need_are_loaded_only_when_a_setting_asks_for_them(
      String part, String setting, String value, String library) throws Exception {
    String variable = setting.toUpperCase(Locale.ROOT).replace('.', '_');
    assertThat(classPath("", Map.of())).doesNotContain("lib/" + part);
    assertThat(classPath("", Map.of(variable, value)))
        .startsWith("lib/crm-webhooks-")
        .contains(":lib/" + part + "/" + library);
    assertThat(classPath(setting + " = " + value + " ", Map.of())).contains("lib/" + part);
    assertThat(classPath(setting + "=" + value, Map.of(variable, "other")))
        .doesNotContain("lib/" + part);
  }

  /** The class path that the launcher gives to Java, each entry of which is there. */
  private String classPath(String local, Map<String, String> environment) throws Exception {
    Path java = folder.resolve("java/bin/java");
    if (!Files.exists(java)) {
      Files.createDirectories(java.getParent());
      Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
      assertThat(java.toFile().setExecutable(true)).isTrue();
    }
    for (Path file : files(FOLDER)) {
      Path copy = folder.resolve(FOLDER.relativize(file));
      if (!Files.exists(copy)
          && file.toString().matches(".*/(bin/crm-webhooks|classpath|application.properties)")) {
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    Files.writeString(folder.resolve("config/local.properties"), local);
    ProcessBuilder builder = new ProcessBuilder(folder.resolve("bin/crm-webhooks") + "", "run");
    builder.environment().keySet().removeIf(name -> name.startsWith("WEBHOOKS_"));
    builder.environment().putAll(environment);
    builder.environment().put("JAVA_HOME", folder.resolve("java").toString());
    Process launcher = builder.start();
    List<String> arguments =
        new String(launcher.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    assertThat(launcher.waitFor()).isZero();
    String classPath = arguments.get(arguments.indexOf("-cp") + 1);
    assertThat(classPath.split(":")).allSatisfy(jar -> assertThat(FOLDER.resolve(jar)).exists());
    return classPath;
  }

  private static String property(String name) throws IOException {
    return property(name, Files.readString(Path.of("pom.xml")));
  }

  private static String property(String name, String pom) {
    return pom.substring(
        pom.indexOf("<" + name + ">") + name.length() + 2, pom.indexOf("</" + name));
  }

  private static String sha256(Path file) throws IOException, NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
  }

  private static Set<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).collect(Collectors.toCollection(TreeSet::new));
    }
  }
}

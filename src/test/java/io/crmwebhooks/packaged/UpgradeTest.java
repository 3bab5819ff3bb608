package io.crmwebhooks.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.TestDatabase;
import io.crmwebhooks.settings.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A new version is unpacked over an old one, in which somebody has made edits. */
@Tag("packaged")
class UpgradeTest {
  private static final Path ARCHIVE = Path.of("target", "crm-webhooks.tar.gz").toAbsolutePath();
  private static final Path PACKAGE = Path.of("target", "crm-webhooks").toAbsolutePath();
  private static final String OLD = "lib/crm-webhooks-0.0.9.jar";

  @TempDir private Path folder;

  private Path at(String path) {
    return folder.resolve("crm-webhooks").resolve(path);
  }

  /** Of the package as it is, the files that lie in a folder. */
  private void copy(String name) throws IOException {
    Files.createDirectories(at(name));
    try (Stream<Path> files = Files.list(PACKAGE.resolve(name))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, at(name).resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  private void unpack() throws IOException, InterruptedException {
    ProcessBuilder tar =
        new ProcessBuilder(
            "tar", "-xzf", ARCHIVE.toString(), "--exclude=*postgres-binaries*", "--no-same-owner");
    assertThat(tar.directory(folder.toFile()).inheritIO().start().waitFor()).isZero();
  }

  private Process run(TestDatabase database, Path log) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(at("bin/crm-webhooks").toString(), "run");
    builder.environment().keySet().removeIf(name -> name.startsWith("WEBHOOKS_"));
    builder.environment().put("WEBHOOKS_DATABASE_URL", database.url());
    builder.environment().put("WEBHOOKS_SECRETS_KEY", TestDatabase.STORAGE_KEY);
    return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  private void edit(String path, String from, String to) throws IOException {
    Files.writeString(at(path), Files.readString(at(path)).replace(from, to));
  }

  @Test
  void what_is_the_users_survives_and_the_rest_is_of_the_new_version() throws Exception {
    copy("bin");
    copy("routes");
    copy("sql");
    Files.createSymbolicLink(at("lib"), PACKAGE.resolve("lib"));
    try (Stream<Path> routes = Files.list(at("routes"))) {
      for (Path route : routes.toList()) {
        edit(
            "routes/" + route.getFileName(),
            "crm-webhooks " + Version.text(),
            "crm-webhooks 0.0.9");
      }
    }
    edit("routes/30-deliver-webhook.camel.yaml", "httpMethod: POST", "httpMethod: PUT");
    Files.createDirectories(at("config"));
    Files.createDirectories(at("routes/custom"));
    String mine =
        "# mine\n"
            + Files.readString(Path.of("src/main/resources/custom/customise-change.camel.yaml"));
    Files.writeString(at("routes/custom/customise-change.camel.yaml"), mine);
    String settings = "webhooks.http.port=0\nwebhooks.log.format=json\n";
    Files.writeString(at("config/local.properties"), settings);
    Path log = folder.resolve("log");
    try (TestDatabase database = TestDatabase.create()) {
      Process mixed = run(database, log);
      assertThat(mixed.waitFor()).isEqualTo(1);
      assertThat(log)
          .content()
          .contains(
              "routes/10-poll-changes.camel.yaml:1: it belongs to version 0.0.9, and this is version "
                  + Version.text());

      Files.delete(at("lib"));
      Files.createDirectories(at("lib"));
      Files.createFile(at(OLD));
      unpack();
      assertThat(at("routes/30-deliver-webhook.camel.yaml"))
          .hasSameBinaryContentAs(Path.of("routes/30-deliver-webhook.camel.yaml"));
      assertThat(at("routes/custom/customise-change.camel.yaml")).hasContent(mine);
      assertThat(at("config/local.properties")).hasContent(settings);
      Files.writeString(
          at("routes/35-pause-endpoints.camel.yaml"), "# mine\n", StandardOpenOption.APPEND);
      Process program = run(database, log);
      try {
        Awaitility.await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> Files.readString(log).contains("pipeline.started") || !program.isAlive());
        assertThat(program.isAlive()).as(Files.readString(log)).isTrue();
        assertThat(Path.of("/proc", Long.toString(program.pid()), "cmdline"))
            .content()
            .contains("lib/crm-webhooks-")
            .doesNotContain(OLD, "*");
        // the command "timeout" sends it twice; many, since some become one on their way
        for (int i = 0; i < 1000; i++) {
          program.destroy();
        }
        assertThat(program.waitFor()).isZero();
      } finally {
        program.destroyForcibly();
      }
      assertThat(Files.readAllLines(log))
          .filteredOn(line -> line.contains("files.edited"))
          .singleElement()
          .asString()
          .startsWith("{")
          .contains("files.edited routes", "/35-pause-endpoints.camel.yaml differ");
    }
    try (Stream<Path> made = Files.list(at("routes/custom"))) {
      assertThat(made).hasSize(3);
    }
    assertThat(at("routes/custom/customise-change.camel.yaml")).hasContent(mine);
  }
}

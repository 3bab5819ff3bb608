package io.crmwebhooks.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedDatabaseTest {
  private static final String ADD = "INSERT INTO webhooks.change (event) VALUES ('person.created')";
  private static final String COUNT = "SELECT count(*) FROM webhooks.change";

  @TempDir private Path folder;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void endWhatStillRuns() {
    started.forEach(Process::destroyForcibly);
  }

  @Test
  void keeps_its_data_over_a_restart() throws Exception {
    try (Database database = open(folder)) {
      execute(database, ADD);
    }
    assertThat(folder.resolve("postgresql/postmaster.pid")).doesNotExist();

    try (Database database = open(folder)) {
      assertThat(query(database, COUNT)).isEqualTo("1");
    }
  }

  @Test
  void is_durable_though_the_library_turns_that_off_and_heard_on_loopback_only() throws Exception {
    Map<String, String> meantForAnother =
        Map.of("webhooks.database.username", "crm", "webhooks.database.password", "x");

    try (Database database = open(folder, meantForAnother)) {
      assertThat(query(database, "SHOW fsync")).isEqualTo("on");
      assertThat(query(database, "SHOW synchronous_commit")).isEqualTo("on");
      assertThat(query(database, "SHOW full_page_writes")).isEqualTo("on");
      assertThat(query(database, "SHOW listen_addresses")).isEqualTo("localhost");
    }
  }

  @Test
  void takes_over_from_a_killed_process_with_all_that_was_committed() throws Exception {
    Process owner = child(Owner.class);
    assertThat(firstLine(owner)).isEqualTo("1");
    ProcessHandle orphan = server();
    owner.destroyForcibly().waitFor();
    assertThat(orphan.isAlive()).isTrue();

    try (Database database = open(folder)) {
      assertThat(orphan.isAlive()).isFalse();
      assertThat(server().pid()).isNotEqualTo(orphan.pid());
      assertThat(query(database, COUNT)).isEqualTo("1");
    }
  }

  @Test
  void leaves_another_process_alone_that_got_the_pid_of_a_dead_server() throws Exception {
    open(folder).close();
    Files.writeString(
        folder.resolve("postgresql/postmaster.pid"), ProcessHandle.current().pid() + "\n");

    open(folder).close(); // would end this very process
  }

  @Test
  void a_second_process_uses_the_server_of_the_first() throws Exception {
    try (Database database = open(folder)) {
      ProcessHandle server = server();
      Process second = child(Owner.class);

      assertThat(firstLine(second)).isEqualTo("1");
      assertThat(query(database, COUNT)).isEqualTo("1");
      second.destroy();
      second.waitFor();
      assertThat(server.isAlive()).isTrue();
      assertThat(query(database, COUNT)).isEqualTo("1");
    }
  }

  @Test
  void unpacks_again_what_a_killed_process_left_half_unpacked() throws IOException {
    Path half = Files.createDirectories(folder.resolve("binaries/unpacked/PG-1/bin"));
    Files.createFile(half.resolve("postgres"));

    Path unpacked = EmbeddedDatabase.binaries(folder);

    assertThat(unpacked).isEmptyDirectory();
    assertThat(Files.getPosixFilePermissions(folder.resolve("binaries")))
        .doesNotContain(PosixFilePermission.OTHERS_EXECUTE, PosixFilePermission.GROUP_EXECUTE);
  }

  @Test
  void can_be_opened_again_after_a_failed_start() throws IOException {
    Path inTheWay = Files.createFile(folder.resolve("binaries"));
    assertThatThrownBy(() -> open(folder)).isInstanceOf(StartupException.class);
    Files.delete(inTheWay);

    open(folder).close();
  }

  @Test
  void says_which_folder_cannot_be_used() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));

    assertThatThrownBy(() -> open(file))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("webhooks.database.data=" + file);
  }

  /** Opens the folder, adds a change, says how many there are, and stays. */
  static final class Owner {
    public static void main(String[] args) throws Exception {
      Database database = open(Path.of(args[0]));
      execute(database, ADD);
      System.out.println("count " + query(database, COUNT));
      Thread.currentThread().join();
    }
  }

  private Process child(Class<?> main) throws IOException {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    started.add(child);
    return child;
  }

  private static String firstLine(Process child) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(child.getInputStream()));
    StringBuilder others = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith("count ")) {
        return line.substring("count ".length());
      }
      others.append(line).append('\n');
    }
    throw new AssertionError("the child said:\n" + others);
  }

  private ProcessHandle server() throws IOException {
    String pid = Files.readAllLines(folder.resolve("postgresql/postmaster.pid")).get(0);
    return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
  }

  private static Database open(Path folder) {
    return open(folder, Map.of());
  }

  private static Database open(Path folder, Map<String, String> more) {
    Map<String, String> all = new HashMap<>(more);
    all.put("webhooks.database.data", folder.toString());
    return Database.open(Settings.load(Path.of("no such file"), Map.of(), all));
  }

  private static void execute(Database database, String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String query(Database database, String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }
}

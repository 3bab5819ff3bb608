package io.crmwebhooks.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.crmwebhooks.settings.StartupException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import javax.sql.DataSource;

/**
 * The sample CRM: a small Twenty with one workspace, whose changes are captured and whose own
 * webhooks are served. Making it again changes nothing and keeps its rows.
 */
public final class SampleCrm {
  /** The workspace of the sample Twenty. */
  public static final String WORKSPACE = "20c1a0de-5a17-4000-8000-000000000001";

  /** The schema of its tables: {@code workspace_} and the id in base 36. */
  public static final String SCHEMA = "workspace_1xt9x55ble07cssbf8lp1qqyp";

  private SampleCrm() {}

  /**
   * Makes the tables of a Twenty, with one workspace, in one transaction.
   *
   * @param generation {@code 1.x} or {@code 2.x}
   */
  public static void makeTwenty(DataSource dataSource, String generation) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (String file : List.of("core-" + generation, "make", "objects", "sample")) {
        statement.execute(sql("twenty/" + file));
      }
      connection.commit();
    }
  }

  /**
   * Makes the sample Twenty where it is not there yet, captures it, and serves its webhooks.
   *
   * @throws StartupException when the database holds another Twenty, which the demo leaves alone
   */
  public static void create(DataSource dataSource) throws SQLException {
    if (!is(dataSource, "to_regnamespace('sample_twenty') IS NOT NULL")) {
      if (is(dataSource, "to_regnamespace('core') IS NOT NULL")) {
        throw new StartupException(
            "the database of webhooks.database.url has a schema \"core\", maybe of a real Twenty;"
                + " the demo makes one of its own, so give it another database");
      }
      makeTwenty(dataSource, "2.x");
    }
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql("serve"));
    }
  }

  private static boolean is(DataSource dataSource, String condition) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery("SELECT " + condition)) {
      answer.next();
      return answer.getBoolean(1);
    }
  }

  /** A statement of the demo, from the files under {@code demo/} on the class path. */
  static String sql(String name) {
    try (InputStream in = SampleCrm.class.getResourceAsStream("/demo/" + name + ".sql")) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Invented people and things for the sample CRM; the same seed invents the same ones. */
  static final class MadeUp {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String[] FIRST_NAMES = {
      "Ada", "Bela", "Chidi", "Dana", "Emre", "Fatou", "Greta", "Hana", "Ivo", "Jun", "Kofi", "Lena"
    };
    private static final String[] LAST_NAMES = {
      "Alder", "Brook", "Castell", "Dune", "Esker", "Fjord", "Glen", "Heath", "Isle", "Kestrel"
    };
    private static final String[] JOBS = {
      "Buyer", "Head of Sales", "Engineer", "Founder", "Office Manager", "Designer"
    };
    private static final String[] CITIES = {"Lisbon", "Riga", "Graz", "Osaka", "Accra", "Cork"};
    private static final String[] PRODUCTS = {
      "200 mugs", "a catalogue", "12 cargo bikes", "lenses"
    };
    private static final String[] USERS = {"Tim A.", "Phil S.", "Jony I."};

    private final Random random;

    MadeUp(Random random) {
      this.random = random;
    }

    /** A JSON array of {@code count} entries; a statement takes from them what it needs. */
    String json(int count) {
      ArrayNode entries = JSON.createArrayNode();
      for (int i = 0; i < count; i++) {
        entries
            .addObject()
            .put("firstName", any(FIRST_NAMES))
            .put("lastName", any(LAST_NAMES))
            .put("jobTitle", any(JOBS))
            .put("city", any(CITIES))
            .put("product", any(PRODUCTS))
            .put("userName", any(USERS))
            .put("amount", 500 + 250 * random.nextInt(100))
            .put("draw", Integer.toString(random.nextInt())); // which existing row is meant
      }
      return entries.toString();
    }

    private String any(String[] choices) {
      return choices[random.nextInt(choices.length)];
    }
  }
}

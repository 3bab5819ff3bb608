package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.Cli.Ran;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code crm-webhooks twenty} on a database. */
class TwentyCommandTest {
  private static final String PERSON = TwentyFixture.table("person");
  private static final String ADD_PERSON =
      "INSERT INTO %s (\"nameFirstName\") VALUES ('Ada')".formatted(PERSON);

  private static TestDatabase database;
  private static Cli cli;

  @BeforeAll
  static void open() {
    database = TestDatabase.create();
    cli = Cli.on(database.url());
  }

  @AfterAll
  static void close() {
    database.close();
  }

  /** A Twenty of its own for each test, in a database that the program has not seen yet. */
  private static TwentyFixture fresh(String generation) throws SQLException {
    TwentyFixture twenty = new TwentyFixture(database.dataSource());
    twenty.run(
        "DROP SCHEMA IF EXISTS webhooks, core, metadata, sample_twenty, %s CASCADE"
            .formatted(TwentyFixture.SCHEMA));
    return generation.isEmpty() ? twenty : TwentyFixture.create(database.dataSource(), generation);
  }

  @ParameterizedTest
  @ValueSource(strings = {TwentyFixture.OLDER, TwentyFixture.NEWER})
  void a_workspace_is_looked_at_taken_over_switched_muted_and_given_back(String generation)
      throws SQLException {
    TwentyFixture twenty = fresh(generation);
    twenty.addWebhook("http://127.0.0.1:9/hook", "s3cret", "person.*", "ship.created");

    Ran look = cli.run("twenty", "check");
    assertThat(look.code()).as(look.toString()).isZero();
    assertThat(look.out())
        .contains("generation " + generation, "not installed", "not yet")
        .containsPattern("rocket +_rocket +no")
        .contains("ship.created: there is no such object")
        .doesNotContain("timelineActivity");
    assertThat(twenty.value("SELECT to_regnamespace('webhooks')")).isNull();

    assertThat(cli.run("twenty", "live").err()).contains("crm-webhooks twenty install");
    assertThat(done(cli.run("twenty", "install", "--json"))).contains("captured");
    assertThat(done(cli.run("twenty", "install", "--json")))
        .contains("unchanged")
        .doesNotContain("captured");
    twenty.run(ADD_PERSON);
    assertThat(twenty.value("SELECT record -> 'name' ->> 'firstName' FROM webhooks.change LIMIT 1"))
        .isEqualTo("Ada");

    assertThat(cli.run("twenty", "check").out()).contains("installed, in shadow");
    JsonNode live =
        cli.run("twenty", "live", "--from", "2026-01-02T03:04:05Z", "--json").json().path(0);
    assertThat(live.path("webhooks").asInt()).isEqualTo(1);
    assertThat(live.path("liveFrom").asText()).startsWith("2026-01-02T03:04:05");
    assertThat(cli.run("twenty", "check").out()).contains("live since").containsPattern(" live\\s");
    assertThat(cli.run("twenty", "shadow").code()).isZero();

    assertThat(cli.run("twenty", "mute", "upgrade", "--for", "1h").out()).contains("are muted");
    assertThat(cli.run("twenty", "check").out()).contains("muted: upgrade");
    twenty.run(ADD_PERSON);
    assertThat(twenty.value("SELECT string_agg(reason, ',') FROM webhooks.dropped_change"))
        .isEqualTo("muted: upgrade");
    assertThat(cli.run("twenty", "unmute").code()).isZero();
    assertThat(cli.run("twenty", "unmute").code()).isEqualTo(1);

    assertThat(done(cli.run("twenty", "remove", "--json"))).contains("released");
    assertThat(
            twenty.value(
                "SELECT count(*) FROM pg_trigger JOIN pg_class AS c ON c.oid = tgrelid"
                    + " WHERE tgname LIKE 'webhooks%' AND relnamespace <> 'webhooks'::regnamespace"))
        .isEqualTo("0");
    assertThat(cli.run("twenty", "check").out()).contains("not installed");
  }

  private static Iterable<String> done(Ran ran) {
    assertThat(ran.code()).as(ran.toString()).isZero();
    return ran.json().findValuesAsText("what");
  }

  @Test
  void records_that_twenty_holds_back_are_refused_unless_the_setting_allows_it()
      throws SQLException {
    TwentyFixture twenty = fresh(TwentyFixture.NEWER);
    twenty.run(
        "INSERT INTO core.\"featureFlag\" (key, \"workspaceId\", value) VALUES ('IS_RECORD_SHARING_ENABLED', '%s', true)"
            .formatted(TwentyFixture.WORKSPACE));

    Ran look = cli.run("twenty", "check");
    assertThat(look.code()).isEqualTo(2);
    assertThat(look.out()).contains("record sharing is on in workspace");
    Ran install = cli.run("twenty", "install");
    assertThat(install.code()).isEqualTo(4);
    assertThat(install.out()).contains("refused: record sharing");

    Cli allowing = cli.with("WEBHOOKS_TWENTY_SHARE_RESTRICTED", "true");
    assertThat(allowing.run("twenty", "check").code()).isZero();
    assertThat(allowing.run("twenty", "install").code()).isZero();
    twenty.run("UPDATE webhooks.twenty_workspace SET share_restricted = false");
    Ran live = cli.run("twenty", "live");
    assertThat(live.code()).as(live.toString()).isEqualTo(4);
  }

  @Test
  void a_database_without_a_twenty_and_one_too_old_are_said_so() throws SQLException {
    TwentyFixture twenty = fresh("");
    Ran none = cli.run("twenty", "check");
    assertThat(none.code()).isEqualTo(2);
    assertThat(none.out()).contains("there is no Twenty in this database");

    twenty.run("CREATE SCHEMA metadata", "CREATE TABLE metadata.\"objectMetadata\" (id uuid)");
    Ran old = cli.run("twenty", "check");
    assertThat(old.code()).isEqualTo(2);
    assertThat(old.out())
        .contains(
            "not supported, because its webhooks and metadata stand in other tables",
            "upgrade it to 1.0 or later");
    assertThat(cli.run("twenty", "install").code()).isEqualTo(2);
  }

  @Test
  void rights_that_the_role_lacks_are_named_with_their_tables() throws SQLException {
    TwentyFixture twenty = fresh(TwentyFixture.NEWER);
    assertThat(cli.run("capture", "list").code()).isZero(); // makes the schema
    twenty.run(
        "CREATE ROLE reader LOGIN",
        "GRANT USAGE ON SCHEMA webhooks TO reader",
        "GRANT SELECT ON ALL TABLES IN SCHEMA webhooks TO reader",
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA webhooks TO reader",
        "GRANT USAGE ON SCHEMA core, %s TO reader".formatted(TwentyFixture.SCHEMA),
        "GRANT SELECT ON ALL TABLES IN SCHEMA core, %s TO reader".formatted(TwentyFixture.SCHEMA),
        "GRANT TRIGGER ON ALL TABLES IN SCHEMA core TO reader");
    try {
      Ran look =
          Cli.on(database.url().replace("user=postgres", "user=reader")).run("twenty", "check");
      assertThat(look.code()).as(look.toString()).isEqualTo(2);
      assertThat(look.out())
          .contains("the role reader lacks the right TRIGGER on _rocket, _survey, company")
          .doesNotContain("right SELECT", "schema core");
    } finally {
      twenty.run("DROP OWNED BY reader", "DROP ROLE reader");
    }
  }

  @Test
  void what_the_metadata_contradicts_is_named() throws SQLException {
    TwentyFixture twenty = fresh(TwentyFixture.NEWER);
    twenty.run(
        "UPDATE core.\"fieldMetadata\" SET type = 'HOLOGRAM' WHERE name = 'notes'",
        "DROP TABLE %s".formatted(TwentyFixture.table("_survey")));

    Ran look = cli.run("twenty", "check", "--json");

    assertThat(look.code()).as(look.toString()).isZero();
    JsonNode report = look.json();
    assertThat(report.path("warnings").toString())
        .contains("rocket.notes is sent otherwise than Twenty sends it", "survey is not captured");
    assertThat(report.path("problems")).isEmpty();
  }
}

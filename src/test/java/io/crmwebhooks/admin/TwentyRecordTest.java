package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.TwentyFixture;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of Twenty's tables become the records and the updated fields that Twenty sends. */
class TwentyRecordTest {
  private static final String ID = "00000000-0000-4000-8000-00000000000";
  private static final String BASE =
      "{\"id\":\"%s\",\"createdAt\":\"2025-02-10T15:30:50.120Z\","
          + "\"updatedAt\":\"2025-02-10T15:30:50.000Z\",\"deletedAt\":null,";
  private static final String ACTOR =
      "{\"source\":\"MANUAL\",\"workspaceMemberId\":null,\"name\":\"System\",\"context\":null}";
  private static final Map<String, TwentyCrm> CRMS = new HashMap<>();

  @BeforeAll
  static void openCrms() throws SQLException {
    for (String generation : new String[] {TwentyFixture.OLDER, TwentyFixture.NEWER}) {
      CRMS.put(generation, new TwentyCrm(generation));
    }
  }

  @AfterAll
  static void closeCrms() throws SQLException {
    for (TwentyCrm crm : CRMS.values()) {
      crm.close();
    }
  }

  @AfterEach
  void nothing_failed() throws SQLException {
    for (TwentyCrm each : CRMS.values()) {
      assertThat(each.crm.warnings()).isEmpty();
      each.crm.run("DELETE FROM _rocket", "DELETE FROM company");
    }
  }

  private static Crm newer() {
    return CRMS.get(TwentyFixture.NEWER).crm;
  }

  /** Inserts a rocket with these columns, and says what its record has after the name. */
  private static String rocket(Crm crm, int n, String columns, String values) throws SQLException {
    crm.run(
        ("INSERT INTO _rocket (id, \"createdAt\", \"updatedAt\", name, position, %s)"
                + " VALUES ('%s%d', '2025-02-10T15:30:50.12Z', '2025-02-10T15:30:50Z', 'Vega', 1.5, %s)")
            .formatted(columns, ID, n, values));
    String record = crm.record();
    String start = BASE.formatted(ID + n) + "\"name\":\"Vega\",\"position\":1.5,";
    assertThat(record).startsWith(start);
    return record.substring(start.length());
  }

  @ParameterizedTest
  @ValueSource(strings = {TwentyFixture.OLDER, TwentyFixture.NEWER})
  void each_type_of_field_is_written_as_twenty_writes_it(String generation) throws SQLException {
    Crm crm = CRMS.get(generation).crm;
    boolean newer = generation.equals(TwentyFixture.NEWER);
    crm.run("INSERT INTO company (id, name) VALUES ('" + ID + "9', 'Acme')");
    String columns =
        "code, notes, crew, price, \"isLive\", \"launchDay\", \"launchAt\", rating, status, tags, aliases, meta,"
            + " \"companyId\", \"pilotFirstName\", \"pilotLastName\", \"contactPrimaryEmail\", \"contactAdditionalEmails\","
            + " \"hotlinePrimaryPhoneNumber\", \"hotlinePrimaryPhoneCountryCode\", \"hotlinePrimaryPhoneCallingCode\","
            + " \"hotlineAdditionalPhones\", \"sitePrimaryLinkLabel\", \"sitePrimaryLinkUrl\", \"siteSecondaryLinks\","
            + " \"budgetAmountMicros\", \"budgetCurrencyCode\", \"baseAddressStreet1\", \"baseAddressStreet2\","
            + " \"baseAddressCity\", \"baseAddressPostcode\", \"baseAddressState\", \"baseAddressCountry\","
            + " \"baseAddressLat\", \"baseAddressLng\", \"approvedBySource\", \"approvedByWorkspaceMemberId\","
            + " \"approvedByName\", \"approvedByContext\", \"manualBlocknote\", \"manualMarkdown\"";
    String values =
        ("'%1$s9', 'a \"b\"', 3, 1.50, true, '2025-02-10', '2025-02-10 16:30:50.1239+01', 'RATING_4', 'BUILT', '{RED,BLUE}',"
                + " ARRAY['x', 'y,z'], '{\"a\": [1.50, null]}', '%1$s9', 'Zoë', 'K', 'z@k.example', '[\"k@z.example\"]',"
                + " '600123', 'DE', '+49', '[{\"number\": \"1\"}]', 'Site', 'https://k.example', '[]',"
                + " 1250000.5, 'EUR', 'Str. 1', '2nd', 'Bonn', '53111', 'NRW', 'Germany',"
                + " 50.730, -7.1, 'IMPORT', '%1$s9', 'Tim', '{\"k\": 1}', '[{\"id\":1}]', '# Hi'")
            .formatted(ID);
    if (newer) {
      columns += ", docs, \"targetPersonId\", \"targetCompanyId\"";
      values += ", '[{\"fileId\": \"f\"}]', NULL, '" + ID + "9'";
    }
    String expected =
        ("\"createdBy\":" + ACTOR + (newer ? ",\"updatedBy\":" + ACTOR : ""))
            + ",\"code\":\"%1$s9\",\"notes\":\"a \\\"b\\\"\",\"crew\":3,\"price\":\"1.50\",\"isLive\":true,"
            + "\"launchDay\":\"2025-02-10\",\"launchAt\":\"2025-02-10T15:30:50.123Z\",\"rating\":\"RATING_4\","
            + "\"status\":\"BUILT\",\"tags\":[\"RED\",\"BLUE\"],\"aliases\":[\"x\",\"y,z\"],\"meta\":{\"a\": [1.50, null]},"
            + "\"companyId\":\"%1$s9\",\"pilot\":{\"firstName\":\"Zoë\",\"lastName\":\"K\"},"
            + "\"contact\":{\"primaryEmail\":\"z@k.example\",\"additionalEmails\":[\"k@z.example\"]},"
            + "\"hotline\":{\"primaryPhoneNumber\":\"600123\",\"primaryPhoneCountryCode\":\"DE\","
            + "\"primaryPhoneCallingCode\":\"+49\",\"additionalPhones\":[{\"number\": \"1\"}]},"
            + "\"site\":{\"primaryLinkLabel\":\"Site\",\"primaryLinkUrl\":\"https://k.example\",\"secondaryLinks\":[]},"
            + "\"budget\":{\"amountMicros\":1250000,\"currencyCode\":\"EUR\"},"
            + "\"base\":{\"addressStreet1\":\"Str. 1\",\"addressStreet2\":\"2nd\",\"addressCity\":\"Bonn\","
            + "\"addressPostcode\":\"53111\",\"addressState\":\"NRW\",\"addressCountry\":\"Germany\","
            + (newer
                ? "\"addressLat\":50.73,\"addressLng\":-7.1},"
                : "\"addressLat\":\"50.730\",\"addressLng\":\"-7.1\"},")
            + "\"approvedBy\":{\"source\":\"IMPORT\",\"workspaceMemberId\":\"%1$s9\",\"name\":\"Tim\",\"context\":{\"k\": 1}},"
            + "\"manual\":{\"blocknote\":\"[{\\\"id\\\":1}]\",\"markdown\":\"# Hi\"}"
            + (newer
                ? ",\"docs\":[{\"fileId\": \"f\"}],\"targetPersonId\":null,\"targetCompanyId\":\"%1$s9\"}"
                : "}");
    for (int n = 0; n < 2; n++) { // the second statement takes what the first one wrote down
      assertThat(rocket(crm, n, columns, values)).isEqualTo(expected.formatted(ID));
    }
    crm.run("UPDATE _rocket SET name = 'Vega', crew = 4");
    assertThat(crm.record()).isEqualTo(after(expected.replace("\"crew\":3", "\"crew\":4"), 1));
    crm.run("DELETE FROM _rocket WHERE id = '" + ID + "0'");
    assertThat(crm.record()).isEqualTo(after(expected.replace("\"crew\":3", "\"crew\":4"), 0));
  }

  private static String after(String rest, int n) {
    return BASE.formatted(ID + n) + "\"name\":\"Vega\",\"position\":1.5," + rest.formatted(ID);
  }

  @ParameterizedTest
  @ValueSource(strings = {TwentyFixture.OLDER, TwentyFixture.NEWER})
  void null_is_what_twenty_makes_of_it(String generation) throws SQLException {
    boolean newer = generation.equals(TwentyFixture.NEWER);
    assertThat(rocket(CRMS.get(generation).crm, 1, "code", "NULL"))
        .isEqualTo(
            ("\"createdBy\":" + ACTOR + (newer ? ",\"updatedBy\":" + ACTOR : ""))
                + ",\"code\":null,\"notes\":\"\",\"crew\":null,\"price\":null,\"isLive\":null,\"launchDay\":null,"
                + "\"launchAt\":null,\"rating\":null,\"status\":null,\"tags\":[],\"aliases\":[],\"meta\":null,"
                + "\"companyId\":null,\"pilot\":{\"firstName\":\"\",\"lastName\":\"\"},"
                + "\"contact\":{\"primaryEmail\":\"\",\"additionalEmails\":[]},"
                + "\"hotline\":{\"primaryPhoneNumber\":\"\",\"primaryPhoneCountryCode\":\"\","
                + "\"primaryPhoneCallingCode\":\"\",\"additionalPhones\":[]},"
                + "\"site\":{\"primaryLinkLabel\":\"\",\"primaryLinkUrl\":\"\",\"secondaryLinks\":[]},"
                + "\"budget\":{\"amountMicros\":null,\"currencyCode\":null},"
                + "\"base\":{\"addressStreet1\":\"\",\"addressStreet2\":\"\",\"addressCity\":\"\",\"addressPostcode\":\"\","
                + "\"addressState\":\"\",\"addressCountry\":\"\",\"addressLat\":null,\"addressLng\":null},"
                + "\"approvedBy\":"
                + ACTOR
                + ",\"manual\":{\"blocknote\":null,\"markdown\":\"\"}"
                + (newer
                    ? ",\"docs\":null,\"targetPersonId\":null,\"targetCompanyId\":null}"
                    : "}"));
  }

  @ParameterizedTest
  @CsvSource({
    "crew, 'NaN', \"crew\":null",
    "crew, '-Infinity', \"crew\":null",
    "crew, '-0', \"crew\":0",
    "crew, '1e21', \"crew\":1e+21",
    "crew, '0.00001', \"crew\":0.00001",
    "price, 'NaN', '\"price\":\"NaN\"'",
    "\"budgetAmountMicros\", 'NaN', '{\"amountMicros\":null,'",
    "\"budgetAmountMicros\", '-0.7', '{\"amountMicros\":0,'",
    "\"budgetAmountMicros\", '9007199254740993', '{\"amountMicros\":9007199254740992,'",
    "\"budgetAmountMicros\", '1e400', '{\"amountMicros\":null,'",
    "\"contactAdditionalEmails\", 'null', '\"additionalEmails\":[]'",
    "\"baseAddressLat\", '1e400', '\"addressLat\":null,'",
    "\"launchAt\", 'infinity', \"launchAt\":null",
    "\"launchAt\", '1969-12-31T23:59:59.9999Z', '\"launchAt\":\"1969-12-31T23:59:59.999Z\"'",
    "\"launchAt\", '0044-03-15 12:00Z BC', '\"launchAt\":\"-000043-03-15T12:00:00.000Z\"'",
    "\"launchAt\", '12025-01-01 00:00Z', '\"launchAt\":\"+012025-01-01T00:00:00.000Z\"'",
  })
  void values_out_of_the_ordinary_do_not_fail(String column, String value, String expected)
      throws SQLException {
    assertThat(rocket(newer(), 1, column, "'" + value + "'")).contains(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "0.1, 0.1",
    "123456789012345680000, 123456789012345680000",
    "1e15, 1000000000000000",
    "-1234567890123456.5, -1234567890123456.5",
    "0.0001, 0.0001",
    "-0.000001, -0.000001",
    "1e-7, 1e-7",
    "1.5e300, 1.5e+300",
    "5e-324, 5e-324",
    "1.7976931348623157e308, 1.7976931348623157e+308",
    "9.999999999999999e22, 1e+23",
    "-3.3e22, -3.3e+22",
    "3.2736273476053728e+16, 32736273476053730",
  })
  void a_number_is_written_as_javascript_writes_it(String number, String expected)
      throws SQLException {
    assertThat(newer().value("SELECT webhooks.js_number(CAST('" + number + "' AS float8))"))
        .isEqualTo(expected);
  }

  @Test
  void hostile_settings_of_the_session_do_not_show() throws SQLException {
    try (Connection hostile = newer().database().dataSource().getConnection();
        Statement statement = hostile.createStatement()) {
      statement.execute(
          "UPDATE core.\"objectMetadata\" SET icon = 'x';"
              + " SET plpgsql.extra_errors = 'all'; SET search_path = public; SET quote_all_identifiers = on;"
              + " SET extra_float_digits = -3; SET DateStyle = 'German'; SET TimeZone = 'Asia/Kathmandu';"
              + " INSERT INTO %1$s (crew, \"launchDay\") VALUES (0.1::float8 + 0.2::float8, '2025-02-10');"
                  .formatted(TwentyFixture.table("_rocket"))
              + " RESET ALL");
      assertThat((Object) statement.getWarnings()).isNull();
    }
    assertThat(newer().record())
        .contains(
            "\"crew\":0.30000000000000004,", "\"launchDay\":\"2025-02-10\"", "\"notes\":\"\"");
  }

  @Test
  void casts_of_the_owner_of_a_type_are_not_used() throws SQLException {
    newer()
        .run(
            "CREATE FUNCTION public.evil(_rocket_rating_enum) RETURNS text LANGUAGE plpgsql AS $$ BEGIN"
                + " RAISE 'it ran as %', current_user; END $$",
            "CREATE FUNCTION public.evil_json(_rocket_rating_enum) RETURNS json LANGUAGE plpgsql AS $$ BEGIN"
                + " RAISE 'it ran as %', current_user; END $$",
            "CREATE CAST (_rocket_rating_enum AS text) WITH FUNCTION public.evil(_rocket_rating_enum) AS IMPLICIT",
            "CREATE CAST (_rocket_rating_enum AS json) WITH FUNCTION public.evil_json(_rocket_rating_enum) AS IMPLICIT");
    rocket(newer(), 1, "rating", "'RATING_1'");
    assertThat(newer().changes("UPDATE _rocket SET rating = 'RATING_2'"))
        .containsExactly("rocket.updated " + ID + "1 {rating}");
    assertThat(newer().record()).contains("\"rating\":\"RATING_2\"");
  }

  @Test
  void the_search_vector_comes_with_its_setting_from_the_next_statement_on() throws SQLException {
    String with = "UPDATE webhooks.twenty_workspace SET search_vector = ";
    newer().run("BEGIN", with + "true");
    assertThat(rocket(newer(), 1, "crew", "1")).contains(",\"searchVector\":\"'vega':1\",\"code\"");
    newer().run("COMMIT", with + "false");
    assertThat(rocket(newer(), 2, "crew", "1")).doesNotContain("searchVector");
  }

  @ParameterizedTest
  @ValueSource(strings = {TwentyFixture.OLDER, TwentyFixture.NEWER})
  void updated_fields_are_those_of_twenty(String generation) throws SQLException {
    Crm crm = CRMS.get(generation).crm;
    rocket(crm, 1, "\"launchAt\"", "'2025-02-10T15:30:50.1234Z'");
    crm.run("INSERT INTO company (id, name) VALUES ('" + ID + "9', 'Acme')");
    assertThat(
            crm.changes(
                "UPDATE _rocket SET \"pilotLastName\" = 'x', \"pilotFirstName\" = 'y', position = 2, name = 'n'",
                "UPDATE _rocket SET \"companyId\" = '" + ID + "9', \"budgetAmountMicros\" = 7",
                "UPDATE _rocket SET notes = '', tags = '{}', aliases = '{}', \"contactAdditionalEmails\" = '[]',"
                    + " \"launchAt\" = '2025-02-10T15:30:50.1239Z', \"budgetAmountMicros\" = 7.5,"
                    + " \"updatedAt\" = now()",
                "UPDATE _rocket SET \"launchAt\" = '2025-02-10T15:30:50.124Z', tags = '{RED}', price = 1.0",
                "UPDATE _rocket SET price = 1.00, \"updatedAt\" = now()",
                "UPDATE _rocket SET name = name"))
        .containsExactly(
            "rocket.updated " + ID + "1 {name,position,pilot}",
            "rocket.updated " + ID + "1 {budget,company,companyId}",
            "rocket.updated " + ID + "1 {price,launchAt,tags}",
            "rocket.updated " + ID + "1 {price}");
  }

  @Test
  void a_soft_deletion_says_deleted_at_and_a_real_one_nothing() throws SQLException {
    rocket(newer(), 1, "crew", "1");
    assertThat(
            newer()
                .changes(
                    "UPDATE _rocket SET \"deletedAt\" = '2025-02-10T00:00Z', name = 'x'",
                    "UPDATE _rocket SET \"deletedAt\" = '2025-02-11T00:00Z'",
                    "UPDATE _rocket SET \"deletedAt\" = NULL",
                    "DELETE FROM _rocket"))
        .containsExactly(
            "rocket.deleted " + ID + "1 {deletedAt}",
            "rocket.updated " + ID + "1 {deletedAt}",
            "rocket.restored " + ID + "1 {deletedAt}",
            "rocket.destroyed " + ID + "1");
    assertThat(
            newer()
                .values(
                    "SELECT record ->> 'deletedAt' FROM webhooks.change WHERE action = 'deleted'"))
        .contains("2025-02-10T00:00:00.000Z");
  }

  @Test
  void the_origin_names_the_member_who_did_it_where_the_row_says_so() throws SQLException {
    TwentyFixture twenty = CRMS.get(TwentyFixture.NEWER).twenty;
    String object = "{\"objectMetadataId\":\"" + twenty.objectId("rocket") + "\"";
    String tim = twenty.memberId("Tim");
    String phil = twenty.memberId("Phil");
    String done = object + ",\"userId\":\"%s\",\"workspaceMemberId\":\"%s\"}";
    String byTim = done.formatted(twenty.userId("Tim"), tim);
    String byPhil = done.formatted(twenty.userId("Phil"), phil);
    rocket(
        newer(), 1, "\"createdBySource\", \"createdByWorkspaceMemberId\"", "'API', '" + tim + "'");
    String last = newer().value("SELECT max(id) FROM webhooks.change");
    rocket(
        newer(),
        2,
        "\"createdBySource\", \"createdByWorkspaceMemberId\"",
        "'IMPORT', '" + tim + "'");
    newer()
        .run(
            "UPDATE _rocket SET crew = 5, \"updatedBySource\" = 'MANUAL', \"updatedByWorkspaceMemberId\" = '%s'"
                    .formatted(phil)
                + " WHERE id = '"
                + ID
                + "2'",
            "UPDATE _rocket SET \"deletedAt\" = now() WHERE id = '" + ID + "2'",
            "UPDATE _rocket SET crew = 6, \"updatedBySource\" = 'WORKFLOW' WHERE id = '"
                + ID
                + "2'",
            "DELETE FROM _rocket WHERE id = '" + ID + "2'");
    assertThat(
            newer()
                .values("SELECT origin FROM webhooks.change WHERE id >= " + last + " ORDER BY id"))
        .containsExactly(object + "}", byTim, byPhil, byPhil, object + "}", object + "}");
  }

  @Test
  void the_users_of_members_are_followed() throws SQLException {
    String member = ID + "5";
    String origin =
        "INSERT INTO company (\"createdByWorkspaceMemberId\") VALUES ('" + member + "')";
    String user = "SELECT origin ->> 'userId' FROM webhooks.change ORDER BY id DESC LIMIT 1";
    newer().run(origin);
    assertThat(newer().value(user)).isNull();
    newer()
        .run(
            "INSERT INTO \"workspaceMember\" (id, \"userId\") VALUES ('"
                + member
                + "', '"
                + ID
                + "6')",
            origin);
    assertThat(newer().value(user)).isEqualTo(ID + "6");
    newer()
        .run(
            "UPDATE \"workspaceMember\" SET \"userId\" = '" + ID + "7' WHERE id = '" + member + "'",
            origin);
    assertThat(newer().value(user)).isEqualTo(ID + "7");
    newer().run("DELETE FROM \"workspaceMember\" WHERE id = '" + member + "'", origin);
    assertThat(newer().value(user)).isNull();
  }
}

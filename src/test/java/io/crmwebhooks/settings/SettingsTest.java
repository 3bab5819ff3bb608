package io.crmwebhooks.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crmwebhooks.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  private static final Path NO_FILE = Path.of("no such file");
  private static final String PORT = "webhooks.http.port";

  @TempDir private Path folder;

  @Test
  void the_documented_properties_are_the_known_ones() throws IOException {
    Properties documented = new Properties();
    try (InputStream in = getClass().getResourceAsStream("/application.properties")) {
      documented.load(in);
    }

    assertThat(documented.stringPropertyNames())
        .filteredOn(name -> name.startsWith("webhooks."))
        .containsExactlyInAnyOrderElementsOf(KnownSettings.ALL.keySet());
  }

  @Test
  void reads_the_documented_defaults() {
    Settings settings = load(Map.of());

    assertThat(settings.integer(PORT)).isEqualTo(8080);
    assertThat(settings.text("webhooks.database.url")).isEmpty();
    assertThat(settings.duration("webhooks.poll.delay")).isEqualTo(Duration.ofMillis(100));
    assertThat(settings.fraction("webhooks.delivery.retry-jitter")).isEqualTo(0.2);
    assertThat(settings.durations("webhooks.delivery.retry-schedule"))
        .startsWith(Duration.ofSeconds(5), Duration.ofMinutes(5), Duration.ofMinutes(30))
        .endsWith(Duration.ofDays(1))
        .hasSize(9);
  }

  @Test
  void the_environment_wins_over_the_file_and_the_file_over_the_default() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("application.properties"),
            PORT + "=1\nwebhooks.poll.batch-size=7\ncamel.main.name=mine\n");

    Settings settings = Settings.load(file, Map.of("WEBHOOKS_HTTP_PORT", "2"), Map.of());

    assertThat(settings.integer(PORT)).isEqualTo(2);
    assertThat(settings.integer("webhooks.poll.batch-size")).isEqualTo(7);
    assertThat(settings.integer("webhooks.poll.batches")).isEqualTo(4);
    assertThat(settings.properties())
        .containsEntry(PORT, "2")
        .containsEntry("camel.main.name", "mine");
  }

  @Test
  void the_users_own_file_wins_over_the_packages_and_an_error_names_file_and_property()
      throws IOException {
    Path shipped = folder.resolve("application.properties");
    Path local = folder.resolve("local.properties");
    Files.writeString(shipped, PORT + "=1\nwebhooks.poll.batches=2\nwebhooks.poll.batch-size=7\n");
    Files.writeString(local, PORT + "=3\nwebhooks.poll.batches=5\n");
    Settings settings =
        Settings.load(List.of(shipped, local), Map.of("WEBHOOKS_HTTP_PORT", "4"), Map.of());
    assertThat(settings.integer(PORT)).isEqualTo(4);
    assertThat(settings.integer("webhooks.poll.batches")).isEqualTo(5);
    assertThat(settings.integer("webhooks.poll.batch-size")).isEqualTo(7);

    Files.writeString(local, "webhooks.poll.batches=many\nwebhooks.pol.delay=1s\n");
    assertThatThrownBy(
            () ->
                Settings.load(List.of(shipped, local), Map.of("WEBHOOKS_HTTP_PORT", "x"), Map.of()))
        .isInstanceOf(StartupException.class)
        .message()
        .contains(
            "webhooks.poll.batches must be a whole number from 1 to 64, but is 'many' (" + local)
        .contains("webhooks.pol.delay is not a known property (" + local)
        .contains("but is 'x' (WEBHOOKS_HTTP_PORT)");
  }

  @Test
  void the_users_own_file_is_made_once_and_without_a_setting() throws IOException {
    Path local = folder.resolve("local.properties");
    PropertiesFile.make(local);
    assertThat(Settings.load(local, Map.of(), Map.of()).integer(PORT)).isEqualTo(8080);
    assertThat(local).content().startsWith("# Your own settings.");
    Files.writeString(local, PORT + "=3\n");
    PropertiesFile.make(local);
    assertThat(local).hasContent(PORT + "=3\n");
    PropertiesFile.make(folder.resolve("none").resolve("local.properties"));
    assertThat(folder.resolve("none")).doesNotExist();
  }

  @Test
  void a_commands_own_defaults_yield_to_the_environment() {
    Map<String, String> presets =
        Map.of("webhooks.delivery.retry-schedule", "2s", "webhooks.poll.batches", "2");
    Map<String, String> environment = Map.of("WEBHOOKS_DELIVERY_RETRY_SCHEDULE", "9s");

    Settings settings = Settings.load(presets, environment);

    assertThat(settings.durations("webhooks.delivery.retry-schedule"))
        .containsExactly(Duration.ofSeconds(9));
    assertThat(settings.integer("webhooks.poll.batches")).isEqualTo(2);
  }

  @Test
  void changing_one_setting_leaves_the_others_and_the_original() {
    Settings before = load(Map.of("webhooks.poll.batches", "2"));

    Settings after = before.with(PORT, "9");

    assertThat(after.integer(PORT)).isEqualTo(9);
    assertThat(after.integer("webhooks.poll.batches")).isEqualTo(2);
    assertThat(before.integer(PORT)).isEqualTo(8080);
    assertThatThrownBy(() -> before.with(PORT, "x")).hasMessageContaining(PORT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "webhooks.http.port | 65536 | must be a whole number from 0 to 65535",
        "webhooks.http.port | 80a | must be a whole number from 0 to 65535",
        "webhooks.http.port | '' | must be a whole number from 0 to 65535",
        "webhooks.database.pool-size | 2 | must be a whole number from 3 to 1000",
        "webhooks.database.data | '' | must not be empty",
        "webhooks.routes | '' | must not be empty",
        "webhooks.log.level | info | must be one of ERROR, WARN, INFO, DEBUG, TRACE",
        "webhooks.log.format | xml | must be one of text, json",
        "webhooks.delivery.retry-jitter | 1.1 | must be a number from 0 to 1",
        "webhooks.delivery.retry-jitter | NaN | must be a number from 0 to 1",
        "webhooks.delivery.retry-jitter | -0.1 | must be a number from 0 to 1",
        "webhooks.delivery.timeout | 15 | must be a number with a unit",
        "webhooks.delivery.timeout | 0s | from 1ms to 366d",
        "webhooks.delivery.timeout | 999999999999d | from 1ms to 366d",
        "webhooks.delivery.timeout | 99999999999d | from 1ms to 366d",
        "webhooks.delivery.timeout | 367d | from 1ms to 366d",
        "webhooks.delivery.retry-schedule | 5s,,5m | must be a number with a unit",
        "webhooks.delivery.retry-schedule | 5s,5 | must be a number with a unit",
        "webhooks.egress.allow | 10.0.0.0/8,10.0.0.0/33 | '10.0.0.0/33' is none of them",
        "webhooks.egress.proxy.bypass | a b | 'a b' is none of them",
        "webhooks.egress.ports | 80,x | 'x' is neither",
        "webhooks.egress.tls.folder | '' | must not be empty",
        "webhooks.engine | Kafka | must be one of postgresql, kafka",
        "webhooks.kafka.brokers | kafka | must be host:port",
        "webhooks.kafka.brokers | kafka:9092, kafka-2:9092 | no blanks between",
      })
  void a_bad_value_names_its_property_and_what_is_expected(
      String name, String value, String expected) {
    assertThatThrownBy(() -> load(Map.of(name, value)))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith("wrong settings: " + name + " must ")
        .hasMessageContaining(expected)
        .hasMessageEndingWith(", but is '" + value + "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"c2hvcnQ=", "not base64 %", "c2hvcnQ=,", ","})
  void a_bad_secret_is_named_and_not_shown(String value) {
    assertThatThrownBy(() -> load(Map.of("webhooks.secrets.key", value)))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith("wrong settings: webhooks.secrets.key must be keys of 32 bytes")
        .message()
        .doesNotContain(value.substring(0, 1) + "2hvcnQ", "not base64 %");
  }

  @Test
  void a_token_that_can_be_guessed_stops_the_start() {
    assertThatThrownBy(() -> load(Map.of("webhooks.admin.token", "admin")))
        .hasMessageContaining("webhooks.admin.token must have at least 20 characters")
        .hasMessageNotContaining("'admin'");
    assertThat(load(Map.of("webhooks.admin.token", "")).text("webhooks.admin.token")).isEmpty();
  }

  @Test
  void what_camel_and_the_routes_see_holds_no_secret() {
    Settings settings =
        load(
            Map.of(
                "webhooks.secrets.key", TestDatabase.STORAGE_KEY,
                "webhooks.secrets.key-file", "/run/secrets.key",
                "webhooks.database.password", "pa55",
                "webhooks.database.url", "jdbc:postgresql://localhost/crm?password=pa55"));
    assertThat(settings.properties().toString()).doesNotContain(TestDatabase.STORAGE_KEY, "pa55");
    assertThat(settings.properties())
        .containsEntry("webhooks.secrets.key-file", "/run/secrets.key");
    assertThat(settings.with(PORT, "9").text("webhooks.database.password")).isEqualTo("pa55");
    assertThat(settings.secrets("webhooks.secrets.key")).hasSize(1);
    assertThat(settings.toString()).doesNotContain("pa55", TestDatabase.STORAGE_KEY);
  }

  @Test
  void a_setting_that_sounds_like_a_secret_is_one_unless_it_names_a_file() {
    assertThat(KnownSettings.ALL.keySet())
        .filteredOn(name -> name.matches(".*[.-](key|password|token|secret)"))
        .filteredOn(name -> KnownSettings.ALL.get(name).isShown())
        .containsExactly("webhooks.egress.tls.key");
    assertThat(List.of("webhooks.database.url", "webhooks.egress.proxy.url"))
        .noneMatch(name -> KnownSettings.ALL.get(name).isShown());
  }

  @Test
  void the_engine_kafka_needs_brokers() {
    assertThatThrownBy(() -> load(Map.of("webhooks.engine", "kafka")))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("webhooks.kafka.brokers must name the brokers");
    load(
        Map.of(
            "webhooks.engine", "kafka", "webhooks.kafka.brokers", "kafka-1:9092,[fd00::2]:9093"));
  }

  @Test
  void settings_of_kafkas_client_go_by_its_own_names_and_are_never_shown() throws IOException {
    String prefix = "webhooks.kafka.client.";
    Path file =
        Files.writeString(
            folder.resolve("application.properties"),
            "%1$ssecurity.protocol=SSL\n%1$sssl.key.password= pa55\n%1$sclient.id=\n"
                .formatted(prefix));
    Map<String, String> environment =
        Map.of(
            "WEBHOOKS_KAFKA_CLIENT_SECURITY_PROTOCOL", "SASL_SSL",
            "WEBHOOKS_KAFKA_CLIENT_SASL_JAAS_CONFIG", "password=\"pa55\";\n",
            "WEBHOOKS_KAFKA_CLIENT_SERVICE_HOST", "10.0.0.1",
            "WEBHOOKS_KAFKA_CLIENT_PORT", "tcp://10.0.0.1:80");
    Settings settings = Settings.load(file, environment, Map.of());
    assertThat(settings.kafkaClient())
        .isEqualTo(
            Map.of(
                "security.protocol", "SASL_SSL",
                "ssl.key.password", "pa55",
                "sasl.jaas.config", "password=\"pa55\";"));
    assertThat(settings.properties().toString()).doesNotContain("pa55").doesNotContain(prefix);
    assertThat(Settings.warnings(environment)).singleElement().asString().contains("CLIENT_PORT");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "proxy:3128",
        "http://proxy",
        "ftp://proxy:3128",
        "http://user:hidden@proxy:3128",
        "http://proxy:3128/path",
        "http://proxy:3128?hidden"
      })
  void a_bad_proxy_is_not_repeated_since_a_password_may_stand_in_it(String url) {
    assertThatThrownBy(() -> load(Map.of("webhooks.egress.proxy.url", url)))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith(
            "wrong settings: webhooks.egress.proxy.url must be http://host:port")
        .hasMessageNotContaining("hidden");
  }

  @Test
  void names_all_that_is_wrong_at_once() {
    assertThatThrownBy(() -> load(Map.of(PORT, "x", "webhooks.poll.delay", "y")))
        .hasMessageContainingAll(PORT, "webhooks.poll.delay");
  }

  @ParameterizedTest
  @ValueSource(strings = {"webhooks.htpp.port", "webhooks.", "webhooks.HTTP.port"})
  void an_unknown_property_is_named(String name) {
    assertThatThrownBy(() -> load(Map.of(name, "1")))
        .isInstanceOf(StartupException.class)
        .hasMessage("wrong settings: " + name + " is not a known property");
  }

  @ParameterizedTest
  @CsvSource({
    "webhooks.delivery.lease, webhooks.delivery.timeout",
    "webhooks.poll.lease, webhooks.dispatch.patience"
  })
  void a_lease_must_be_longer_than_what_it_covers(String lease, String covered) {
    assertThatThrownBy(() -> load(Map.of(lease, "10s", covered, "10s")))
        .isInstanceOf(StartupException.class)
        .hasMessage("wrong settings: " + lease + " must be longer than " + covered);
    load(Map.of(lease, "10001ms", covered, "10s"));
  }

  @Test
  void a_file_that_cannot_be_read_is_named() throws IOException {
    Path broken = Files.writeString(folder.resolve("application.properties"), "a=\\uXYZ");

    assertThatThrownBy(() -> Settings.load(broken, Map.of(), Map.of()))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith("cannot read " + broken);
  }

  private static Settings load(Map<String, String> overrides) {
    return Settings.load(NO_FILE, Map.of(), overrides);
  }

  @Test
  void a_variable_that_is_no_setting_is_found_unless_a_platform_has_set_it() {
    Map<String, String> environment =
        Map.of(
            "WEBHOOKS_POL_DELAY", "1s",
            "WEBHOOKS_POLL_DELAY", "1s",
            "WEBHOOKS_TOKEN", "t",
            "WEBHOOKS_HTTP_PORT", "tcp://10.0.0.1:80",
            "WEBHOOKS_HTTP_SERVICE_HOST", "10.0.0.1",
            "WEBHOOKS_HTTP_SERVICE_PORT_WEB", "80",
            "WEBHOOKS_HTTP_PORT_80_TCP", "tcp://10.0.0.1:80",
            "WEBHOOKS_HTTP_PORT_80_TCP_ADDR", "10.0.0.1",
            "WEBHOOKS_PORT", "tcp://[fd00::1]:80");
    assertThat(Settings.load(NO_FILE, environment, Map.of()).integer(PORT)).isEqualTo(8080);
    assertThat(Settings.warnings(environment))
        .hasSize(2)
        .anySatisfy(
            warning ->
                assertThat(warning)
                    .contains("WEBHOOKS_HTTP_PORT=tcp://10.0.0.1:80 is ignored")
                    .contains("a Service named webhooks-http", "enableServiceLinks: false"))
        .anyMatch(
            "the environment variable WEBHOOKS_POL_DELAY is no setting of this version and is ignored"
                ::equals);
  }

  @Test
  void an_empty_variable_sets_only_what_may_be_empty() {
    Settings settings =
        Settings.load(
            NO_FILE,
            Map.of(
                "WEBHOOKS_HTTP_PORT", " ", "WEBHOOKS_HTTP_HOST", "", "WEBHOOKS_EGRESS_PORTS", ""),
            Map.of("webhooks.database.username", "crm"));
    assertThat(settings.integer(PORT)).isEqualTo(8080);
    assertThat(settings.text("webhooks.http.host")).isNotEmpty();
    assertThat(
            Settings.load(NO_FILE, Map.of("WEBHOOKS_DATABASE_USERNAME", ""), Map.of())
                .text("webhooks.database.username"))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {" pass ", "\\", "a\\b", "ü${x}{{y}}", "a=b:c#d!", "\u00a0p\t"})
  void a_password_is_taken_as_it_is(String password) throws IOException {
    String name = "webhooks.database.password";
    Map<String, String> environment = Map.of("WEBHOOKS_DATABASE_PASSWORD", password + "\n");
    String inFile = password.replace("\\", "\\\\").replaceFirst("^ ", "\\\\ ").replace("\t", "\\t");
    Path file =
        Files.writeString(
            folder.resolve("p.properties"), "\uFEFF" + name + " = " + inFile + "\r\n");
    if (password.contains("\t")) {
      assertThatThrownBy(() -> Settings.load(file, Map.of(), Map.of()))
          .hasMessageStartingWith("wrong settings: " + name + " must hold no line break");
      return;
    }
    assertThat(Settings.load(NO_FILE, environment, Map.of()).text(name)).isEqualTo(password);
    assertThat(Settings.load(file, Map.of(), Map.of()).text(name)).isEqualTo(password);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pa\\ss", "C:\\certs", "\\", "x\\u12"})
  void a_backslash_that_would_be_lost_is_refused_with_its_line(String value) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("b.properties"),
            "# \\ a comment\nwebhooks.database.username=" + value + "\nwebhooks.database.data=x");
    assertThatThrownBy(() -> Settings.load(file, Map.of(), Map.of()))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith("cannot read " + file + ": a backslash in line 2 ");
  }

  @Test
  void blanks_around_a_value_do_not_count() {
    assertThat(
            Settings.load(Path.of("none"), Map.of("WEBHOOKS_POLL_DELAY", " 70ms "), Map.of())
                .properties())
        .containsEntry("webhooks.poll.delay", "70ms");
  }
}

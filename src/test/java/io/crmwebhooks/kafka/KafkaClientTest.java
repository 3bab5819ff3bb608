package io.crmwebhooks.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.types.Password;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KafkaClientTest {
  private static final String LOGIN =
      "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"crm\" password=\"pa55\";";

  @Test
  void settings_of_the_client_are_for_every_connection() {
    KafkaClient client =
        client(
            Map.of(
                "security.protocol", "SASL_SSL",
                "sasl.jaas.config", LOGIN,
                "ssl.truststore.certificates", "-----BEGIN CERTIFICATE-----\nMII\n",
                "session.timeout.ms", "10000",
                "client.id", ""));
    assertThat(client.brokers()).isEqualTo("kafka:9092");
    assertThat(client.further())
        .containsEntry("security.protocol", "SASL_SSL")
        .containsEntry("sasl.jaas.config", new Password(LOGIN))
        .hasSize(6);
    assertThat(client.connection()).containsEntry("bootstrap.servers", "kafka:9092").hasSize(7);
    assertThat(client.toString() + client.connection()).doesNotContain("pa55");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "group.id | mine | is set by the engine itself",
        "bootstrap.servers | pa55:9092 | is set by the engine itself",
        "ssl.truststore.pass | pa55 | is no setting of Kafka's client",
        "session.timeout.ms | pa55 | has a value",
        "request.timeout.ms | -1 | has a value",
        "security.protocol | pa55 | has a value",
        "metric.reporters | '' | ",
        "sasl.login.class | pa55 | has a value",
        "sasl.jaas.config | PlainLoginModule required password=pa55 words; | has a value",
      })
  void a_wrong_one_stops_the_start_by_name_and_is_not_repeated(
      String name, String value, String error) {
    if (error == null) {
      assertThat(client(Map.of(name, value)).further())
          .containsOnlyKeys("metric.reporters", "enable.metrics.push");
      return;
    }
    assertThatThrownBy(() -> client(Map.of(name, value)))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith("wrong settings: webhooks.kafka.client." + name + " " + error)
        .hasMessageNotContaining("pa55")
        .hasNoCause();
  }

  @Test
  void without_the_libraries_the_engine_is_refused() throws Exception {
    URL[] others =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.contains("camel-kafka") && !entry.contains("kafka-clients"))
            .map(KafkaClientTest::url)
            .toArray(URL[]::new);
    try (URLClassLoader loader = new URLClassLoader(others, ClassLoader.getPlatformClassLoader())) {
      Class<?> client = loader.loadClass(KafkaClient.class.getName());
      var require = client.getDeclaredMethod("requireLibraries");
      require.setAccessible(true);
      assertThatThrownBy(() -> require.invoke(null))
          .rootCause()
          .isInstanceOf(ClassNotFoundException.class);
      assertThatThrownBy(() -> require.invoke(null))
          .cause()
          .hasMessage("webhooks.engine=kafka needs the libraries of lib/kafka on the class path");
    }
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KafkaClient client(Map<String, String> own) {
    Map<String, String> all =
        new HashMap<>(Map.of("webhooks.engine", "kafka", "webhooks.kafka.brokers", "kafka:9092"));
    own.forEach((name, value) -> all.put("webhooks.kafka.client." + name, value));
    return KafkaClient.of(Settings.load(Path.of("no such file"), Map.of(), all));
  }
}

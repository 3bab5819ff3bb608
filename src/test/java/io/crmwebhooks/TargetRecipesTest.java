package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.SECRET;
import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.standardwebhooks.Webhook;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The recipes for other ways out than HTTP, put in place as they stand: to a broker of Kafka, to
 * one with AMQP, and to a file.
 */
class TargetRecipesTest {
  private static final String TOPIC = "crm-events";
  private static final String BODY = "{\"event\":\"person.created\",\"data\":{\"city\":\"Köln €\"}";

  @TempDir private Path folder;
  @TempDir private Path events;
  private AmqpBroker amqp;
  private PipelineFixture pipeline;

  @BeforeEach
  void start() throws Exception {
    amqp = new AmqpBroker();
    System.setProperty("amqp.url", amqp.url());
    System.setProperty("kafka.brokers", KafkaBroker.shared().brokers());
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", KafkaBroker.shared().brokers()))) {
      admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
    }
    System.setProperty("events.folder", events.toString());
    EditedRoutes routes = EditedRoutes.in(folder).recipe("amqp").recipe("kafka").recipe("file");
    pipeline =
        new PipelineFixture(
                routes, "webhooks.delivery.retry-schedule", "500ms,500ms,500ms,500ms,1s,1s,1s,1s")
            .start();
  }

  @AfterEach
  void stop() throws Exception {
    PipelineFixture.closeAll(pipeline, amqp);
    List.of("amqp.url", "kafka.brokers", "events.folder").forEach(System::clearProperty);
  }

  private void lead(String name) {
    UUID id = pipeline.webhook("http://127.0.0.1:1025/");
    pipeline.sql(
        "UPDATE webhooks.subscription SET target_url = 'route:' || ? WHERE id = ?", name, id);
  }

  private static void assertSigned(String body, String id, String seconds, String signature)
      throws Exception {
    assertThat(body).startsWith(BODY);
    assertThat(signature).isEqualTo(new Webhook(SECRET).sign(id, Long.parseLong(seconds), body));
  }

  @Test
  void each_recipe_writes_every_event_signed_and_a_broker_that_is_away_is_a_failed_attempt()
      throws Exception {
    lead("amqp");
    lead("file");
    lead("kafka");
    pipeline.change("person.created", "{\"city\":\"Köln €\"}");
    soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 2);
    soon().until(() -> pipeline.count("attempt WHERE error IS NOT NULL") >= 1);
    assertThat(
            (String) pipeline.value("SELECT error FROM webhooks.attempt WHERE error IS NOT NULL"))
        .startsWith("route target-amqp, step ")
        .contains("custom/target-amqp.camel.yaml:20): the connection was refused");
    amqp.start();
    soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 3);

    AmqpBroker.Taken message = amqp.take(TOPIC);
    assertSigned(
        message.text(),
        message.properties().get("webhook-id"),
        message.properties().get("webhook-timestamp"),
        message.properties().get("webhook-signature"));
    assertThat(message.properties()).containsEntry("Content-Type", "application/json");

    ConsumerRecord<String, String> record = record();
    assertThat(record.key()).isEqualTo("r1");
    assertSigned(
        record.value(),
        header(record, "webhook-id"),
        header(record, "webhook-timestamp"),
        header(record, "webhook-signature"));
    assertThat(header(record, "Content-Type")).isEqualTo("application/json");

    pipeline.change("person.created", "{\"city\":\"Köln €\"}");
    soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 6);
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(events)) {
      for (Path file : files.toList()) {
        assertThat(file.getFileName().toString()).matches("events-\\d{4}-\\d\\d-\\d\\d\\.jsonl");
        assertThat(Files.readString(file)).endsWith("}\n");
        lines.addAll(Files.readAllLines(file));
      }
    }
    assertThat(lines).hasSize(2).allMatch(line -> line.startsWith(BODY));
  }

  private static ConsumerRecord<String, String> record() {
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", KafkaBroker.shared().brokers()),
            new StringDeserializer(),
            new StringDeserializer())) {
      TopicPartition partition = new TopicPartition(TOPIC, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      List<ConsumerRecord<String, String>> records = new ArrayList<>();
      soon()
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                return !records.isEmpty();
              });
      return records.get(0);
    }
  }

  private static String header(ConsumerRecord<String, String> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }
}

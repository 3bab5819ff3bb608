package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import io.crmwebhooks.TestReceiver.Received;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The topic of changes may lose messages, or get those of others, or not be reached: no change is
 * lost with it.
 */
class KafkaLossTest {
  private static final int RECORDS = 20;
  private static final int PARTITIONS = 4;

  private final Map<String, Object> brokers =
      Map.of("bootstrap.servers", KafkaBroker.shared().brokers());
  private final Admin admin = Admin.create(brokers);
  private final Map<String, List<Integer>> accepted = new TreeMap<>();
  private final Set<String> ids = new HashSet<>();
  private final CountDownLatch open = new CountDownLatch(1);
  private volatile boolean refuses;
  private final TestReceiver receiver = TestReceiver.answering(this::answer);
  private final PipelineFixture pipeline =
      PipelineFixture.onKafka(
          "webhooks.poll.batch-size", "10",
          "webhooks.node.heartbeat", "200ms",
          "webhooks.dispatch.patience", "30s",
          "webhooks.delivery.retry-schedule", "200ms,200ms,200ms,200ms,200ms,200ms,200ms,200ms",
          "webhooks.health.ready-within", "1s",
          "webhooks.shutdown.timeout", "1s");

  @BeforeEach
  void addWebhook() {
    UUID webhook = pipeline.webhook(receiver.url("/"));
    pipeline.sql("UPDATE webhooks.subscription SET ordering = 'record' WHERE id = ?", webhook);
  }

  @AfterEach
  void close() {
    open.countDown();
    pipeline.close();
    receiver.close();
    admin.close(Duration.ZERO);
  }

  private void answer(Received request, HttpExchange exchange) throws IOException {
    TestReceiver.await(open);
    if (refuses) {
      TestReceiver.respond(exchange, 500, "");
      return;
    }
    synchronized (accepted) {
      if (ids.add(request.id())) {
        accepted
            .computeIfAbsent(OrderTest.data(request).path("of").asText(), of -> new ArrayList<>())
            .add(OrderTest.data(request).path("n").asInt());
      }
    }
    TestReceiver.respond(exchange, 200, "");
  }

  @Test
  void changes_whose_messages_expire_unread_are_queued_again_in_order() throws Exception {
    pipeline.start();
    forward(1, 40); // the receiver keeps all consumers waiting
    forward(41, 2000);
    admin.deleteRecords(each(partition -> RecordsToDelete.beforeOffset(-1))).all().get();
    forward(2001, 2100);
    open.countDown();
    requireAll(2100);
  }

  @Test
  void a_topic_that_is_made_anew_while_no_process_runs_costs_nothing() throws Exception {
    pipeline.start();
    forward(1, 500);
    pipeline.stop();
    remake();
    open.countDown();
    pipeline.start();
    forward(501, 510);
    requireAll(510);
  }

  @Test
  void a_topic_that_is_made_anew_beside_a_running_process_costs_nothing() throws Exception {
    pipeline.start();
    forward(1, 300);
    remake();
    forward(301, 1300); // more than the first one had, so that its offsets are in the new one
    open.countDown();
    requireArrived(1300);
  }

  @Test
  void a_group_without_a_place_reads_from_the_beginning_and_forwards_nothing_again()
      throws Exception {
    open.countDown();
    pipeline.start();
    forward(1, 100);
    requireAll(100);
    pipeline.stop();
    forgetGroup();
    pipeline.sql(
        "INSERT INTO webhooks.claim (node, lease_until, changes, topic, offsets) "
            + "SELECT 0, now() + interval '1 hour', array_agg(id), ?, '{\"0\":[0,0],\"3\":[0,0]}' FROM webhooks.change",
        topicId());
    pipeline.start();
    forward(101, 110);
    requireAll(110);
    assertThat(messages()).isEqualTo(110);
  }

  @Test
  void messages_of_others_are_passed_over() throws Exception {
    open.countDown();
    pipeline.start();
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(brokers, new StringSerializer(), new StringSerializer())) {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        producer.send(message(partition, null, "{}"));
        producer.send(message(partition, "no JSON", "{}"));
        producer.send(message(partition, "[]", "{}"));
        producer.send(message(partition, "{\"change_id\":7}", "{\"of\":\"1\",\"n\":1}"));
        producer.send(message(partition, "{\"change_id\":7,\"claim_id\":7}", null)).get();
      }
    }
    forward(1, 100);
    requireAll(100);
    assertThat(pipeline.count("parked_change")).isZero();
  }

  @Test
  void messages_that_come_late_from_a_claim_that_is_gone_are_passed_over() throws Exception {
    open.countDown();
    pipeline.start();
    forward(1, 100);
    requireAll(100);
    List<ConsumerRecord<String, String>> old = read(100);
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(brokers, new StringSerializer(), new StringSerializer())) {
      old.forEach(
          each ->
              producer.send(
                  new ProducerRecord<>(
                      each.topic(), each.partition(), each.key(), each.value(), each.headers())));
      producer.flush();
    }
    forward(101, 200);
    requireAll(200);
    assertThat(receiver.received()).hasSize(200);
  }

  @Test
  void brokers_that_stand_still_lose_nothing_and_what_arrives_meanwhile_counts_once()
      throws Exception {
    open.countDown();
    pipeline.start();
    forward(1, 100);
    requireAll(100);
    refuses = true;
    forward(101, 101);
    soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 1);
    // As of a process that is killed when the message is there and the row is as well:
    // whatever the brokers take late, the row stays.
    pipeline.sql("CREATE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE; END'");
    pipeline.sql(
        "CREATE TRIGGER kept BEFORE DELETE ON webhooks.delivery FOR EACH ROW EXECUTE FUNCTION kept()");
    signal("STOP");
    try {
      refuses = false;
      insert(102, 200);
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 1);
      soon().until(() -> readiness().contains("\"kafka\""));
      assertThat(readiness()).contains("the brokers of webhooks.kafka.brokers have not answered");
    } finally {
      signal("CONT");
    }
    requireAll(200);
    soon().until(() -> readiness().contains("\"UP\""));
    assertThat(arrivedOnce()).as("one of them in the database").isEqualTo(200);

    sendAgain();
    assertThat(pipeline.count("delivery WHERE state = 'delivered'")).isEqualTo(1);
    assertThat(arrivedOnce()).as("one of them in both places").isEqualTo(200);
    pipeline.sql("DROP FUNCTION kept CASCADE");
    sendAgain();
    soon().until(() -> pipeline.count("delivery") == 0);
    assertThat(arrivedOnce()).as("none of them in the database").isEqualTo(200);
  }

  /** Has the delivery that is in the database made again; returns when that is written. */
  private void sendAgain() {
    String id = (String) pipeline.value("SELECT id FROM webhooks.delivery");
    assertThat(pipeline.api().post("/rest/deliveries/" + id + "/redeliver", null).status())
        .isEqualTo(202);
    soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 0);
  }

  /** How many deliveries the API has as arrived, each with an id of its own. */
  private long arrivedOnce() {
    JsonNode report = pipeline.api().get("/rest/reconciliation").body();
    assertThat(report.at("/webhooks/0/gap").asInt()).isZero();
    List<String> listed = new ArrayList<>();
    String since = "since=" + Instant.now().minusSeconds(3600);
    String cursor = "";
    do {
      JsonNode page =
          pipeline
              .api()
              .get("/rest/deliveries?limit=200&state=delivered&" + since + "&cursor=" + cursor)
              .body();
      page.path("data").forEach(row -> listed.add(row.path("id").asText()));
      cursor = page.path("nextCursor").textValue();
    } while (cursor != null);
    assertThat(listed).doesNotHaveDuplicates().hasSize(report.at("/webhooks/0/delivered").asInt());
    return listed.size();
  }

  private String readiness() {
    return pipeline.api().as(null).get("/observe/health/ready").body().toString();
  }

  private static void signal(String signal) throws Exception {
    String pid = Long.toString(KafkaBroker.shared().pid());
    new ProcessBuilder("kill", "-" + signal, pid).start().waitFor();
  }

  private ProducerRecord<String, String> message(int partition, String header, String value) {
    ProducerRecord<String, String> message =
        new ProducerRecord<>(pipeline.topic(), partition, "a", value);
    if (header != null) {
      message.headers().add("change", header.getBytes(StandardCharsets.UTF_8));
    }
    return message;
  }

  private String topicId() throws Exception {
    String topic = pipeline.topic();
    return admin
        .describeTopics(List.of(topic))
        .allTopicNames()
        .get()
        .get(topic)
        .topicId()
        .toString();
  }

  private long messages() throws Exception {
    return admin.listOffsets(each(partition -> OffsetSpec.latest())).all().get().values().stream()
        .mapToLong(ListOffsetsResultInfo::offset)
        .sum();
  }

  private List<ConsumerRecord<String, String>> read(int messages) {
    Properties properties = new Properties();
    properties.putAll(brokers);
    List<ConsumerRecord<String, String>> read = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(partitions());
      consumer.seekToBeginning(partitions());
      soon()
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(read::add);
                return read.size() >= messages;
              });
    }
    return read;
  }

  /** Writes changes with these numbers, and waits until they are in the topic. */
  private void forward(int first, int last) {
    insert(first, last);
    soon()
        .until(
            () ->
                pipeline.count("change_queue") == 0
                    && pipeline.count("claim WHERE offsets IS NULL") == 0);
  }

  private void insert(int first, int last) {
    pipeline.sql(
        "INSERT INTO webhooks.change (event, record_id, record) "
            + "SELECT 'person.updated', of::text, json_build_object('of', of::text, 'n', n) "
            + "FROM generate_series(?, ?) n, LATERAL (SELECT n % "
            + RECORDS
            + " AS of) r ORDER BY n",
        first,
        last);
  }

  private void remake() throws Exception {
    admin.deleteTopics(List.of(pipeline.topic())).all().get();
    soon()
        .ignoreExceptions()
        .until(
            () -> {
              admin
                  .createTopics(
                      List.of(
                          new NewTopic(pipeline.topic(), PARTITIONS, (short) 1)
                              .configs(Map.of("max.message.bytes", "100000000"))))
                  .all()
                  .get();
              return true;
            });
  }

  /** Waits until its last consumer has left. */
  private void forgetGroup() {
    String group = pipeline.topic().replace(".changes", "");
    soon()
        .ignoreExceptions()
        .until(
            () -> {
              admin.deleteConsumerGroups(List.of(group)).all().get();
              return true;
            });
  }

  private List<TopicPartition> partitions() {
    return IntStream.range(0, PARTITIONS)
        .mapToObj(partition -> new TopicPartition(pipeline.topic(), partition))
        .toList();
  }

  private <T> Map<TopicPartition, T> each(Function<TopicPartition, T> value) {
    return partitions().stream().collect(Collectors.toMap(Function.identity(), value));
  }

  /** All up to this number are accepted and settled, those of each record in their order. */
  private void requireAll(int last) {
    requireArrived(last);
    Map<String, List<Integer>> owed =
        IntStream.rangeClosed(1, last)
            .boxed()
            .collect(
                Collectors.groupingBy(
                    n -> Integer.toString(n % RECORDS), TreeMap::new, Collectors.toList()));
    synchronized (accepted) {
      assertThat(accepted).isEqualTo(owed);
    }
  }

  private void requireArrived(int last) {
    soon()
        .untilAsserted(
            () -> {
              synchronized (accepted) {
                assertThat(ids).hasSize(last);
              }
            });
    soon().until(() -> pipeline.count("undispatched") == 0);
  }
}

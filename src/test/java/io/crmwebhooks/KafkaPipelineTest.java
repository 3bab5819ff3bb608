package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

/** The way of a change as far as it is Kafka's own; the rest is in the tests of both engines. */
class KafkaPipelineTest {
  @Test
  void changes_go_through_the_topic() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = PipelineFixture.onKafka().start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.changes("person.created", 2000);
      soon().until(() -> receiver.received().stream().map(r -> r.id()).distinct().count() == 2000);
      soon().until(() -> pipeline.count("undispatched") == 0);
      soon().until(() -> pipeline.count("delivery") == 0);
    }
  }

  @Test
  void a_database_never_sends_the_changes_of_another_one_with_the_same_prefix() {
    String prefix = "shared" + System.nanoTime();
    try (TestReceiver own = TestReceiver.answering(200);
        TestReceiver others = TestReceiver.answering(200);
        PipelineFixture one = sharing(prefix);
        PipelineFixture other = sharing(prefix)) {
      other.sql(
          "UPDATE webhooks.settled_log SET log = gen_random_uuid()"); // all are of one template
      one.start();
      other.start();
      one.webhook(own.url("/"));
      other.webhook(others.url("/"));
      soon().until(() -> consumers(prefix) == 8);
      one.changes("person.created", 40);
      soon().until(() -> one.count("claim WHERE offsets IS NOT NULL") > 0);
      // Time for the other one to take them, which it would at once.
      soon().pollDelay(Duration.ofSeconds(2)).until(() -> true);
      assertThat(own.received()).hasSizeLessThan(40);
      other.stop();
      soon().until(() -> own.received().size() == 40);
      assertThat(others.received()).isEmpty();
    }
  }

  /** With a partition for each consumer of two processes. */
  private static PipelineFixture sharing(String prefix) {
    return PipelineFixture.onKafka(
        "webhooks.kafka.prefix", prefix, "webhooks.kafka.partitions", "8");
  }

  /** How many consumers of a group have a partition. */
  private static long consumers(String group) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", KafkaBroker.shared().brokers()))) {
      return admin.describeConsumerGroups(List.of(group)).all().get().get(group).members().stream()
          .filter(member -> !member.assignment().topicPartitions().isEmpty())
          .count();
    }
  }
}

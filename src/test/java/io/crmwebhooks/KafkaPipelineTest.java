package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KafkaPipelineTest {
  @Test
  void changes_go_through_the_topic() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = PipelineFixture.onKafka().start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.changes("person.created", 2000);
      soon().until(() -> receiver.received().size() >= 2000);
      soon().until(() -> pipeline.count("undispatched") == 0);
      assertThat(receiver.received().stream().map(r -> r.id()).distinct()).hasSize(2000);
      assertThat(pipeline.count("delivery")).isZero();
    }
  }
}

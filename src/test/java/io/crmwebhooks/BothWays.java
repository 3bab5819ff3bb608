package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.Cli.Ran;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Tests of commands, by the API of a running pipeline and straight on its database. */
abstract class BothWays {
  static PipelineFixture pipeline;
  static TestReceiver good;
  static TestReceiver bad;

  /** The two ways in which commands work; they must not differ. */
  enum Way {
    API {
      @Override
      Cli cli() {
        return Cli.asking(pipeline.url(), PipelineFixture.TOKEN);
      }
    },
    DATABASE {
      @Override
      Cli cli() {
        return Cli.on(pipeline.databaseUrl());
      }
    };

    abstract Cli cli();

    /** An event of its own, so that the ways do not see each other's. */
    String event(String object) {
      return object + name().toLowerCase() + ".created";
    }
  }

  @BeforeAll
  static void start() {
    pipeline = new PipelineFixture("webhooks.delivery.retry-schedule", "10m").start();
    good = TestReceiver.answering(200);
    bad = TestReceiver.answering(500);
  }

  @AfterAll
  static void stop() {
    pipeline.close();
    good.close();
    bad.close();
  }

  static String id(Ran added) {
    assertThat(added.code()).as(added.toString()).isZero();
    return added.out().lines().findFirst().orElseThrow().replace("added webhook ", "");
  }

  /** Adds a webhook, and returns its id. */
  static String webhook(Cli cli, String url, String operations) {
    return id(cli.run("webhook", "add", "--duplicate", url, "-o", operations));
  }

  static void sent(String webhook, int count) {
    soon().until(() -> attempted(webhook) >= count);
  }

  static long attempted(String webhook) {
    return pipeline.count(
        "delivery WHERE attempts > 0 AND subscription_id = '%s'"
            .formatted(UUID.fromString(webhook)));
  }
}

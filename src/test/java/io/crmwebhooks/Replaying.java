package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.TestReceiver.Received;
import io.crmwebhooks.admin.ReplayMode;
import io.crmwebhooks.admin.Replays;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** Tests of replays on the real routes. */
abstract class Replaying {
  static final String SCHEDULE = "webhooks.delivery.retry-schedule";

  static Replays.Request request(UUID webhook, ReplayMode mode, String... events) {
    return new Replays.Request(
        webhook, null, mode, Instant.EPOCH, null, events.length == 0 ? null : List.of(events));
  }

  static long start(PipelineFixture pipeline, UUID webhook, ReplayMode mode) throws SQLException {
    return start(pipeline, request(webhook, mode));
  }

  static long start(PipelineFixture pipeline, Replays.Request request) throws SQLException {
    return new Replays(pipeline.statements()).start(request).orElseThrow().path("id").asLong();
  }

  static ObjectNode show(PipelineFixture pipeline, long replay) {
    try {
      return new Replays(pipeline.statements()).find(replay, null).orElseThrow();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  static void awaitDone(PipelineFixture pipeline, long replay) {
    soon().until(() -> show(pipeline, replay).path("state").asText().equals("done"));
    soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 0);
  }

  static void awaitDispatched(PipelineFixture pipeline) {
    soon().until(() -> pipeline.count("undispatched") == 0);
  }

  static List<String> ids(TestReceiver receiver, String path) {
    return receiver.received(path).stream().map(Received::id).sorted().toList();
  }

  static boolean saysReplay(Received request) {
    return "true".equals(request.headers().get("x-webhook-replay"));
  }
}

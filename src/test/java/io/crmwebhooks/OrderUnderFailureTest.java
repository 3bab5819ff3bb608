package io.crmwebhooks;

import static io.crmwebhooks.TestReceiver.respond;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import io.crmwebhooks.TestReceiver.Received;
import io.crmwebhooks.wiring.Pipeline;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The promise of {@code ordering=record}, whatever happens: several writers change random records
 * of a captured table, three processes deliver, one of them goes away and what it holds is taken
 * from another, and the receiver fails or falls silent at random. For each record what it accepts,
 * each the first time, is in the order of the commits, and nothing is missing.
 */
class OrderUnderFailureTest {
  private static final int RECORDS = 12;
  private static final int WRITERS = 4;
  private static final int UPDATES = 36; // of each writer

  private final Map<String, List<Integer>> accepted = new TreeMap<>();
  private final Set<String> ids = ConcurrentHashMap.newKeySet();
  private final CountDownLatch over = new CountDownLatch(1);
  private Random random;

  @ParameterizedTest
  @CsvSource({"1, postgresql", "20261122, kafka"})
  void each_record_is_first_accepted_in_the_order_of_its_commits_and_nothing_is_lost(
      long seed, String engine, @TempDir Path routes) throws Exception {
    random = new Random(seed);
    try (TestReceiver receiver = TestReceiver.answering(this::answer);
        TestReceiver slow = TestReceiver.answering(this::answerLate);
        PipelineFixture pipeline =
            PipelineFixture.on(
                engine,
                unevenlyFast(routes),
                "webhooks.delivery.timeout",
                "400ms",
                "webhooks.delivery.lease",
                "1s",
                "webhooks.delivery.retry-schedule",
                "20ms" + ",50ms".repeat(60),
                "webhooks.poll.lease",
                "1500ms",
                "webhooks.poll.batch-size",
                "3",
                "webhooks.node.heartbeat",
                "100ms",
                "webhooks.shutdown.timeout",
                "1s")) {
      pipeline.sql("CREATE TABLE public.rec (id text PRIMARY KEY, n integer NOT NULL)");
      pipeline.sql("SELECT webhooks.capture('public.rec', 'rec')");
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.sql("UPDATE webhooks.subscription SET ordering = 'record' WHERE id = ?", webhook);
      pipeline.webhook(slow.url("/"));
      pipeline.start();
      ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
      try (Pipeline second = pipeline.startAnother();
          Pipeline third = pipeline.startAnother()) {
        List<Future<Void>> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
          writers.add(threads.submit(writer(pipeline, random.nextLong())));
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> ids.size() > 50);
        pipeline.stop(); // in the middle of it, and what it does not end in time it gives back
        takeOver(pipeline);
        pipeline.start();
        for (Future<Void> writer : writers) {
          writer.get(60, TimeUnit.SECONDS);
        }
        takeOver(pipeline);
        int changes = RECORDS + WRITERS * UPDATES;
        await()
            .atMost(Duration.ofSeconds(90))
            .until(
                () ->
                    (Long)
                            pipeline.value(
                                "SELECT count(*) FROM webhooks.delivery WHERE state = 'delivered' AND subscription_id = ?",
                                webhook)
                        == changes);
        assertThat(List.of(second, third)).doesNotContainNull();
      } finally {
        over.countDown();
        threads.shutdownNow();
      }
      Map<String, List<Integer>> committed =
          pipeline.sql("SELECT id, n FROM public.rec").stream()
              .collect(
                  Collectors.toMap(
                      row -> (String) row.get("id"),
                      row -> IntStream.rangeClosed(0, (Integer) row.get("n")).boxed().toList()));
      assertThat(accepted).isEqualTo(committed);
    }
  }

  /**
   * The routes, with a customising one that takes its time with some changes, so that batches are
   * ready in another order than they were claimed in.
   */
  private static EditedRoutes unevenlyFast(Path routes) throws IOException {
    return EditedRoutes.in(routes)
        .customise(
            """
            - delay:
                expression:
                  simple:
                    expression: "${random(0,150)}"
            """);
  }

  /** As if a process had been taken for dead: what it has claimed is free although it goes on. */
  private static void takeOver(PipelineFixture pipeline) {
    pipeline.sql("UPDATE webhooks.claim SET lease_until = now() - interval '1 s' WHERE node > 0");
    pipeline.sql(
        "UPDATE webhooks.delivery SET due_at = now() WHERE id IN (SELECT id FROM webhooks.delivery"
            + " WHERE state = 'pending' AND due_at < 'infinity' FOR UPDATE SKIP LOCKED)");
  }

  private Callable<Void> writer(PipelineFixture pipeline, long seed) {
    Random own = new Random(seed);
    return () -> {
      try (Connection connection = pipeline.connection()) {
        for (int i = 0; i < RECORDS; i++) {
          execute(
              connection, "INSERT INTO public.rec VALUES (?, 0) ON CONFLICT DO NOTHING", "r" + i);
        }
        connection.setAutoCommit(false);
        for (int i = 0; i < UPDATES; ) {
          int together = Math.min(UPDATES - i, 1 + own.nextInt(3));
          int first = own.nextInt(RECORDS); // rising, so that writers never wait crosswise
          for (int k = 0; k < together; k++) {
            execute(
                connection,
                "UPDATE public.rec SET n = n + 1 WHERE id = ?",
                "r" + Math.min(first + k, RECORDS - 1));
          }
          connection.commit();
          i += together;
        }
        connection.setAutoCommit(true);
      }
      return null;
    };
  }

  private static void execute(Connection connection, String sql, String id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, id);
      statement.executeUpdate();
    }
  }

  private void answer(Received request, HttpExchange exchange) throws IOException {
    JsonNode data = OrderTest.data(request);
    int dice;
    synchronized (accepted) {
      dice = random.nextInt(100);
      if (dice >= 25 && ids.add(request.id())) {
        accepted
            .computeIfAbsent(data.path("id").asText(), id -> new ArrayList<>())
            .add(data.path("n").asInt());
      }
    }
    if (dice < 3) {
      silence(15); // until the sender has given up
    } else if (dice < 25) {
      respond(exchange, 500, "");
    } else if (dice < 28) {
      silence(1); // accepted, but the answer comes too late
      respond(exchange, 200, "");
    } else {
      respond(exchange, 200, "");
    }
  }

  /** Keeps batches open for long. */
  private void answerLate(Received request, HttpExchange exchange) throws IOException {
    silence(1);
    respond(exchange, 200, "");
  }

  private void silence(int seconds) {
    try {
      over.await(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

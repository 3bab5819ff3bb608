package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.crmwebhooks.TestReceiver.Received;
import io.crmwebhooks.admin.Reconciliation;
import io.crmwebhooks.admin.ReplayMode;
import io.crmwebhooks.admin.Replays;
import io.crmwebhooks.domain.Change;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Customising steps that are slow, hang, fail or end early: what they cost others. */
class CustomiseChangeTest {
  /** Steps of an edited route. */
  public static final class Steps {
    static volatile CountDownLatch release;
    static final AtomicInteger HANGING = new AtomicInteger();
    static final AtomicInteger LATE = new AtomicInteger();

    private Steps() {}

    /** As long as the test says, whoever interrupts it. */
    public static void hang() {
      HANGING.incrementAndGet();
      while (release.getCount() > 0) {
        try {
          release.await();
        } catch (InterruptedException e) {
          continue;
        }
      }
      HANGING.decrementAndGet();
    }

    public static void late() {
      LATE.incrementAndGet();
    }

    public static void fail() {
      throw new IllegalStateException(new NullPointerException());
    }

    public static void slow() throws InterruptedException {
      Thread.sleep(400);
    }
  }

  private static final String STEPS = "beanType: " + Steps.class.getName();
  private static final String BAD =
      "- setVariable:\n    id: bad\n    name: x\n    simple: \"${body.missing}\"\n";
  private static final String LATE_A =
      "- filter:\n    simple: \"${body} == 'a'\"\n    steps:\n      - delay:\n          expression:\n            constant:\n              expression: \"200\"\n";
  private static final String[] QUICK = {
    "webhooks.customise.timeout", "2s",
    "webhooks.poll.lease", "1500ms",
    "webhooks.health.ready-within", "500ms",
    "webhooks.health.live-within", "4s"
  };

  /**
   * Ways to fail, by the object of the changes; the id of the step that fails is "bad-" and the
   * object.
   */
  private static final Map<String, String> FAILING =
      Map.ofEntries(
          Map.entry("amount", BAD),
          Map.entry("bean", step("fail").replace("step-fail", "bad")),
          Map.entry("script", "- script:\n    id: bad\n    simple: \"${body.missing}\"\n"),
          Map.entry("enrich", "- enrich:\n    id: bad\n    constant: http://127.0.0.1:1/\n"),
          Map.entry("http", "- toD:\n    id: bad\n    uri: http://127.0.0.1:1/\n"),
          Map.entry(
              "throw",
              "- throwException:\n    id: bad\n    message: no\n    exceptionType: java.io.IOException\n"),
          Map.entry(
              "when",
              "- choice:\n    id: bad\n    when:\n      - simple: \"${body.missing}\"\n        steps:\n          - stop: {}\n"),
          Map.entry(
              "choice",
              "- choice:\n    when:\n      - simple: \"true\"\n        steps:\n" + BAD.indent(10)),
          Map.entry("split", "- split:\n    constant: a,b\n    steps:\n" + BAD.indent(6)),
          Map.entry(
              "stopping",
              "- split:\n    constant: a,b\n    stopOnException: true\n    steps:\n"
                  + BAD.indent(6)),
          Map.entry(
              "aside",
              "- split:\n    constant: a,b\n    parallelProcessing: true\n    steps:\n"
                  + LATE_A.indent(6) // so the failure of b, which counts, is met first
                  + BAD.indent(6)),
          Map.entry("multicast", "- multicast:\n    steps:\n" + BAD.indent(6)),
          Map.entry("loop", "- loop:\n    constant: \"2\"\n    steps:\n" + BAD.indent(6)),
          Map.entry(
              "doTry",
              "- doTry:\n    steps:\n"
                  + BAD.indent(6)
                  + "    doCatch:\n      - exception: [java.io.IOException]\n        steps:\n          - stop: {}\n"));

  @TempDir private Path routes;
  private final TestReceiver receiver = TestReceiver.answering(200);
  private String engine = "postgresql";
  private PipelineFixture pipeline;

  @BeforeEach
  void hold() {
    Steps.release = new CountDownLatch(1);
    Steps.LATE.set(0);
  }

  @AfterEach
  void close() {
    Steps.release.countDown();
    if (pipeline != null) {
      pipeline.close();
    }
    receiver.close();
  }

  /** With the steps put into the route, for changes of the object that is called like them. */
  private UUID start(String... filters) throws IOException {
    return start(EditedRoutes.in(routes), filters);
  }

  private UUID start(EditedRoutes edited, String... filters) throws IOException {
    return start("customise-change", edited, filters);
  }

  private UUID start(String route, EditedRoutes edited, String... filters) throws IOException {
    for (int i = 0; i < filters.length; i += 2) {
      if (route.equals("customise-change")) {
        edited.customise(filters[i], filters[i + 1]);
      } else {
        edited.customiseDelivery(filters[i], filters[i + 1]);
      }
    }
    pipeline = PipelineFixture.on(engine, edited, QUICK);
    UUID webhook = pipeline.webhook(receiver.url("/"));
    pipeline.start();
    return webhook;
  }

  private static String step(String method) {
    return "- bean:\n    id: %s\n    %s\n    method: %s\n"
        .formatted("step-" + method, STEPS, method);
  }

  private void nothingTwice() {
    assertThat(receiver.received()).extracting(Received::id).doesNotHaveDuplicates();
  }

  private int status(String path) {
    return pipeline.api().as(null).get("/observe/health" + path).status();
  }

  @ParameterizedTest
  @ValueSource(strings = {"customise-change", "customise-delivery"})
  void a_batch_that_is_customised_for_longer_than_its_lease_is_sent_once(String route)
      throws Exception {
    start(
        route,
        EditedRoutes.in(routes),
        "slow",
        step("slow"),
        "later",
        "- delay:\n    expression:\n      constant:\n        expression: \"400\"\n");
    pipeline.changes("slow.created", 60);
    pipeline.changes("later.created", 60);
    soon().until(() -> receiver.received().size() >= 120);
    pipeline.awaitRecorded();
    assertThat(status("")).isEqualTo(200);
    nothingTwice();
    assertThat(pipeline.count("delivery WHERE state = 'delivered'")).isEqualTo(120);
  }

  @Test
  void a_batch_that_has_lost_its_claim_sends_and_writes_nothing() throws Exception {
    start("hangs", step("hang") + step("late"));
    pipeline.change("hangs.created", "{}");
    pipeline.changes("person.created", 5);
    soon().until(() -> Steps.HANGING.get() == 1);
    // taken over, and nobody is seen to send
    pipeline.sql("WITH lost AS (DELETE FROM webhooks.claim RETURNING changes) SELECT FROM lost");
    soon().until(() -> pipeline.count("node") == 1 && status("/ready") == 200);
    Steps.release.countDown();
    pipeline.change("person.created", "{}");
    soon().until(() -> receiver.received().size() > 0);
    pipeline.awaitRecorded();
    assertThat(pipeline.count("parked_change")).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "customise-change, postgresql",
    "customise-delivery, postgresql",
    "customise-change, kafka"
  })
  void steps_that_hang_hold_up_nobody_and_do_nothing_when_they_are_freed(String route, String on)
      throws Exception {
    engine = on;
    Logger logger = (Logger) LoggerFactory.getLogger("io.crmwebhooks.pipeline.CustomisingRun");
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    String split = "- split:\n    constant: one\n    steps:\n" + step("hang").indent(6);
    UUID webhook = start(route, EditedRoutes.in(routes), "hangs", split + step("late"));
    for (int i = 0; i < 3; i++) {
      pipeline.change("hangs.created", "{}");
      pipeline.changes("person.created", 5);
    }
    soon().until(() -> receiver.received().size() == 15);
    pipeline.awaitRecorded();
    assertThat(pipeline.sql("SELECT reason FROM webhooks.parked_change"))
        .hasSize(3)
        .allSatisfy(
            row ->
                assertThat((String) row.get("reason"))
                    .matches(
                        "could not be dispatched: route "
                            + route
                            + ", step step-hang \\(.*"
                            + route
                            + ".camel.yaml:\\d+\\)"
                            + " took longer than webhooks.customise.timeout \\(2000 ms\\)"));
    long replay =
        new Replays(pipeline.statements())
            .start(new Replays.Request(webhook, null, ReplayMode.ALL, Instant.EPOCH, null, null))
            .orElseThrow()
            .path("id")
            .asLong();
    soon().until(() -> pipeline.count("replay WHERE state = 'done'") == 1);
    assertThat(replay).isPositive();
    Steps.release.countDown();
    soon().until(() -> Steps.HANGING.get() == 0);
    soon().until(() -> pipeline.scrape().value("webhooks_customising_abandoned") == 0);
    assertThat(Steps.LATE).hasValue(0);
    logger.detachAppender(log);
    assertThat(log.list)
        .as("one line, however many changes are slow there")
        .singleElement()
        .asString()
        .contains("customising.slow change ", ": route " + route + ", step step-hang (");
    assertThat(pipeline.count("delivery WHERE state = 'delivered'")).isEqualTo(30);
    assertThat(new Reconciliation(pipeline.statements()).disagreements(10)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"customise-change", "customise-delivery"})
  void when_sixteen_steps_hang_claims_pause_and_it_is_told(String route) throws Exception {
    start(route, EditedRoutes.in(routes), "hangs", step("hang"));
    pipeline.changes("hangs.created", 20);
    pipeline.changes("person.created", 20);
    soon().until(() -> pipeline.scrape().value("webhooks_customising_abandoned") == 16);
    soon().until(() -> status("/ready") == 503);
    assertThat(Steps.HANGING).hasValue(16);
    soon().until(() -> pipeline.count("claim") == 0);
    pipeline.change("person.created", "{}");
    assertThat(pipeline.count("parked_change")).isEqualTo(16);
    assertThat(pipeline.count("change_queue"))
        .as("what was not begun, and the new one")
        .isPositive();
    assertThat(status("/live")).isEqualTo(200);
    Steps.release.countDown();
    pipeline.awaitRecorded();
    assertThat(pipeline.count("parked_change")).isEqualTo(16);
    assertThat(pipeline.count("delivery WHERE state = 'delivered'")).isEqualTo(25);
    nothingTwice();
    soon().until(() -> status("/ready") == 200);
  }

  @Test
  void every_change_has_a_verdict_and_its_reason_says_where_however_it_leaves_the_route()
      throws Exception {
    String mine =
        """
        - route:
            id: mine
            from:
              uri: direct:mine
              steps:
                - setProperty:
                    id: parse
                    name: parsed
                    expression:
                      simple:
                        expression: "${bodyAs(java.util.Date)}"
                        resultType: java.util.Date
                - convertBodyTo:
                    id: convert
                    type: java.util.Date
                    mandatory: true
        """;
    Stream<String> steps =
        FAILING.entrySet().stream()
            .flatMap(
                way ->
                    Stream.of(
                        way.getKey(),
                        way.getValue().replace("id: bad", "id: bad-" + way.getKey())));
    Stream<String> more =
        Stream.of("stops", "- stop: {}\n", "fails", "- to:\n    uri: direct:mine\n");
    start(
        EditedRoutes.in(routes).write("custom/mine.camel.yaml", mine),
        Stream.concat(steps, more).toArray(String[]::new));
    pipeline.change("stops.created", "{}");
    pipeline.change("fails.created", "{}");
    pipeline.change("person.created", "{}");
    FAILING.keySet().forEach(object -> pipeline.change(object + ".created", "{}"));
    pipeline.awaitRecorded();
    assertThat(pipeline.value("SELECT change_id FROM webhooks.dropped_change")).isEqualTo(1L);
    Map<String, String> reasons = new TreeMap<>();
    pipeline
        .sql(
            "SELECT object, reason FROM webhooks.parked_change JOIN webhooks.change ON id = change_id")
        .forEach(row -> reasons.put((String) row.get("object"), (String) row.get("reason")));
    assertThat(reasons.remove("fails"))
        .startsWith("could not be dispatched: route mine, step convert (")
        .containsPattern("custom/mine.camel.yaml:1\\d\\): ")
        .doesNotContain("Exchange[")
        .doesNotContainPattern("[0-9A-F]{10}-[0-9A-F]{16}");
    assertThat(reasons.get("amount"))
        .endsWith(
            ": MethodNotFoundException: Method with name: missing not found on a "
                + Change.class.getName());
    assertThat(reasons).containsOnlyKeys(FAILING.keySet());
    assertThat(reasons)
        .allSatisfy(
            (object, reason) ->
                assertThat(reason)
                    .matches(
                        "could not be dispatched: route customise-change, step bad-"
                            + object
                            + " \\(\\S*customise-change.camel.yaml:\\d+\\): \\w+(Exception|Error): .*"));
    assertThat(receiver.received()).hasSize(1);
  }

  @Test
  void a_call_of_a_route_that_is_stopped_fails_at_once() throws Exception {
    start(
        EditedRoutes.in(routes)
            .replace(
                "custom/customise-change.camel.yaml",
                "    id: customise-change\n",
                "    id: customise-change\n    autoStartup: false\n"));
    pipeline.change("person.created", "{}");
    pipeline.awaitRecorded();
    assertThat((String) pipeline.value("SELECT reason FROM webhooks.parked_change"))
        .contains("No consumers available on endpoint: direct://customise-change");
  }
}

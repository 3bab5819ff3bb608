package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.crmwebhooks.TestReceiver.Received;
import io.crmwebhooks.settings.StartupException;
import io.crmwebhooks.wiring.Development;
import io.crmwebhooks.wiring.Pipeline;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Route files that are edited while the pipeline runs in development. */
class DevelopmentTest {
  private static final String CUSTOMISE = "custom/customise-change.camel.yaml";
  private static final String OWN = "custom/mine.camel.yaml";
  private static final String MINE =
      """
      - route:
          id: mine
          from:
            uri: direct:mine
            steps:
              - setBody:
                  expression:
                    constant:
                      expression: "%s"
      """;

  @TempDir private Path routes;
  private final TestReceiver receiver = TestReceiver.answering(200);
  private final Logger logger = (Logger) LoggerFactory.getLogger(Development.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private EditedRoutes edited;
  private PipelineFixture pipeline;

  @BeforeEach
  void copy() throws IOException {
    log.start();
    logger.addAppender(log);
    edited = EditedRoutes.in(routes);
    pipeline = new PipelineFixture(edited);
  }

  @AfterEach
  void close() {
    pipeline.close();
    receiver.close();
    logger.detachAppender(log);
  }

  private void start() {
    pipeline.webhook(receiver.url("/"));
    pipeline.startDevelopment();
    log.list.clear();
  }

  private Stream<String> lines(String event) {
    return List.copyOf(log.list).stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(line -> line.startsWith(event));
  }

  private void logged(String event) {
    logged(event, "");
  }

  /** Waits until a line begins and ends so, and forgets it. */
  private void logged(String event, String end) {
    soon().until(() -> lines(event).anyMatch(line -> line.endsWith(end)));
    log.list.clear();
  }

  @Test
  void no_change_is_lost_or_sent_twice_while_shipped_files_are_edited() throws Exception {
    start();
    String url = pipeline.url();
    AtomicBoolean edits = new AtomicBoolean(true);
    Thread crm =
        new Thread(
            () -> {
              while (edits.get()) {
                pipeline.changes("person.created", 20);
                soon().until(() -> pipeline.count("change_queue") < 20);
              }
            });
    crm.start();
    for (String file :
        List.of(
            "00-error-policies", "20-dispatch-changes", "30-deliver-webhook", "90-keep-house")) {
      edited.replace(file + ".camel.yaml", "description: ", "description: It is edited. ");
      logged("route.reloaded");
    }
    edits.set(false);
    crm.join();
    long made = pipeline.count("change");
    soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == made);
    assertThat(receiver.received()).extracting(Received::id).hasSize((int) made);
    assertThat(receiver.received()).extracting(Received::id).doesNotHaveDuplicates();
    assertThat(pipeline.count("parked_change")).isZero();
    assertThat(pipeline.sql("SELECT error FROM webhooks.attempt WHERE error IS NOT NULL"))
        .isEmpty();
    assertThat(pipeline.url()).isEqualTo(url);
    soon().until(() -> pipeline.count("node") == 1);
    soon().until(() -> living(Pipeline.class) == 1);
    assertThat(pipeline.api().get("/rest/webhooks").status()).isEqualTo(200);
  }

  /** After a full collection. */
  private static long living(Class<?> type) throws Exception {
    String histogram =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    return histogram
        .lines()
        .filter(line -> line.endsWith(" " + type.getName()))
        .mapToLong(line -> Long.parseLong(line.trim().split("\\s+")[1]))
        .sum();
  }

  @Test
  void a_file_with_an_error_leaves_the_routes_and_says_why() throws Exception {
    start();
    String customise = Files.readString(routes.resolve(CUSTOMISE));
    edited.customise("- to:\n    uri: direct:nowhere\n");
    logged("  " + routes.resolve(CUSTOMISE), ": direct:nowhere is called, and no route has it");
    edited.write(CUSTOMISE, "- route:\n    id: [\n");
    soon().until(() -> lines("  ").anyMatch(line -> line.contains(CUSTOMISE)));
    log.list.clear();
    edited.write(CUSTOMISE, customise);
    logged("route.unchanged");
    Path shipped = Path.of("routes/35-pause-endpoints.camel.yaml");
    Path copy = routes.resolve(shipped.getFileName());
    Files.delete(copy);
    soon().until(() -> lines("  ").anyMatch(line -> line.contains("resume-endpoint are missing")));
    log.list.clear();
    Files.copy(shipped, copy);
    logged("route.unchanged");
    edited.write(OWN, MINE.formatted("a").replace("direct:mine", "mail:mine"));
    logged("route.kept");
    pipeline.change("person.created", "{}");
    soon().until(() -> receiver.received().size() == 1);
    Files.delete(routes.resolve(OWN));
    logged("route.unchanged");
  }

  @Test
  void an_own_file_is_taken_up_edited_and_removed() throws Exception {
    start();
    Path mine = routes.resolve(OWN);
    Files.writeString(mine, MINE.formatted("one"));
    logged("route.reloaded file=" + mine, " routes=mine");
    edited.customise("- to:\n    uri: direct:mine\n");
    logged("route.reloaded", CUSTOMISE + " routes=customise-change");
    Files.delete(mine);
    logged("route.kept");
    edited.replace(CUSTOMISE, "direct:mine", "log:mine");
    soon().until(() -> lines("route.").count() == 2);
    assertThat(lines("route."))
        .containsExactly(
            "route.reloaded file=%s routes=customise-change".formatted(routes.resolve(CUSTOMISE)),
            "route.removed file=%s routes=mine".formatted(mine));
  }

  @Test
  void a_route_that_a_webhook_leads_to_is_edited_and_not_removed() throws Exception {
    OwnRoute.add(edited, "own", "");
    start();
    pipeline.sql("UPDATE webhooks.subscription SET target_url = 'route:own'");
    Path own = routes.resolve("custom/own-own.camel.yaml");
    String text = Files.readString(own);
    Files.delete(own);
    logged("  webhook ", " leads to route:own, and routes/custom/ has no route target-own");
    pipeline.change("person.created", "{}");
    soon().until(() -> OwnRoute.taken("own").size() == 1);
    Files.writeString(own, text + "- stop: {}\n".indent(8));
    logged("route.reloaded", " routes=target-own");
    pipeline.change("person.created", "{}");
    soon().until(() -> OwnRoute.taken("own").size() == 2);
    OwnRoute.forget();
  }

  @Test
  void the_reload_of_Camel_itself_is_refused() {
    try (PipelineFixture raw =
        new PipelineFixture(
            "camel.main.routesReloadEnabled",
            "true",
            "camel.main.routesReloadDirectory",
            "routes")) {
      for (Runnable start : List.<Runnable>of(raw::start, raw::startDevelopment)) {
        assertThatThrownBy(start::run)
            .isInstanceOf(StartupException.class)
            .hasMessageContaining("camel.main.routes-reload-enabled would end the pipeline")
            .hasMessageContaining("run --dev");
      }
    }
  }
}

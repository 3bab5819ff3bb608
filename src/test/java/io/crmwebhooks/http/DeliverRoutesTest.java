package io.crmwebhooks.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.crmwebhooks.database.SqlFileComponent;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Delivery.History;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.domain.Outcome;
import io.crmwebhooks.domain.Outcome.State;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.observe.OutcomeLog;
import io.crmwebhooks.pipeline.Attempts;
import io.crmwebhooks.pipeline.Changes;
import io.crmwebhooks.pipeline.Endpoints;
import io.crmwebhooks.pipeline.PauseRule;
import io.crmwebhooks.pipeline.RetrySchedule;
import io.crmwebhooks.pipeline.RetrySchedule.Jitter;
import io.crmwebhooks.pipeline.RouteCalls;
import io.crmwebhooks.pipeline.SignWebhook;
import io.crmwebhooks.pipeline.TestWebhook;
import io.crmwebhooks.settings.Settings;
import java.net.ConnectException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Predicate;
import org.apache.camel.Processor;
import org.apache.camel.builder.AdviceWith;
import org.apache.camel.builder.NotifyBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.LoggerFactory;

/** The deliver routes as they stand in the files, with only the HTTP call replaced. */
class DeliverRoutesTest extends CamelTestSupport {
  private static final Instant NOW = Instant.parse("2025-02-10T15:30:50Z");
  private static final Duration DELAY = Duration.ofSeconds(5);

  private final Endpoints endpoints =
      new Endpoints(PauseRule.NEVER, Clock.systemUTC(), Duration.ofMinutes(1));
  private final Webhook webhook =
      TestWebhook.to("http://receiver.example/hook")
          .signedBy(new WebhookSigner("secret"))
          .withConcurrency(8)
          .build();

  @Override
  protected CamelContext createCamelContext() throws Exception {
    CamelContext context = super.createCamelContext();
    Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    context.getRegistry().bind("signWebhook", new SignWebhook(clock));
    context.getRegistry().bind("leadsToRoute", (Predicate) RouteCalls::isOne);
    context
        .getRegistry()
        .bind("routeCalls", new RouteCalls(context, Duration.ofSeconds(1), Duration.ofSeconds(1)));
    Attempts attempts =
        new Attempts(
            endpoints,
            new RetrySchedule(List.of(DELAY), Jitter.NONE, Duration.ofHours(1)),
            List.of(
                outcome -> {
                  throw new IllegalStateException("nobody who listens fails an attempt");
                },
                new OutcomeLog(News.UNTOLD, endpoints::isPaused, clock)),
            clock);
    context.getRegistry().bind("beginAttempt", (Processor) attempts::begin);
    context.getRegistry().bind("attemptSucceeded", (Processor) attempts::succeeded);
    context.getRegistry().bind("attemptFailed", (Processor) attempts::failed);
    context.getRegistry().bind("endpoints", endpoints);
    context.getRegistry().bind("webhookGone", (Predicate) endpoints::isNewlyGone);
    context.getRegistry().bind("endpointFails", (Predicate) exchange -> false);
    context.addComponent("sql-file", new SqlFileComponent(new PGSimpleDataSource())); // never asked
    Settings settings = Settings.load(Path.of("none"), Map.of(), Map.of());
    DeliveryClient client =
        new DeliveryClient(
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            EgressRules.of(settings),
            TlsIdentities.open(settings, clock));
    context.getRegistry().bind("deliveryClient", client);
    context.getRegistry().bind("webhookConnections", client.connections());
    context.getRegistry().bind("parkChange", (Processor) exchange -> {});
    for (String file : List.of("00-error-policies", "30-deliver-webhook")) {
      PluginHelper.getRoutesLoader(context)
          .loadRoutes(
              PluginHelper.getResourceLoader(context)
                  .resolveResource("file:routes/" + file + ".camel.yaml"));
    }
    context.addRoutes(
        new RouteBuilder() {
          @Override
          public void configure() {
            from("direct:collect-outcome").errorHandler(noErrorHandler()).to("mock:outcome");
          }
        });
    AdviceWith.adviceWith(
        context, "post-signed-webhook", route -> route.weaveById("post").replace().to("mock:http"));
    return context;
  }

  @Test
  void a_success_is_an_outcome_with_its_status_and_frees_the_place() throws Exception {
    MockEndpoint http = getMockEndpoint("mock:http");
    http.whenAnyExchangeReceived(e -> e.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 202));
    Delivery delivery = send(0);
    assertThat(outcome(State.DELIVERED))
        .satisfies(
            delivered -> {
              assertThat(delivered.delivery()).isSameAs(delivery);
              assertThat(delivered.attempt().status()).isEqualTo(202);
              assertThat(delivered.attempt().number()).isEqualTo(1);
              assertThat(delivered.attempt().startedAt()).isEqualTo(NOW);
            });
    assertThat(endpoints.of(webhook.id()).inFlight()).isZero();
    assertThat(endpoints.ids()).isEmpty();
  }

  @Test
  void a_failure_goes_through_the_dead_letter_channel_and_is_due_again_by_the_schedule()
      throws Exception {
    getMockEndpoint("mock:http")
        .whenAnyExchangeReceived(
            e -> {
              throw new HttpOperationFailedException(
                  "http://x", 500, "no", null, null, "went wrong");
            });
    NotifyBuilder scheduled =
        new NotifyBuilder(context).wereSentTo("direct:schedule-redelivery").whenDone(1).create();
    send(0);
    assertThat(scheduled.matches(5, TimeUnit.SECONDS)).isTrue();
    assertThat(outcome(State.RETRY))
        .satisfies(
            retry -> {
              assertThat(retry.delay()).isEqualTo(DELAY);
              assertThat(retry.attempt().status()).isEqualTo(500);
              assertThat(retry.attempt().error()).isEqualTo("HTTP 500");
              assertThat(retry.attempt().response()).isEqualTo("went wrong");
            });
    assertThat(endpoints.of(webhook.id()).inFlight()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"1800, PT30M", "0, PT5S"})
  void a_receiver_may_ask_for_a_later_attempt_but_not_for_a_sooner_one(String asked, Duration delay)
      throws Exception {
    getMockEndpoint("mock:http")
        .whenAnyExchangeReceived(
            e -> {
              throw new HttpOperationFailedException(
                  "http://x", 503, "busy", null, Map.of("retry-after", asked), "");
            });
    send(0);
    assertThat(outcome(State.RETRY)).satisfies(retry -> assertThat(retry.delay()).isEqualTo(delay));
  }

  @Test
  void a_failure_of_the_last_attempt_is_a_dead_letter() throws Exception {
    getMockEndpoint("mock:http")
        .whenAnyExchangeReceived(
            e -> {
              throw new ConnectException("nobody");
            });
    send(1);
    assertThat(outcome(State.DEAD))
        .satisfies(
            dead -> {
              assertThat(dead.attempt().number()).isEqualTo(2);
              assertThat(dead.attempt().status()).isNull();
              assertThat(dead.attempt().error()).contains("refused");
            });
  }

  @Test
  void what_fails_after_the_receiver_has_accepted_is_no_failed_attempt() {
    getMockEndpoint("mock:http")
        .whenAnyExchangeReceived(e -> e.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 202));
    MockEndpoint outcome = getMockEndpoint("mock:outcome");
    outcome.whenAnyExchangeReceived(
        e -> {
          throw new RejectedExecutionException("the taps are shut down");
        });
    send(0);
    assertThat(outcome.getExchanges())
        .singleElement()
        .satisfies(
            e ->
                assertThat(e.getMessage().getBody(Outcome.class).state())
                    .isEqualTo(State.DELIVERED));
    assertThat(endpoints.of(webhook.id()).inFlight()).isZero();
    assertThat(endpoints.ids()).isEmpty();
  }

  @Test
  void a_failed_attempt_has_one_outcome_and_is_not_taken_for_a_success() {
    getMockEndpoint("mock:http")
        .whenAnyExchangeReceived(
            e -> {
              throw new ConnectException("nobody");
            });
    send(0);
    assertThat(getMockEndpoint("mock:outcome").getExchanges())
        .singleElement()
        .satisfies(
            e -> assertThat(e.getMessage().getBody(Outcome.class).state()).isEqualTo(State.RETRY));
  }

  @Test
  void the_line_of_a_failed_attempt_says_what_happened_and_what_happens_next() {
    Logger logger = (Logger) LoggerFactory.getLogger(OutcomeLog.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      getMockEndpoint("mock:http")
          .whenAnyExchangeReceived(
              e -> {
                throw new HttpOperationFailedException("http://x", 500, "no", null, null, "");
              });
      Delivery first = send(0);
      send(1);
      endpoints.of(webhook.id()).health().adopt(NOW, true, 1);
      send(0);
      assertThat(log.list)
          .extracting(line -> line.getFormattedMessage().replaceAll("ms=\\d+", "ms=…"))
          .containsExactly(
              "delivery.attempted delivery=%s webhook=%s event=person.created attempt=1 status=500 ms=… result=failed next=\"attempt 2 at 2025-02-10T15:30:55Z, in 5 s\" error=\"HTTP 500\""
                  .formatted(first.id(), webhook.id()),
              "delivery.attempted delivery=msg_1 webhook=%s event=person.created attempt=2 status=500 ms=… result=dead next=\"none, until somebody redelivers it\" error=\"HTTP 500\""
                  .formatted(webhook.id()),
              "delivery.attempted delivery=%s webhook=%s event=person.created attempt=1 status=500 ms=… result=failed next=\"attempt 2 at 2025-02-10T15:30:55Z, in 5 s, but not before the pause of the endpoint is over\" error=\"HTTP 500\""
                  .formatted(first.id(), webhook.id()));
    } finally {
      logger.detachAppender(log);
    }
  }

  @Test
  void no_header_from_elsewhere_reaches_the_call_or_redirects_it() throws Exception {
    MockEndpoint http = getMockEndpoint("mock:http");
    Delivery delivery = delivery(0);
    fluentTemplate
        .to("direct:deliver-webhook")
        .withBody(delivery)
        .withHeader(Exchange.HTTP_PATH, "/elsewhere")
        .withHeader(Exchange.HTTP_QUERY, "a=b")
        .withHeader(Exchange.HTTP_METHOD, "DELETE")
        .withHeader("node", 7)
        .send();
    assertThat(http.getExchanges().get(0).getMessage().getHeaders().keySet())
        .containsExactlyInAnyOrder(
            Exchange.CONTENT_TYPE,
            "User-Agent",
            "webhook-id",
            "webhook-timestamp",
            "webhook-signature",
            "X-Twenty-Webhook-Timestamp",
            "X-Twenty-Webhook-Signature",
            "X-Twenty-Webhook-Nonce");
    assertThat(http.getExchanges().get(0).getMessage().getBody())
        .isInstanceOfSatisfying(
            DeliveryRequest.class, entity -> assertThat(entity.body()).isEqualTo(delivery.body()));
  }

  private Delivery send(int attemptsBefore) {
    Delivery delivery = delivery(attemptsBefore);
    endpoints.of(webhook.id()).enter();
    template.sendBody("direct:deliver-webhook", delivery);
    return delivery;
  }

  private Delivery delivery(int attemptsBefore) {
    byte[] body = "{}".getBytes();
    Change change = Changes.of("person.created", "{}");
    return attemptsBefore > 0
        ? Delivery.again(
            "msg_1",
            change,
            webhook,
            new Delivery.Content(body, null),
            new History(attemptsBefore, 0, false, false, true))
        : Delivery.first(change, webhook, body);
  }

  private Outcome outcome(State state) throws InterruptedException {
    MockEndpoint outcome = getMockEndpoint("mock:outcome");
    outcome.expectedMessageCount(1);
    outcome.assertIsSatisfied();
    Outcome collected = outcome.getExchanges().get(0).getMessage().getBody(Outcome.class);
    assertThat(collected.state()).isEqualTo(state);
    return collected;
  }
}

package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.closeAll;
import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Tests that share one browser, and one running pipeline whose console it shows. */
abstract class OneConsole {
  static Browser browser;
  static PipelineFixture pipeline;
  static TestReceiver receiver;
  static ApiClient api;

  /** The status that the receiver answers to paths that begin with /moody. */
  static final AtomicInteger MOOD = new AtomicInteger(200);

  @BeforeAll
  static void start() {
    browser = Browser.start();
    pipeline = new PipelineFixture("webhooks.delivery.retry-schedule", "30ms").start();
    api = pipeline.api();
    receiver =
        TestReceiver.answering(
            (request, exchange) -> {
              int status = request.path().startsWith("/moody") ? MOOD.get() : 200;
              if (request.path().contains("later") && status != 200) {
                exchange.getResponseHeaders().add("Retry-After", "3600");
              }
              TestReceiver.respond(exchange, status, "{\"said\":" + status + "}");
            });
  }

  @AfterAll
  static void stop() throws Exception {
    closeAll(browser, receiver, pipeline);
  }

  @BeforeEach
  void healthy() {
    MOOD.set(200);
    browser.complaints();
  }

  @AfterEach
  void nothing_was_complained_of() {
    assertThat(browser.complaints(expected)).isEmpty();
  }

  String[] expected = {};

  static void signIn() {
    signOut();
    browser.open(pipeline.url() + "/#token=" + PipelineFixture.TOKEN.replace(" ", "%20"));
    browser.see("The last hour");
  }

  /** A link does not replace a sign-in unasked. */
  static void signOut() {
    browser.run("try { sessionStorage.clear() } catch { }");
  }

  /** Goes to a page, signing in only where the test before has signed out. */
  static void visit(String page) {
    Object token =
        browser.run(
            "try { return sessionStorage.getItem('crm-webhooks.token') } catch { return null }");
    if (!PipelineFixture.TOKEN.equals(token)) {
      signIn();
    }
    browser.run(
        """
        document.querySelector('h1').remove();
        location.hash === '#' + arguments[0] ? dispatchEvent(new Event('hashchange')) : location.hash = arguments[0];
        """,
        page);
    soon().until(() -> browser.run("return document.activeElement.tagName").equals("H1"));
  }

  static String webhook(String path, String... operations) {
    return pipeline.webhook(receiver.url(path), operations).toString();
  }

  static JsonNode deliveries(String webhook) {
    return api.get("/rest/deliveries?webhookId=" + webhook).body().path("data");
  }

  static void await(String webhook, String state, int count) {
    pipeline.awaitDeliveries(webhook, state, count);
  }

  /** The id of a webhook whose one delivery has just failed. */
  static String failing(String object, String record) {
    MOOD.set(503);
    String id = webhook("/moody-later/" + object, object + ".*");
    pipeline.change(object + ".created", record);
    await(id, "pending", 1);
    return id;
  }
}

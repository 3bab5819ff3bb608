package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.closeAll;
import static io.crmwebhooks.PipelineFixture.soon;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.UUID;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How each page looks, wide and narrow, light and dark: axe-core finds no barrier, nothing sticks
 * out, and a picture is kept in {@code target/screenshots}.
 */
class ConsoleLooksTest {
  private static final String CELLS_OVER =
      "return [...document.querySelectorAll('td')].filter((cell) =>"
          + " cell.scrollWidth > cell.clientWidth + 1 || cell.clientHeight > 220).length";

  private static Browser browser;
  private static PipelineFixture pipeline;
  private static TestReceiver receiver;
  private static UUID failing;
  private static JsonNode delivery;

  @BeforeAll
  static void start() {
    browser = Browser.start();
    pipeline = new PipelineFixture("webhooks.delivery.retry-schedule", "30ms").start();
    receiver =
        TestReceiver.answering(
            (request, exchange) -> {
              boolean fails =
                  request.path().contains("billing") && !request.text().contains(".updated");
              if (request.text().contains("note.created")) {
                exchange.getResponseHeaders().add("Retry-After", "5400");
              }
              TestReceiver.respond(
                  exchange,
                  fails ? 503 : 200,
                  fails ? "{\"error\":\"database is read-only\",\"retry\":true}" : "thanks");
            });
    UUID all = pipeline.webhook(receiver.url("/crm/everything"));
    UUID sales = pipeline.webhook(receiver.url("/sales/inbox"), "opportunity.*", "company.updated");
    failing =
        pipeline.webhook(
            receiver.url("/billing"),
            "company.*",
            "person.created",
            "note.created",
            "task.updated");
    describe(all, "Data warehouse");
    describe(sales, "Sales team");
    describe(failing, "Billing");
    pipeline.webhook("https://hooks.example.org/services/T0000/B0000", "workspaceMember.*");
    pastHour(all, 40, 1);
    pastHour(sales, 12, 0);
    pastHour(failing, 6, 3);
    changes();
    ApiClient api = pipeline.api();
    soon().until(() -> pipeline.count("undispatched") == 0);
    pipeline.sql(
        "UPDATE webhooks.parked_change SET reason = 'could not be dispatched: route customise-change, step set-amount"
            + " (/opt/crm-webhooks/routes/custom/customise-change.camel.yaml:27): MethodNotFoundException: Method with"
            + " name: amountMicros not found on bean: {currencyCode=EUR} of type: java.util.LinkedHashMap'");
    soon()
        .until(
            () ->
                pipeline.count("delivery WHERE state = 'dead'") == 17
                    && pipeline.count("delivery WHERE state = 'pending'") == 2);
    delivery =
        api.get("/rest/deliveries?state=dead&event=person.created").body().path("data").get(0);
    String since = "{\"webhookId\":\"%s\",\"mode\":\"%s\",\"since\":\"2026-01-01T00:00:00Z\"}";
    api.post("/rest/replays", since.formatted(sales, "all"));
    soon().until(() -> pipeline.count("replay WHERE state = 'done'") == 1);
    api.post("/rest/replays", since.formatted(failing, "missing"));
    browser.open(pipeline.url() + "/#token=" + PipelineFixture.TOKEN.replace(" ", "%20"));
    browser.see("The last hour");
  }

  private static void describe(UUID webhook, String description) {
    pipeline.sql(
        "UPDATE webhooks.subscription SET description = ? WHERE id = ?", description, webhook);
  }

  /** Attempts of the minutes before, as the statistics keep them. */
  private static void pastHour(UUID webhook, int delivered, int failed) {
    pipeline.sql(
        """
        INSERT INTO webhooks.attempt_minute (minute, subscription_id, delivered, failed, dead, durations)
        SELECT date_trunc('minute', now()) - n * interval '1 minute', ?, d, f, 0,
          array_fill(0, ARRAY[10]) || ARRAY[d / 2, d / 4, 0, d - d / 2 - d / 4] || array_fill(0, ARRAY[CAST(n %% 5 AS integer)]) || ARRAY[f]
        FROM generate_series(1, 58) n,
          LATERAL (SELECT CAST(%d * (1.2 + sin(n / 6.0)) AS integer) AS d, CASE WHEN n %% 7 < 2 THEN %d ELSE 0 END AS f) made
        """
            .formatted(delivered, failed),
        webhook);
  }

  private static void changes() {
    pipeline.sql(
        """
        INSERT INTO webhooks.change (event, record_id, record, updated_fields)
        SELECT event, md5(event || n)::uuid::text,
          json_build_object('id', md5(event || n)::uuid, 'name', json_build_object('firstName', 'Ada', 'lastName', 'Alder'),
            'emails', json_build_object('primaryEmail', 'ada.alder@example.org'), 'jobTitle', 'Head of <b>Research</b>',
            'annualRecurringRevenue', json_build_object('amountMicros', 120000000000, 'currencyCode', 'EUR')),
          CASE WHEN event LIKE '%.updated' THEN ARRAY['jobTitle', 'emails'] END
        FROM generate_series(1, 8) n, unnest(ARRAY['person.created', 'company.updated', 'opportunity.updated', 'company.created']) event
        UNION ALL
        SELECT 'note.created', 'note-' || n, json_build_object('title', 'Call back'), NULL FROM generate_series(1, 2) n
        UNION ALL
        SELECT 'task.created', 'parked-' || n, NULL, NULL FROM generate_series(1, 3) n
        UNION ALL
        SELECT 'company.deleted', 'gone', json_build_object('name', 'Northwind Pottery'), NULL
        UNION ALL
        SELECT repeat('e', 5000) || '.created', repeat('r', 5000), json_build_object('name', 'Mallory'), NULL
        """);
  }

  @AfterAll
  static void stop() throws Exception {
    closeAll(browser, receiver, pipeline);
  }

  @ParameterizedTest
  @CsvSource({
    "overview,/,Endpoints",
    "webhooks,/webhooks,Data warehouse",
    "webhook,/webhooks/FAILING,Newest deliveries",
    "webhook-new,/webhooks/new,Which changes",
    "webhook-edit,/webhooks/FAILING/edit,More settings",
    "deliveries,/deliveries,Last outcome",
    "delivery,/deliveries/DELIVERY,2 attempts",
    "dead-letters,/dead-letters,Redeliver",
    "replays,/replays,Missing deliveries",
    "replay-new,/replays/new,Deliveries to send",
    "replay,/replays/1,done",
    "events,/events,Changed fields",
    "event,/events/EVENT,Record",
    "parked,/parked,Reason",
    "nothing,/no/such/page,no such page",
  })
  void every_page_is_accessible_and_fits_wide_and_narrow_light_and_dark(
      String name, String page, String content) {
    String address =
        page.replace("FAILING", failing.toString())
            .replace("DELIVERY", delivery.path("id").asText())
            .replace("EVENT", delivery.path("changeId").asText());
    browser.run("location.hash = arguments[0]", address);
    browser.see(content);
    soon().until(() -> browser.run("return document.querySelector('#main').ariaBusy") == null);
    browser.run(
        "document.querySelectorAll('#main form details').forEach((one) => { one.open = true; })");
    look(name);
  }

  @Test
  void the_result_of_a_test_and_a_dialog_are_accessible_and_fit() {
    browser.run("location.hash = '/webhooks/" + failing + "'");
    browser.see("Newest deliveries");
    browser.click("Send a test");
    browser.see("Status 503");
    look("test");
    browser.click("Delete");
    browser.see("This cannot be undone");
    look("dialog");
    browser.click("Cancel");
  }

  @Test
  void the_result_of_a_trial_is_accessible_and_fits() {
    browser.run("location.hash = '/webhooks/new'");
    browser.see("Which changes");
    browser.choose("Format of the body", "custom");
    browser.fill("Body", "{text: .record.name.firstName, tags: .updatedFields}");
    browser.fill("Filter", ".object == \"person\" or (.record.title + 1 > 2)");
    browser.click("Try");
    browser.see("events would be sent");
    browser.run(
        "document.querySelectorAll('.tried details').forEach((one, at) => { one.open = at < 3; })");
    look("try");
  }

  @Test
  void what_is_empty_says_what_to_do_next() {
    try (PipelineFixture fresh = new PipelineFixture().start()) {
      browser.open(fresh.url() + "/");
      browser.see("Sign in");
      look("sign-in");
      browser.open(fresh.url() + "/#token=" + PipelineFixture.TOKEN.replace(" ", "%20"));
      browser.see("No webhooks yet");
      look("overview-empty");
      for (String page :
          new String[] {"webhooks", "deliveries", "dead-letters", "replays", "events"}) {
        browser.run("location.hash = '/" + page + "'");
        browser.see("No " + page.replace('-', ' ').replace("events", "changes"));
      }
      look("events-empty");
    } finally {
      browser.open(pipeline.url() + "/#token=" + PipelineFixture.TOKEN.replace(" ", "%20"));
      browser.see("The last hour");
    }
  }

  private static void look(String name) {
    SoftAssertions softly = new SoftAssertions();
    for (String scheme : new String[] {"light", "dark"}) {
      browser.scheme(scheme);
      for (int width : new int[] {1280, 390}) {
        browser.size(width, width == 390 ? 844 : 900);
        softly
            .assertThat((Long) browser.run("return document.documentElement.scrollWidth"))
            .as("%s at %d px", name, width)
            .isLessThanOrEqualTo(width);
        if (width == 1280) {
          softly
              .assertThat(browser.run(CELLS_OVER))
              .as("cells of %s that are high, or run over the next", name)
              .isEqualTo(0L);
        }
        browser.screenshot(name + "-" + width + "-" + scheme);
        if ((width == 390) == scheme.equals("light")) {
          softly
              .assertThat(browser.barriers())
              .as("%s at %d px, %s", name, width, scheme)
              .isEmpty();
        }
      }
    }
    browser.size(1280, 900);
    browser.scheme("light");
    softly.assertThat(browser.complaints()).isEmpty();
    softly.assertAll();
  }
}

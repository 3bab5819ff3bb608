package io.crmwebhooks.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crmwebhooks.demo.SampleReceiver.Outage;
import io.crmwebhooks.settings.StartupException;
import io.crmwebhooks.verify.OfficialSignatures;
import io.crmwebhooks.verify.Verifier;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SampleReceiverTest {
  private static final Instant START = Instant.parse("2026-03-01T12:30:00Z");
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final String CREATED =
      """
      {"event":"person.created","data":{"id":"1","name":{"firstName":"Ada","lastName":"Alder"}}}""";

  private final SettableClock clock = new SettableClock();
  private final StringWriter printed = new StringWriter();
  private final Printout printout = new Printout(new PrintWriter(printed), clock);
  private final SampleReceiver receiver = SampleReceiver.start(0, printout, clock);
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void stop() {
    receiver.close();
  }

  @Test
  void verifies_a_webhook_and_prints_one_aligned_line() throws Exception {
    receiver.add("/everything", check(), Outage.NEVER);

    assertThat(post("/everything", CREATED)).isEqualTo(204);

    assertThat(printed.toString())
        .isEqualToNormalizingNewlines(
            "12:30:00  /everything  person.created        "
                + "Ada Alder                               both signatures verified\n");
  }

  @Test
  void refuses_a_wrong_signature_and_says_which() throws Exception {
    receiver.add("/everything", check(), Outage.NEVER);
    Map<String, String> headers = OfficialSignatures.of(SECRET, clock.instant(), CREATED);
    headers.put("webhook-signature", "v1,AAAA");

    assertThat(post("/everything", CREATED, headers)).isEqualTo(401);

    assertThat(lastLine())
        .endsWith(
            "REFUSED with 401: webhook-signature has no whole entry: v1, or v1a, and the base64 of a signature");
  }

  @Test
  void refuses_a_webhook_that_bears_one_signature_only() throws Exception {
    receiver.add("/everything", check(), Outage.NEVER);
    Map<String, String> headers = OfficialSignatures.of(SECRET, clock.instant(), CREATED);
    headers.keySet().removeIf(name -> name.startsWith("X-Twenty"));

    assertThat(post("/everything", CREATED, headers)).isEqualTo(401);

    assertThat(lastLine()).endsWith("REFUSED with 401: one signature only");
  }

  @Test
  void fails_during_an_outage_and_then_accepts_the_redelivery() throws Exception {
    receiver.add("/flaky", check(), outage());

    assertThat(post("/flaky", CREATED)).isEqualTo(503);
    assertThat(lastLine()).endsWith("answered 503, down on purpose (1st attempt)");

    clock.now = START.plusSeconds(7);
    assertThat(post("/flaky", CREATED)).isEqualTo(204);
    assertThat(lastLine()).endsWith("both signatures verified, 2nd attempt, accepted");
  }

  @Test
  void has_an_endpoint_that_is_always_down() throws Exception {
    assertThat(post(SampleReceiver.BROKEN, CREATED, Map.of("webhook-id", "msg_1"))).isEqualTo(503);
    clock.now = START.plusSeconds(7_000_000);
    assertThat(post(SampleReceiver.BROKEN, CREATED, Map.of("webhook-id", "msg_1"))).isEqualTo(503);
  }

  @Test
  void marks_a_repeat_of_what_was_accepted() throws Exception {
    receiver.add("/everything", check(), Outage.NEVER);
    post("/everything", CREATED);

    assertThat(post("/everything", CREATED)).isEqualTo(204);

    assertThat(lastLine()).endsWith("both signatures verified, a repeat of one accepted before");
  }

  @Test
  void takes_an_unsigned_webhook_on_a_path_that_nobody_added() throws Exception {
    assertThat(post("/mine", CREATED, Map.of("webhook-id", "msg_1"))).isEqualTo(204);

    assertThat(lastLine()).contains("/mine").endsWith("accepted, not verified");
  }

  @Test
  void prints_a_line_even_for_a_body_that_is_no_json() throws Exception {
    assertThat(post("/mine", "{", Map.of())).isEqualTo(204);

    assertThat(lastLine()).contains("/mine        ?  ");
  }

  @Test
  void names_the_port_that_is_taken() {
    int taken = URI.create(receiver.url("/")).getPort();

    assertThatThrownBy(() -> SampleReceiver.start(taken, printout, clock))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("port " + taken);
  }

  private Verifier check() {
    return new Verifier(SECRET, Duration.ofMinutes(5));
  }

  private static Outage outage() {
    return new Outage(Duration.ofSeconds(6), Duration.ofSeconds(45));
  }

  private int post(String path, String body) throws Exception {
    return post(path, body, OfficialSignatures.of(SECRET, clock.instant(), body));
  }

  private int post(String path, String body, Map<String, String> headers) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(receiver.url(path))).POST(BodyPublishers.ofString(body));
    headers.forEach(request::header);
    return client.send(request.build(), BodyHandlers.discarding()).statusCode();
  }

  private String lastLine() {
    return printed.toString().lines().reduce((before, last) -> last).orElseThrow();
  }

  private static final class SettableClock extends Clock {
    volatile Instant now = START;

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }
  }
}

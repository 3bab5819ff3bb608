package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.Cli.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code verify} with what people paste; which fault is found is for VerifierTest. */
class VerifyCommandTest {
  private static final String WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final String HEADERS =
      """
      webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek
      webhook-timestamp: 1614265330
      webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
      """;
  private static final String BODY = "{\"test\": 2432232314}";
  private static final String AT = "2021-02-25T15:02:10Z";

  @TempDir Path folder;

  private static Ran verify(Object... arguments) {
    Object[] all = new Object[arguments.length + 1];
    all[0] = "verify";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return new Cli(Map.of()).run(all);
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void a_pasted_request_is_genuine_also_with_the_line_break_of_an_editor() throws IOException {
    Path request = file("request.txt", HEADERS + "\n" + BODY + "\n");
    Ran verified = verify(request, "--secret", WHSEC, "--at", AT);
    assertThat(verified.code()).as(verified.toString()).isZero();
    assertThat(verified.out())
        .contains("standard", "the signature holds", "The request is genuine.");
  }

  @Test
  void a_body_that_was_sent_with_its_line_break_is_genuine_too() throws IOException {
    String signature =
        new io.crmwebhooks.http.WebhookSigner("s").standard("1", 1614265330, "{}\n".getBytes());
    Path request =
        file(
            "request.txt",
            "webhook-id: 1\nwebhook-timestamp: 1614265330\nwebhook-signature: "
                + signature
                + "\n\n{}\n");
    assertThat(verify(request, "--secret", "s", "--at", AT).code()).isZero();
  }

  @Test
  void headers_and_body_may_be_given_one_by_one() throws IOException {
    Path secret = file("secret", WHSEC + "\n");
    Path body = file("body.json", BODY);
    Path headers = file("headers", HEADERS);
    assertThat(verify(headers, "--secret-file", secret, "--body-file", body, "--at", AT).code())
        .isZero();
    Ran twenty =
        verify(
            "-s",
            "your-secret",
            "-H",
            "X-Twenty-Webhook-Timestamp: 1735066639761",
            "-H",
            "X-Twenty-Webhook-Signature: 110f71afc0a39743d18099ed4cdf542b8571449f8d99562b4bc8c8919a383dab",
            "--body",
            "{\"event\":\"person.created\"}",
            "--at",
            "2024-12-24T18:57:20Z",
            "--json");
    assertThat(twenty.code()).as(twenty.toString()).isZero();
    assertThat(twenty.json().path("valid").asBoolean()).isTrue();
  }

  @Test
  void a_request_that_is_not_to_be_trusted_ends_with_1_and_says_which_part() throws IOException {
    Path request = file("request.txt", HEADERS + "\n" + BODY);
    Ran old = verify(request, "-s", WHSEC);
    assertThat(old.code()).isEqualTo(1);
    assertThat(old.out()).contains("too-old", "Do not trust the request.");
    Ran json = verify(request, "-s", "another", "--at", AT, "--json");
    assertThat(json.code()).isEqualTo(1);
    assertThat(json.json().at("/schemes/0/fault").asText()).isEqualTo("secret-or-body");
    assertThat(verify(request, "-s", WHSEC, "--at", AT, "--tolerance", "0s").code()).isZero();
    assertThat(
            verify(request, "-s", WHSEC, "--at", "2021-02-25T15:02:12Z", "--tolerance", "1s")
                .code())
        .isEqualTo(1);
  }

  @Test
  void what_is_missing_or_said_twice_is_wrong_usage() throws IOException {
    Path request = file("request.txt", HEADERS + "\n" + BODY);
    assertThat(verify(request).code()).isEqualTo(2);
    assertThat(verify(request, "-s", "a", "--secret-file", request).code()).isEqualTo(2);
    assertThat(verify(request, "-s", "a", "--body", "b", "--body-file", request).code())
        .isEqualTo(2);
    assertThat(verify(request, "-s", "a", "-H", "no header").code()).isEqualTo(2);
    assertThat(verify(request, "-s", "a", "--tolerance", "long").code()).isEqualTo(2);
    Ran missing = verify(folder.resolve("nothing"), "-s", "a");
    assertThat(missing.code()).isEqualTo(2);
    assertThat(missing.err()).contains("there is no file");
  }
}

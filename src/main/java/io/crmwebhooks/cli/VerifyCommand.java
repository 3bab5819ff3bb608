package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.verify.Finding;
import io.crmwebhooks.verify.PastedRequest;
import io.crmwebhooks.verify.Verifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks verify}. */
@Command(
    name = "verify",
    description = {
      "Checks the signatures of a request that somebody has received, and says which part is wrong. It needs no"
          + " server and no database."
    },
    exitCodeList = {"0:genuine", "1:not to be trusted", "2:wrong usage"},
    footer = {
      "  Paste the headers, an empty line and the body, then Ctrl-D:",
      "    crm-webhooks verify --secret-file secret.txt",
      "  crm-webhooks verify --secret whsec_… request.txt",
      "  crm-webhooks verify --secret … -H 'X-Twenty-Webhook-Timestamp: 1739201450123' \\",
      "    -H 'X-Twenty-Webhook-Signature: 110f…' --body-file body.json --at 2025-02-10T15:30:50Z"
    })
final class VerifyCommand implements Callable<Integer> {
  private static final Path STDIN = Path.of("-");
  private static final Table TABLE =
      new Table("").columns("SCHEME /scheme, WRONG /fault, WHAT WAS FOUND /message");

  /** By what signatures are checked: a mixin of commands. */
  static final class Options {
    @Mixin private Input.Secret secret;

    @Option(
        names = "--tolerance",
        converter = PastTime.Span.class,
        defaultValue = "5m",
        description =
            "How far the timestamp may be from the time of receipt. Default: ${DEFAULT-VALUE}.")
    private Duration tolerance;

    /** Empty when no secret is given. */
    Optional<Verifier> verifier() {
      return secret.read().map(text -> new Verifier(text, tolerance));
    }
  }

  @Mixin private Console console;

  @Parameters(
      paramLabel = "FILE",
      arity = "0..1",
      description =
          "The request: a line a header, an empty line, the body. Default: stdin, if no header is"
              + " given.")
  private Path file;

  @Mixin private Options options;

  @Option(
      names = {"-H", "--header"},
      paramLabel = "'NAME: VALUE'",
      description = "A header of the request; may be given often.")
  private List<String> headers = List.of();

  @Option(names = "--body", paramLabel = "TEXT", description = "The body.")
  private String body;

  @Option(
      names = "--body-file",
      paramLabel = "FILE",
      description = "A file with exactly the bytes of the body; - is stdin.")
  private Path bodyFile;

  @Option(
      names = "--at",
      converter = PastTime.class,
      description = "When it was received: " + PastTime.FORMS + ". Default: now.")
  private Instant at;

  @Override
  public Integer call() {
    Verifier verifier =
        options
            .verifier()
            .orElseThrow(() -> console.wrongUsage("--secret or --secret-file is needed"));
    if (body != null && bodyFile != null) {
      throw console.wrongUsage("--body and --body-file: give one");
    }
    Instant received = at == null ? Instant.now() : at;
    PastedRequest request = request();
    // Editors and terminals end the last line, which is not the sender's doing.
    PastedRequest trimmed = hasBody() ? request : request.withoutLastLineBreak();
    List<Finding> findings = verifier.check(trimmed.headers(), trimmed.body(), received);
    if (!isGood(findings) && trimmed.body().length != request.body().length) {
      List<Finding> exact = verifier.check(request.headers(), request.body(), received);
      findings = isGood(exact) ? exact : findings;
    }
    console.print(json(findings), VerifyCommand::words);
    return isGood(findings) ? ExitCode.OK : ExitCode.FAILED;
  }

  private boolean hasBody() {
    return body != null || bodyFile != null;
  }

  /** The request as it is given: pasted, by options, or some of both. */
  private PastedRequest request() {
    Map<String, String> given = PastedRequest.noHeaders();
    for (String header : headers) {
      if (!PastedRequest.addHeader(given, header)) {
        throw console.wrongUsage("'" + header + "' is no header; write 'Name: value'");
      }
    }
    byte[] bytes =
        bodyFile != null
            ? Input.bytes(bodyFile)
            : String.valueOf(body).getBytes(StandardCharsets.UTF_8);
    if (file == null && !given.isEmpty()) {
      return new PastedRequest(given, hasBody() ? bytes : Input.bytes(STDIN));
    }
    PastedRequest read = PastedRequest.parse(Input.bytes(file == null ? STDIN : file));
    read.headers().putAll(given);
    return hasBody() ? new PastedRequest(read.headers(), bytes) : read;
  }

  /** A request that is to be trusted bears at least one signature, and none that does not hold. */
  static boolean isGood(List<Finding> findings) {
    return findings.stream().allMatch(Finding::holds);
  }

  static ObjectNode json(List<Finding> findings) {
    ObjectNode json = Json.object().put("valid", isGood(findings));
    ArrayNode schemes = json.putArray("schemes");
    for (Finding finding : findings) {
      schemes
          .addObject()
          .put("scheme", finding.scheme())
          .put("valid", finding.holds())
          .put("fault", finding.holds() ? null : finding.fault().key())
          .put("message", finding.message());
    }
    return json;
  }

  static String words(JsonNode json) {
    return TABLE.of(json.path("schemes"))
        + (json.path("valid").asBoolean()
            ? "The request is genuine."
            : "Do not trust the request.");
  }
}

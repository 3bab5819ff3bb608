package io.crmwebhooks.cli;

import io.crmwebhooks.verify.Finding;
import io.crmwebhooks.verify.PastedRequest;
import io.crmwebhooks.verify.Verifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code crm-webhooks verify}. */
@Command(
    name = "verify",
    description = {
      "Checks the signatures of a request that somebody has received, and says which part is wrong. It needs no"
          + " server and no database."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:genuine", "1:not to be trusted", "2:wrong usage"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  Paste the headers, an empty line and the body, then Ctrl-D:",
      "    crm-webhooks verify --secret-file secret.txt",
      "  crm-webhooks verify --secret whsec_… request.txt",
      "  crm-webhooks verify --secret … -H 'X-Twenty-Webhook-Timestamp: 1739201450123' \\",
      "    -H 'X-Twenty-Webhook-Signature: 110f…' --body-file body.json --at 2025-02-10T15:30:50Z"
    })
public final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "FILE",
      arity = "0..1",
      description =
          "The request: a line a header, an empty line, the body. Default: stdin, if no header is"
              + " given.")
  private Path file;

  @Mixin private VerifyOptions options;

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

  @Option(names = "--json", description = "Print JSON, for scripts.")
  private boolean json;

  @Override
  public Integer call() {
    Console console = new Console(spec, json);
    Verifier verifier =
        options
            .verifier()
            .orElseThrow(() -> console.wrongUsage("--secret or --secret-file is needed"));
    List<Finding> findings = findings(verifier, console);
    console.print(Verdict.json(findings), Verdict::words);
    return Verdict.isGood(findings) ? ExitCode.OK : ExitCode.FAILED;
  }

  private List<Finding> findings(Verifier verifier, Console console) {
    Instant received = at == null ? Instant.now() : at;
    if (body != null && bodyFile != null) {
      throw console.wrongUsage("--body and --body-file: give one");
    }
    PastedRequest request = pasted(console);
    if (body != null || bodyFile != null) {
      byte[] bytes = body != null ? body.getBytes(StandardCharsets.UTF_8) : Input.bytes(bodyFile);
      return verifier.check(request.headers(), bytes, received);
    }
    // Editors and terminals end the last line, which is not the sender's doing.
    PastedRequest trimmed = request.withoutLastLineBreak();
    List<Finding> found = verifier.check(trimmed.headers(), trimmed.body(), received);
    return Verdict.isGood(found) || trimmed.body().length == request.body().length
        ? found
        : better(found, verifier.check(request.headers(), request.body(), received));
  }

  private static List<Finding> better(List<Finding> trimmed, List<Finding> exact) {
    return Verdict.isGood(exact) ? exact : trimmed;
  }

  private PastedRequest pasted(Console console) {
    Map<String, String> given = PastedRequest.noHeaders();
    for (String header : headers) {
      if (!PastedRequest.addHeader(given, header)) {
        throw console.wrongUsage("'" + header + "' is no header; write 'Name: value'");
      }
    }
    boolean bodyIsElsewhere = body != null || bodyFile != null;
    if (file == null && !given.isEmpty()) {
      return new PastedRequest(given, bodyIsElsewhere ? new byte[0] : Input.bytes(Path.of("-")));
    }
    PastedRequest read = PastedRequest.parse(Input.bytes(file == null ? Path.of("-") : file));
    read.headers().putAll(given);
    return read;
  }
}

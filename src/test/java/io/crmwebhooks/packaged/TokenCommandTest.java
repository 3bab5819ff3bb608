package io.crmwebhooks.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code crm-webhooks token} as an operator types it. */
@Tag("packaged")
class TokenCommandTest {
  private static final Path SCRIPT =
      Path.of("target", "crm-webhooks", "bin", "crm-webhooks").toAbsolutePath();

  private record Ran(int code, String output) {}

  private static Ran run(TestDatabase database, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(SCRIPT.toString(), "token"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("WEBHOOKS_"));
    builder.environment().put("WEBHOOKS_DATABASE_URL", database.url());
    builder.environment().put("WEBHOOKS_LOG_LEVEL", "ERROR");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Ran(process.exitValue(), output);
  }

  @Test
  void a_token_is_made_listed_and_revoked() throws IOException, InterruptedException {
    try (TestDatabase database = TestDatabase.create()) {
      Ran added = run(database, "add", "night shift", "--role", "operate", "-w", "acme");
      assertThat(added.code()).as(added.output()).isZero();
      assertThat(added.output()).containsPattern("(?m)^token crmw_[A-Za-z0-9_-]{43}$");
      String id = added.output().lines().findFirst().orElseThrow().replace("added token ", "");
      String token = added.output().replaceAll("(?s).*(crmw_\\S+).*", "$1");
      Ran again = run(database, "add", "night shift", "-w", "acme");
      assertThat(again.code()).isEqualTo(1);
      assertThat(again.output()).contains("there is a token named \"night shift\"");
      assertThat(run(database, "revoke", id).code()).isZero();
      String listed = run(database, "list").output();
      assertThat(listed)
          .contains(id, "operate", "night shift", "revoked 20", "acme")
          .doesNotContain(token);
    }
  }
}
